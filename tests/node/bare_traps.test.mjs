// What scripts/traps.mjs does to a module: panics trap at once, and their places are gone; all else stays.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import binaryen from 'binaryen'
import { withBareTraps } from '../../scripts/traps.mjs'

const FILE = 'src/a.rs'

/** Memory from 1000: a file name, a text, then a location in that file, and four numbers that only look like one. */
const DATA = Buffer.concat([
  Buffer.from(`${FILE}read me!`),
  Buffer.from(Uint32Array.of(1000, FILE.length, 7, 9, 1008, 8, 7, 9).buffer),
])
const escaped = [...DATA].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')

const module = (panic) => {
  const parsed = binaryen.parseText(`(module
    (memory (export "memory") 1)
    (data (i32.const 1000) "${escaped}")
    (global $told (export "told") (mut i32) (i32.const 0))
    (func $${panic} (param i32) (global.set $told (local.get 0)) (unreachable))
    (func $std::thread::panicking (export "panicking") (result i32) (i32.const 1))
    (func $fail (export "fail") (call $${panic} (i32.const 1016)))
  )`)
  parsed.setFeatures(binaryen.Features.MutableGlobals)
  binaryen.setDebugInfo(true)
  return Buffer.from(parsed.emitBinary())
}

const instantiate = async (bytes) => (await WebAssembly.instantiate(bytes)).instance.exports

for (const panic of [
  'core::panicking::panic_fmt',
  '_RNvNtCs1_4core9panicking9panic_fmt',
  'core::option::unwrap_failed',
]) {
  test(`${panic} does nothing but trap`, async () => {
    const [before, after] = await Promise.all([module(panic), withBareTraps(module(panic))].map(instantiate))
    for (const [exports, told] of [
      [before, 1016],
      [after, 0],
    ]) {
      assert.throws(() => exports.fail(), WebAssembly.RuntimeError)
      assert.equal(exports.told.value, told)
      assert.equal(exports.panicking(), 1)
    }
  })
}

test('source locations and the names of their files are zeros, other data stay', async () => {
  const exports = await instantiate(withBareTraps(module('core::panicking::panic_fmt')))
  const expected = Buffer.from(DATA)
  expected.fill(0, 0, FILE.length)
  expected.fill(0, 16, 32)
  assert.deepEqual(Buffer.from(exports.memory.buffer, 1000, DATA.length), expected)
})

test('a module without names of panics is refused', () => {
  assert.throws(
    () => withBareTraps(module('our::function')),
    /no function of the module has the name of one that panics/,
  )
})
