// What chunks that claim more than they are cost, by the memory of the wasm instances that meet them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { configure, open } from 'zarr-wasm'
import { arrayDocument, json } from './arrays.mjs'
import { failure } from './failure.mjs'

// Those of workers are not seen here.
configure({ workers: 0 })

const claims = JSON.parse(readFileSync(new URL('../claims.json', import.meta.url)))

const MARGIN = 1 << 20

/** The memories of all instances that were made since. */
const memories = []
let isMemoryLeft = true
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...args) {
    if (!isMemoryLeft) throw new RangeError('Cannot allocate Wasm memory')
    super(...args)
    memories.push(this.exports.memory)
  }
}

const used = () => memories.map(({ buffer }) => buffer.byteLength)

/** An array of one chunk; of no chunk where there are no bytes for it. */
const opened = ({ codecs, dataType, shape }, chunk) => {
  const fill = dataType === 'string' ? 'x' : 1
  const members = { data_type: dataType, codecs, fill_value: fill }
  const objects = new Map([['/zarr.json', json(arrayDocument(shape, shape, members))]])
  if (chunk) objects.set('/c/0', chunk)
  return open(objects)
}

describe('a chunk that claims 4 GB', () => {
  for (const claim of claims) {
    test(`costs less than a megabyte over its own size: ${claim.name}`, async () => {
      // Its decoder, and what the metadata alone ask for.
      await (await opened(claim)).get()
      const before = used()
      const array = await opened(claim, Buffer.from(claim.chunk, 'hex'))
      assert.equal((await failure(array.get())).code, 'corrupt-chunk')
      const itemLength = claim.dataType === 'string' ? 8 : 1
      const own = claim.shape[0] * itemLength
      const after = used()
      // No decoder was thrown away: it did not run out of memory.
      assert.equal(after.length, before.length)
      after.forEach((length, index) => {
        const grown = length - before[index]
        assert.ok(grown < own + MARGIN, `${grown} bytes more`)
      })
    })
  }
})

test('a decoder that grew large is thrown away, also when its chunk failed, and there may be no memory for another', async () => {
  const claim = { codecs: ['bytes', 'gzip'], dataType: 'uint8', shape: [80 << 20] }
  const small = await opened({ ...claim, shape: [1] }, gzipSync(Uint8Array.of(7)))
  await small.get()
  const before = used().length
  const tooLong = await opened(claim, gzipSync(new Uint8Array(claim.shape[0] + 1)))
  assert.equal((await failure(tooLong.get())).code, 'corrupt-chunk')
  assert.equal(used().length, before)
  assert.ok(used()[before - 1] > claim.shape[0])

  isMemoryLeft = false
  const error = await failure(small.get())
  isMemoryLeft = true
  const message = 'c/0: no decoder can be made: Cannot allocate Wasm memory'
  assert.deepEqual([error.code, error.message], ['out-of-memory', message])

  assert.deepEqual((await small.get()).data, Uint8Array.of(7))
  assert.equal(used().length, before + 1)
})
