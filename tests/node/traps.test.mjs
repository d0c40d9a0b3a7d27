// A decoder that traps costs its own read, and nothing else: with a build that has a codec that traps when it is told to.
import assert from 'node:assert/strict'
import path from 'node:path'
import { before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { buildTrapping } from '../../scripts/build.mjs'
import { arrayObjects, range, shardedObjects } from './arrays.mjs'

const CODECS = [{ name: 'bytes', configuration: { endian: 'little' } }, 'test.trap']
const TRAP = new Uint8Array(8).fill(0xff)

let open
let ZarrError
before(async () => {
  const entry = pathToFileURL(path.join(await buildTrapping(), 'node.js')).href
  ;({ open, ZarrError } = await import(entry))
})

/** A hundred elements in chunks of four; the chunks at `trapping` trap. */
function hundred(...trapping) {
  const objects = arrayObjects([100], [4], { codecs: CODECS })
  for (const chunk of trapping) objects.set(`/c/${chunk}`, TRAP)
  return open(objects, { kind: 'array' })
}

const expected = range(0, 100)

function isTrap(error, key, message) {
  assert.ok(error instanceof ZarrError, `${error}`)
  assert.deepEqual([error.code, error.key], ['corrupt-chunk', key])
  assert.equal(error.message, message)
  assert.ok(error.cause instanceof WebAssembly.RuntimeError)
}

test('exactly the read whose chunk traps fails; those in flight beside it and the next one are right', async () => {
  const [good, bad, twice] = await Promise.all([hundred(), hundred(7), hundred(3, 20)])
  const reads = [good, bad, good, twice, good, bad].map((array) => array.get())
  const settled = await Promise.allSettled(reads)
  const values = settled.map(({ value }) => value && Array.from(value.data))
  assert.deepEqual(values, [expected, undefined, expected, undefined, expected, undefined])
  for (const at of [1, 5]) {
    isTrap(settled[at].reason, 'c/7', 'c/7: the decoder failed: unreachable')
  }
  assert.ok(['c/3', 'c/20'].includes(settled[3].reason.key))
  assert.deepEqual(Array.from((await good.get()).data), expected)
  // Of the array with the bad chunk, all the others.
  assert.deepEqual(Array.from((await bad.get([{ start: 0, stop: 28, step: 1 }])).data), expected.slice(0, 28))
  assert.deepEqual(Array.from((await bad.get([{ start: 32, stop: null, step: 1 }])).data), expected.slice(32))
})

test('a trap in an inner chunk names it', async () => {
  const objects = shardedObjects(32, 16, 4, {
    codecs: CODECS,
    encode: (bytes) => (bytes[0] === 20 ? TRAP : bytes),
  })
  const array = await open(objects, { kind: 'array' })
  const read = await array.get().then(
    () => assert.fail('it did not fail'),
    (error) => error,
  )
  isTrap(read, 'c/1', 'c/1: inner chunk [1]: the decoder failed: unreachable')
  assert.deepEqual(Array.from((await array.get([{ start: 0, stop: 20, step: 1 }])).data), range(0, 20))
})
