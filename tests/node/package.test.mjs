// What is published: exactly the files that it needs, and they work where they are installed.
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { inRoot, run } from '../../scripts/run.mjs'

const quiet = { quiet: true }

let folder
let packed

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zarr-wasm-'))
  const answer = await run('npm', ['pack', '--json', '--pack-destination', folder], quiet)
  packed = JSON.parse(answer)[0]
  await writeFile(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  const tarball = `./${packed.filename}`
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], {
    ...quiet,
    cwd: folder,
  })
})
after(() => rm(folder, { recursive: true }))

const inConsumer = async (file, source) => {
  await writeFile(path.join(folder, file), source)
  return path.join(folder, file)
}

test('the package has the compiled files with their types, the wasm, and its papers', async () => {
  const sources = await readdir(inRoot('js'), { recursive: true })
  const types = sources
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `dist/${file.split(path.sep).join('/').slice(0, -'.ts'.length)}.d.ts`)
  const expected = [
    'CHANGELOG.md',
    'LICENSE-APACHE',
    'LICENSE-MIT',
    'README.md',
    'package.json',
    ...['browser', 'node', 'browser_worker', 'node_worker'].flatMap((entry) => [
      `dist/${entry}.js`,
      `dist/${entry}.js.map`,
    ]),
    'dist/wasm/zarr_wasm.d.ts',
    'dist/wasm/zarr_wasm_bg.wasm',
    'dist/wasm/zarr_wasm_bg.wasm.d.ts',
    'dist/wasm/zarr_wasm_rare.wasm',
    ...types,
  ]
  assert.deepEqual(packed.files.map(({ path }) => path).sort(), expected.sort())
})

