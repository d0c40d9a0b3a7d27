// What is found out and counted from the first request on, so in a process of its own, over real HTTP.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { configure, stats } from 'zarr-wasm'
import { arrayObjects, range } from './arrays.mjs'
import { it, opened } from './over_http.mjs'

describe('the bounds', () => {
  it('bytes that have arrived count until they are decoded', async (t) => {
    const { server, array } = await opened(t, arrayObjects([1 << 20], [1 << 16]))
    // 128 KiB each, for which the room of a chunk that did not compress is kept: four fit, and one may be larger.
    configure({ maxBytesInFlight: 1 << 20 })
    await array.get()
    const { bytesInFlight, maxBytesInFlight } = stats()
    assert.equal(bytesInFlight, 0)
    assert.ok(maxBytesInFlight <= (1 << 20) + (1 << 18), `${maxBytesInFlight}`)
    assert.ok(server.maxInFlight <= 5, `${server.maxInFlight}`)
  })

  it('without configuration there are never more than 256 at once', async (t) => {
    const { server, array } = await opened(t, arrayObjects([1000], [1]))
    assert.deepEqual([...(await array.get()).data], range(0, 1000))
    assert.ok(server.maxInFlight <= 256, `${server.maxInFlight}`)
    configure({ concurrency: 7 })
    assert.equal(stats().concurrency, 7)
  })
})
