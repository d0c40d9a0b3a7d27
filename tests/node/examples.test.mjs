// Runs the examples of the API reference: each `@example` of a public name, as a module of its own.
//
// The URLs of an example are of a server here, and there are the names that it takes for granted: those of the library,
// `array`, `group`, `store`, `draw`.
import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { inRoot, run } from '../../scripts/run.mjs'
import { serveObjects } from '../servers/object_server.mjs'
import { arrayDocument, arrayObjects, groupDocument, json } from './arrays.mjs'

/** Within the package, so that it can be imported by its name. */
const folder = inRoot('build/examples')

const HOST = 'https://host/'

const EXAMPLE = /^ *\* @example(.*(?:\n *\*(?! *@|\/).*)*)/gm

const shape = [20, 20, 20]
const chunks = [10, 10, 10]
const documents = {
  temperature: arrayDocument(shape, chunks),
  'surface/temperature': arrayDocument(shape, chunks),
  surface: groupDocument(),
  lat: arrayDocument([20], [20]),
}
const consolidated_metadata = { kind: 'inline', must_understand: false, metadata: documents }
const objects = new Map([
  ['/store.zarr/zarr.json', json({ ...groupDocument(), consolidated_metadata })],
  ...arrayObjects(shape, chunks, { name: '/store.zarr/temperature' }),
  ...arrayObjects(shape, chunks, { name: '/store.zarr/surface/temperature' }),
  ...arrayObjects([20], [20], { name: '/store.zarr/lat' }),
])

const files = (await readdir(inRoot('js'), { recursive: true })).filter((file) => file.endsWith('.ts')).sort()
const examples = []
for (const file of files) {
  const source = await readFile(inRoot('js', file), 'utf8')
  for (const [, text] of source.matchAll(EXAMPLE)) {
    const code = text.replaceAll(/^ *\* ?/gm, '').trim()
    examples.push({ file, code })
  }
}

let server
before(async () => {
  server = await serveObjects(
    new Map([...objects, ['/zarr_wasm_bg.wasm', await readFile(inRoot('dist/wasm/zarr_wasm_bg.wasm'))]]),
  )
  await mkdir(folder, { recursive: true })
})
after(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

test('there are examples of all that does something', () => {
  const named = (name) => examples.some(({ code }) => code.includes(`${name}(`))
  const calls = [
    'open',
    'slice',
    'configure',
    'stats',
    'registerCodec',
    'provideWasm',
    'scripted',
    'fetchFrom',
  ]
  const methods = [
    'array.get',
    'array.is',
    'array.stream',
    'array.plan',
    'oindex.get',
    'vindex.get',
    'blocks.get',
  ]
  const ofGroups = ['group.open', 'group.load', 'group.children']
  const missing = [...calls, ...methods, ...ofGroups, 'new Priority'].filter((name) => !named(name))
  assert.deepEqual(missing, [])
})

examples.forEach(({ file, code }, at) => {
  test(`${file}: ${code.split('\n')[0]}`, async () => {
    const program = `${folder}/example-${at}.mjs`
    // What an example makes has the name of its own, also where that is one of those that others take for granted.
    const source = `
import * as library from 'zarr-wasm/slim'
import * as testing from 'zarr-wasm/testing'
import 'zarr-wasm'
const { configure, open, Priority, registerCodec, provideWasm, slice, stats, ZarrError } = library
const { fetchFrom, scripted, StatusError } = testing
const group = await open('${HOST}store.zarr', { kind: 'group' })
const array = await group.open('temperature', { kind: 'array' })
const store = new Map([['/zarr.json', new TextEncoder().encode(${JSON.stringify(JSON.stringify(arrayDocument([2], [2])))})]])
const draw = () => {}
{
${code}
}
`
    await writeFile(program, source.replaceAll(HOST, `${server.origin}/`))
    await run('node', [program], { quiet: true })
  })
})