test('every file that package.json names is in it, and there is one dependency, of the entry for Node', async () => {
  const manifest = JSON.parse(await readFile(inRoot('package.json'), 'utf8'))
  const files = packed.files.map(({ path }) => `./${path}`)
  const entries = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string' ? entry : Object.values(entry),
  )
  for (const file of [...entries, ...manifest.sideEffects]) assert.ok(files.includes(file), file)
  assert.deepEqual(Object.keys(manifest.dependencies), ['undici'])
  for (const kind of ['peerDependencies', 'optionalDependencies']) assert.equal(manifest[kind], undefined)
  const importing = []
  for (const file of files.filter((file) => /dist\/[^/]*\.js$/.test(file))) {
    if (/from\s*["']undici["']/.test(await readFile(inRoot(file), 'utf8'))) importing.push(file)
  }
  assert.deepEqual(importing, ['./dist/node.js'])
})

test('nothing in it names a folder of the machine that built it', async () => {
  const cargo = process.env.CARGO_HOME ?? path.join(homedir(), '.cargo')
  for (const { path: file } of packed.files) {
    const content = await readFile(path.join(folder, 'node_modules/zarr-wasm', file), 'latin1')
    for (const place of [inRoot(''), path.join(cargo, path.sep)]) {
      assert.ok(!content.includes(place), `${file} names ${place}`)
    }
  }
})

test('its wasm names no source files', async () => {
  for (const file of packed.files.map(({ path }) => path).filter((file) => file.endsWith('.wasm'))) {
    const content = await readFile(path.join(folder, 'node_modules/zarr-wasm', file), 'latin1')
    assert.deepEqual(content.match(/[\w./-]+\.rs\b/g), null, file)
  }
})

test('every script is smaller than its sources, which its map holds', async () => {
  const inPackage = (file) => readFile(path.join(folder, 'node_modules/zarr-wasm', file), 'utf8')
  for (const file of packed.files.map(({ path }) => path).filter((file) => file.endsWith('.js'))) {
    const script = await inPackage(file)
    const [, map] = script.match(/^\/\/# sourceMappingURL=(\S+)\n$/m) ?? [undefined, 'none']
    assert.equal(map, `${path.basename(file)}.map`, file)
    const { sources, sourcesContent } = JSON.parse(await inPackage(`${file}.map`))
    const places = sources.map((source) => path.resolve(inRoot(path.dirname(file)), source))
    assert.deepEqual(sourcesContent, await Promise.all(places.map((place) => readFile(place, 'utf8'))), file)
    assert.ok(script.length < sourcesContent.join('').length / 2, file)
  }
})

test('installed, it reads an array, and lets Node end', async () => {
  const script = await inConsumer(
    'read.js',
    `import { open } from 'zarr-wasm'
const zarray = { zarr_format: 2, shape: [2], chunks: [2], dtype: '|u1', compressor: null, filters: null, fill_value: 0, order: 'C' }
const store = new Map([['/.zarray', new TextEncoder().encode(JSON.stringify(zarray))], ['/0', Uint8Array.of(7, 8)]])
const array = await open(store, { kind: 'array' })
console.log(array.dtype, (await array.get()).data)
`,
  )
  assert.equal(await run('node', [script], { ...quiet, cwd: folder }), 'uint8 Uint8Array(2) [ 7, 8 ]\n')
})

test('installed, its types compile and say what they should', async () => {
  const source = await inConsumer(
    'types.ts',
    `import { configure, open, registerCodec, slice, stats, ZarrArray, ZarrError, ZarrGroup } from 'zarr-wasm'
import type { Chunk, CodecDefinition, CodecInfo, ErrorCode, GetOptions, Selection, Stats, Store, TypedArray } from 'zarr-wasm'

const array: ZarrArray = await open('https://host/a', { kind: 'array', signal: AbortSignal.timeout(1) })
const group: ZarrGroup = await open(new URL('https://host/'), { kind: 'group' })
const either: ZarrArray | ZarrGroup = await open(new Map<string, Uint8Array>())
const below: ZarrArray = await group.open('a/b', { kind: 'array' })

const selection: Selection = [0, -1n, slice(3), slice(1, null, 2), null, '...']
const options: GetOptions = { out: new Float32Array(3), signal: new AbortController().signal }
const chunk: Chunk = await array.get(selection, options)
const data: TypedArray = chunk.data
const numbers: number[] = [...chunk.shape, ...chunk.stride, ...array.shape, ...(below.shards ?? below.chunks ?? [])]
const extents: number[] = (array.chunkEdges ?? []).flatMap((axis) => axis.map(([extent, count]) => extent * count))

const store: Store = {
  get: async (key, options) => (options?.signal?.aborted ? undefined : new TextEncoder().encode(key)),
  getRange: (_key, range) => new Uint8Array('offset' in range ? range.length : range.suffixLength),
}
await open(store)

const codec: CodecDefinition = {
  kind: 'bytes-to-bytes',
  decode: (bytes: Uint8Array, { decodedLength = 0 }: CodecInfo) => bytes.slice(0, decodedLength),
}
registerCodec('a', () => codec)
registerCodec('b', async () => ({ kind: 'array-to-bytes', decode: async (bytes, { dtype }) => new ArrayBuffer(dtype?.length ?? 0) }))

configure({ concurrency: 8 })
const { requests, bytes, inFlight, maxInFlight }: Stats = stats()
export const all = [either, data, numbers, requests, bytes, inFlight, maxInFlight]

export function code(error: unknown): ErrorCode | undefined {
  return error instanceof ZarrError ? error.code : undefined
}

// @ts-expect-error: it is an array or a group
const wrongKind: ZarrGroup = await open('https://host/a', { kind: 'array' })
// @ts-expect-error: index arrays are not basic selections
await array.get([[0, 1]])
// @ts-expect-error: no such setting
configure({ decoders: 4 })
// @ts-expect-error: no such kind
registerCodec('c', () => ({ kind: 'filter', decode: (bytes) => bytes }))
// @ts-expect-error: what an array says is read-only
array.shape = []
// @ts-expect-error: not a code
export const isOther = (error: ZarrError) => error.code === 'other'
export { wrongKind }
`,
  )
  const compile = [inRoot('node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--target', 'es2022']
  await run('node', [...compile, '--module', 'nodenext', source], { ...quiet, cwd: folder })
})
