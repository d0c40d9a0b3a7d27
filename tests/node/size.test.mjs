// The budget of the download: what counts, and that it can be exceeded.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { inRoot, run } from '../../scripts/run.mjs'

const FILES = {
  'browser.js': `import { locate } from './wasm.js'
/* import './in_a_comment.js' */
export * from './index.js'
locate(() => new URL('./wasm/later.wasm', import.meta.url))
`,
  'index.js': `import {
  one,
} from "./several_lines.js"
import './for_its_effect.js'
export const later = () => import('./later.js')
`,
  'several_lines.js': "import './index.js'\n",
  'for_its_effect.js':
    'import{a}from"./minified.js";function l(){return import("./later.js")}export*from"./minified_too.js";export{a as b};',
  'minified.js': '',
  'minified_too.js': '',
  'wasm.js': 'const file = new URL("./wasm/first_bg.wasm", import.meta.url)\n',
  'wasm/first_bg.wasm': 'first',
  'wasm/later.wasm': 'a wasm that comes later',
  'later.js': 'later',
  'node.js': "export * from './index.js'\n",
}
const COUNTED = [
  'browser.js',
  'wasm.js',
  'index.js',
  'several_lines.js',
  'for_its_effect.js',
  'minified.js',
  'minified_too.js',
  'wasm/first_bg.wasm',
]

const total = (numbers) => numbers.reduce((sum, number) => sum + number, 0)
const gzipped = (name) => gzipSync(FILES[name], { level: 9 }).length
const size = (...args) =>
  run('node', [inRoot('scripts/size.mjs'), '--folder', folder, ...args], { quiet: true })

let folder

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zarr-wasm-size-'))
  await mkdir(path.join(folder, 'wasm'))
  for (const [name, text] of Object.entries(FILES)) await writeFile(path.join(folder, name), text)
})
after(() => rm(folder, { recursive: true }))

test('the first download is what the entry imports, and its wasm; its scripts, and another wasm, count by themselves', async () => {
  const report = await size()
  const rows = [...report.matchAll(/^ {4}(\S+) +([\d,]+) +([\d,]+)$/gm)].map(([, name, ...numbers]) => [
    name,
    ...numbers.map((number) => Number(number.replaceAll(',', ''))),
  ])
  const row = (name) => [name, FILES[name].length, gzipped(name)]
  const sums = (names) => [
    'together',
    total(names.map((name) => FILES[name].length)),
    total(names.map(gzipped)),
  ]
  const later = 'wasm/later.wasm'
  const scripts = COUNTED.filter((name) => name.endsWith('.js'))
  const downloads = [COUNTED, scripts, [later]]
  assert.deepEqual(
    rows,
    downloads.flatMap((names) => [...names.map(row), sums(names)]),
  )
})

test('more than the budget is a failure that says which download it is', async () => {
  const sum = total(COUNTED.map(gzipped))
  await size('--budget', String(sum))
  await assert.rejects(size('--budget', String(sum - 1)), /over the budget: first download\n/)
  const least = gzipped('wasm/later.wasm') - 1
  await assert.rejects(
    size('--budget', String(least)),
    /over the budget: first download,scripts of it,later.wasm\n/,
  )
})

test('an entry that leads to no wasm, or to a file that is not there, is a failure', async () => {
  await writeFile(path.join(folder, 'browser.js'), "import './index.js'\n")
  await assert.rejects(size(), /leads to no wasm/)
  await writeFile(path.join(folder, 'browser.js'), "import './missing.js'\n")
  await assert.rejects(size(), /missing\.js is not there/)
})
