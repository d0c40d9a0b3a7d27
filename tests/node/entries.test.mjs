// The entries beside the usual one: with the wasm in itself, and without any. Each example is a process of its own, because
// what is loaded once is loaded for all entries.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { inRoot, run } from '../../scripts/run.mjs'
import { serve } from '../../scripts/serve.mjs'

let server
before(async () => {
  server = await serve({
    folders: [
      ['/data/', inRoot('tests/fixtures/data')],
      ['/wasm/', inRoot('dist/wasm')],
    ],
  })
})
after(() => server.close())

/** What a program prints that has `read`, which answers the first number of a golden array or the error's code. */
async function printed(entry, program) {
  const source = `
import * as library from '${entry}'
const { open } = library
const read = async (path) => {
  try {
    const array = await open('${server.origin}/data/' + path, { kind: 'array' })
    return Number((await array.get()).data[0])
  } catch (error) {
    return [error.code, error.message]
  }
}
const show = (value) => console.log(JSON.stringify(value))
${program.replaceAll('ORIGIN', server.origin)}`
  const output = await run('node', ['--input-type=module', '--eval', source], { quiet: true })
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const USUAL = 'v3/codec/zstd'
const RARE = 'v3/codec/numcodecs.delta'
const { cases } = JSON.parse(await readFile(inRoot('tests/fixtures/manifest.json'), 'utf8'))
const [usual, rare] = [USUAL, RARE].map((name) => {
  const { dtype, full } = cases.find(({ id }) => id === name)
  assert.equal(dtype, 'int32')
  return Buffer.from(full.base64, 'base64').readInt32LE(0)
})

const both = `show([await read('${USUAL}'), await read('${RARE}')])`

for (const entry of ['zarr-wasm', 'zarr-wasm/inline']) {
  test(`${entry} reads, rare codecs too, and asks for nothing but data`, async () => {
    const before = server.log.length
    assert.deepEqual(await printed(entry, both), [[usual, rare]])
    const asked = server.log.slice(before).filter(({ path }) => !path.startsWith('/data/'))
    assert.deepEqual(asked, [])
  })
}

test('zarr-wasm/slim says what it needs', async () => {
  assert.deepEqual(await printed('zarr-wasm/slim', `show(await read('${USUAL}'))`), [
    ['invalid-argument', 'zarr-wasm/slim has no wasm: call provideWasm before'],
  ])
})

test('zarr-wasm/slim takes the wasm later, and that of rare codecs, too', async () => {
  const program = `
show((await read('${USUAL}'))[0])
library.provideWasm({ engine: 'ORIGIN/wasm/zarr_wasm_bg.wasm' })
show(await read('${USUAL}'))
show(await read('${RARE}'))
library.provideWasm({ engine: 'unused', rare: 'ORIGIN/wasm/zarr_wasm_rare.wasm' })
show(await read('${RARE}'))`
  assert.deepEqual(await printed('zarr-wasm/slim', program), [
    'invalid-argument',
    usual,
    [
      'unsupported',
      `numcodecs.delta: the wasm of rare codecs is not provided: see provideWasm (${server.origin}/data/${RARE})`,
    ],
    rare,
  ])
})

const FILE = 'ORIGIN/wasm/zarr_wasm_bg.wasm'
const BYTES = `await (await fetch('${FILE}')).arrayBuffer()`
const SOURCES = {
  'a URL': `new URL('${FILE}')`,
  'an answer': `await fetch('${FILE}')`,
  'an answer of no type': `new Response(${BYTES})`,
  bytes: `new Uint8Array(${BYTES})`,
  'a buffer': BYTES,
  'a module': `await WebAssembly.compile(${BYTES})`,
  'a function': `() => fetch('${FILE}')`,
}
for (const [name, engine] of Object.entries(SOURCES)) {
  test(`zarr-wasm/slim takes ${name}`, async () => {
    const program = `library.provideWasm({ engine: ${engine} })\nshow(await read('${USUAL}'))`
    assert.deepEqual(await printed('zarr-wasm/slim', program), [usual])
  })
}

test('wasm that is not there, or is none, is a store error that says so', async () => {
  const program = (url) => `library.provideWasm({ engine: '${url}' })\nshow(await read('${USUAL}'))`
  const missing = `${server.origin}/wasm/none.wasm`
  assert.deepEqual(await printed('zarr-wasm/slim', program(missing)), [
    [
      'store',
      `the library's wasm did not load: status 404 (${missing}); copy it there, or import zarr-wasm/inline`,
    ],
  ])
  const [[code, message]] = await printed('zarr-wasm/slim', program('ORIGIN/wasm/zarr_wasm.d.ts'))
  assert.equal(code, 'store')
  assert.match(message, /^the library's wasm did not load: WebAssembly\.compile\(\): expected magic word/)
})

test('whichever entries a program meets, they are one library', async () => {
  const program = `
const { ZarrError, ZarrArray, stats } = await import('zarr-wasm')
await read('${USUAL}')
show([library.ZarrError === ZarrError, library.ZarrArray === ZarrArray, stats().requests > 0])`
  for (const entry of ['zarr-wasm/inline', 'zarr-wasm/slim']) {
    assert.deepEqual(await printed(entry, program), [[true, true, true]], entry)
  }
})

test('CommonJS has them, too', async () => {
  for (const entry of ['zarr-wasm', 'zarr-wasm/inline', 'zarr-wasm/slim']) {
    const program = `console.log(typeof require('${entry}').open)`
    const output = await run('node', ['--input-type=commonjs', '--eval', program], { quiet: true })
    assert.equal(output, 'function\n')
  }
})
