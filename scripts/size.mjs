// Prints what a page downloads, and fails if that is more than its budget: one for each of these, or the given one for all.
//   node scripts/size.mjs [--budget BYTES] [--folder FOLDER]
// 1. The first download: dist/browser.js, every script that it imports statically, directly or not, and the wasm that they
//    name and that has glue, as `…_bg.wasm` says. `import()` is not followed: what it brings comes later.
// 2. The scripts of it.
// 3. Every other wasm in dist/wasm, which is fetched when it is first needed: a download of its own.
// Each file counts as it is after gzip at level 9.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { Failure, inRoot, main } from './run.mjs'

const FIRST_BUDGET = 200_000

const SCRIPTS_BUDGET = 25_000

/** The wasm of the rare codecs has all others, too. */
const LATER_BUDGET = 240_000

/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, minified or not: never `import('x')`. */
const STATIC_IMPORT = /(?:^|[;}])\s*(?:import|export)\b(?:[^'"();]*\bfrom)?\s*['"]([^'"]+)['"]/gm

export async function size(args = process.argv.slice(2)) {
  const folder = option(args, '--folder') ?? inRoot('dist')
  const given = option(args, '--budget')
  const within = (budget) => (given === undefined ? budget : Number(given))
  if (!Number.isSafeInteger(within(0))) throw new Failure('--budget is a number of bytes')
  const first = firstDownload(path.join(folder, 'browser.js'))
  const wasm = path.join(folder, 'wasm')
  const later = filesIn(wasm, '.wasm').filter((file) => !first.includes(file))
  const scripts = first.filter((file) => file.endsWith('.js'))
  const downloads = [
    ['first download', first, within(FIRST_BUDGET)],
    ['scripts of it', scripts, within(SCRIPTS_BUDGET)],
    ...later.map((file) => [path.basename(file), [file], within(LATER_BUDGET)]),
  ]
  const over = downloads.filter(([name, files, budget]) => report(name, files, folder, budget) > budget)
  if (over.length > 0) throw new Failure(`over the budget: ${over.map(([name]) => name)}`)
}

function option(args, name) {
  const at = args.indexOf(name)
  return at < 0 ? undefined : args[at + 1]
}

function filesIn(folder, extension) {
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  return names.filter((name) => name.endsWith(extension)).map((name) => path.join(folder, name))
}

/** `new URL('./x_bg.wasm', …)`, as wasm-bindgen names a wasm with glue. */
const WASM = /new URL\(\s*["'`]([^"'`]+_bg\.wasm)["'`]/g

/** The entry, the scripts that it imports, and the wasm that they name. */
function firstDownload(entry) {
  const found = new Set([entry])
  const wasm = new Set()
  for (const file of found) {
    if (!existsSync(file)) throw new Failure(`${file} is not there: npm run build`)
    const source = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
    for (const [, specifier] of source.matchAll(STATIC_IMPORT))
      found.add(path.resolve(path.dirname(file), specifier))
    for (const [, specifier] of source.matchAll(WASM)) wasm.add(path.resolve(path.dirname(file), specifier))
  }
  if (wasm.size === 0) throw new Failure(`${entry} leads to no wasm`)
  return [...found, ...wasm]
}

/** Prints a download and answers how many bytes it has. */
function report(name, files, folder, budget) {
  const rows = files.map((file) => {
    const bytes = readFileSync(file)
    return [path.relative(folder, file), bytes.length, gzipSync(bytes, { level: 9 }).length]
  })
  const sum = (column) => rows.reduce((total, row) => total + row[column], 0)
  const line = (label, raw, compressed) =>
    console.log(`    ${label.padEnd(34)} ${shown(raw)} ${shown(compressed)}`)
  console.log(`\n${name}${' '.repeat(Math.max(0, 44 - name.length))}raw       gzip`)
  for (const row of rows) line(...row)
  line('together', sum(1), sum(2))
  console.log(`    ${sum(2) > budget ? 'OVER' : 'within'} the budget of${shown(budget)} bytes`)
  return sum(2)
}

const shown = (bytes) => bytes.toLocaleString('en').padStart(10)

await main(import.meta, size)
