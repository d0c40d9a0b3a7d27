// What is published: exactly the files that it needs, and they work where they are installed.
import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { publint } from 'publint'
import { inRoot, run } from '../../scripts/run.mjs'
import { install } from '../package/installed.mjs'

const quiet = { quiet: true }

let installed
let folder
let packed

before(async () => {
  installed = await install()
  ;({ folder, packed } = installed)
})
after(() => installed.close())

const inConsumer = async (file, source) => {
  await writeFile(path.join(folder, file), source)
  return path.join(folder, file)
}

/** Scripts that were written as such. */
const scripts = () => packed.files.map(({ path }) => path).filter((file) => /^dist\/[^/]+\.js$/.test(file))

/** What a script of the package imports of it, at once or later. */
const IMPORTED = /(?:from|import)\s*\(?["']\.\/([^"']+)["']/g

/** All scripts that an entry leads to. */
async function reached(...entries) {
  const found = new Set(entries)
  for (const file of found) {
    const source = await readFile(inRoot('dist', file), 'utf8')
    for (const [, name] of source.matchAll(IMPORTED)) found.add(name)
  }
  return [...found].sort()
}

const ENTRIES = [
  'browser',
  'node',
  'inline',
  'inline_node',
  'slim',
  'slim_node',
  'testing',
  'cli',
  'browser_worker',
].map((name) => `${name}.js`)

test('the package has the scripts that its entries lead to with their maps, types, the wasm, and its papers', async () => {
  const sources = await readdir(inRoot('js'), { recursive: true })
  const types = sources
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.startsWith('cli'))
    .map((file) => `dist/${file.split(path.sep).join('/').slice(0, -'.ts'.length)}.d.ts`)
  const expected = [
    'CHANGELOG.md',
    'LICENSE-APACHE',
    'LICENSE-MIT',
    'README.md',
    'package.json',
    ...(await reached(...ENTRIES)).flatMap((script) =>
      script.startsWith('wasm/') ? `dist/${script}` : [`dist/${script}`, `dist/${script}.map`],
    ),
    'dist/wasm/zarr_wasm.d.ts',
    'dist/wasm/zarr_wasm_bg.wasm',
    'dist/wasm/zarr_wasm_bg.wasm.d.ts',
    'dist/wasm/zarr_wasm_rare.wasm',
    ...types,
  ]
  assert.deepEqual(packed.files.map(({ path }) => path).sort(), expected.sort())
})

test('every file that package.json names is in it, and it has three dependencies, that are loaded where they are needed', async () => {
  const manifest = JSON.parse(await readFile(inRoot('package.json'), 'utf8'))
  const files = packed.files.map(({ path }) => `./${path}`)
  const named = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string' ? entry : Object.values(entry),
  )
  for (const file of [...named, ...manifest.sideEffects, manifest.main, manifest.types])
    assert.ok(files.includes(file), file)
  assert.deepEqual(Object.keys(manifest.dependencies), ['hyparquet', 'hyparquet-compressors', 'undici'])
  for (const kind of ['peerDependencies', 'optionalDependencies']) assert.equal(manifest[kind], undefined)
})

test('what is Node’s alone, no entry for browsers leads to', async () => {
  const outside = async (entry) => {
    const sources = (await reached(entry)).map((file) => readFile(inRoot('dist', file), 'utf8'))
    const names = (await Promise.all(sources)).join('\n').matchAll(/(?:from|import)\s*["'](\w[^"']*)["']/g)
    return new Set([...names].map(([, name]) => name))
  }
  for (const entry of ['browser.js', 'inline.js', 'slim.js'])
    assert.deepEqual(await outside(entry), new Set(), entry)
  for (const entry of ['node.js', 'inline_node.js', 'slim_node.js']) {
    const packages = [...(await outside(entry))].filter((name) => !name.startsWith('node:'))
    assert.deepEqual(packages, ['undici'], entry)
  }
})

test('files outside of it are named where bundlers look for them, and only in the entries that have them', async () => {
  const naming = async (text) => {
    const found = []
    for (const file of scripts()) {
      if ((await readFile(inRoot(file), 'utf8')).includes(text)) found.push(file)
    }
    return found.sort()
  }
  for (const name of ['zarr_wasm_bg', 'zarr_wasm_rare']) {
    const place = `new URL("./wasm/${name}.wasm",import.meta.url)`
    assert.deepEqual(await naming(place), ['dist/browser.js', 'dist/node.js'])
  }
})

test('publint has nothing to say', async () => {
  const { messages } = await publint({ pkgDir: inRoot(''), strict: true })
  assert.deepEqual(messages, [])
})

test('its types are those of what is imported, wherever packages of ECMAScript modules are', async () => {
  const attw = inRoot('node_modules/@arethetypeswrong/cli/dist/index.js')
  const tarball = path.join(folder, packed.filename)
  const output = await run('node', [attw, tarball, '--profile', 'esm-only', '--format', 'json'], quiet)
  const { analysis } = JSON.parse(output)
  const entries = Object.keys(analysis.entrypoints).sort()
  const manifest = JSON.parse(await readFile(inRoot('package.json'), 'utf8'))
  assert.deepEqual(entries, Object.keys(manifest.exports).sort())
  for (const entry of entries) {
    const { 'node16-esm': node, bundler } = analysis.entrypoints[entry].resolutions
    for (const { resolution } of [node, bundler]) assert.ok(resolution, entry)
  }
  const elsewhere = ['node10', 'node16-cjs']
  const problems = analysis.problems.filter(({ resolutionKind }) => !elsewhere.includes(resolutionKind))
  assert.deepEqual(problems, [])
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

test('scripts are smaller than their sources, which their maps hold', async () => {
  const inPackage = (file) => readFile(path.join(folder, 'node_modules/zarr-wasm', file), 'utf8')
  let bytes = 0
  let sourceBytes = 0
  for (const file of scripts()) {
    const script = await inPackage(file)
    const [, map] = script.match(/^\/\/# sourceMappingURL=(\S+)\n$/m) ?? [undefined, 'none']
    assert.equal(map, `${path.basename(file)}.map`, file)
    const { sources, sourcesContent } = JSON.parse(await inPackage(`${file}.map`))
    const places = sources.map((source) => path.resolve(inRoot(path.dirname(file)), source))
    assert.deepEqual(sourcesContent, await Promise.all(places.map((place) => readFile(place, 'utf8'))), file)
    bytes += script.length
    sourceBytes += sourcesContent.join('').length
  }
  assert.ok(bytes < sourceBytes / 2)
})

test('installed, it has a program', async () => {
  const { name, version, bin } = JSON.parse(await readFile(inRoot('package.json'), 'utf8'))
  assert.deepEqual(bin, { [name]: 'dist/cli.js' })
  const program = path.join(folder, 'node_modules/.bin', name)
  assert.equal(await run(program, ['--version'], quiet), `${version}\n`)
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
