// Decoded chunks that are kept, over real HTTP.
import assert from 'node:assert/strict'
import { afterEach, describe } from 'node:test'
import { configure, open, slice, stats } from 'zarr-wasm'
import { arrayObjects, json, range, shardedObjects, v2Document } from './arrays.mjs'
import { failure } from './failure.mjs'
import { it, opened, serving } from './over_http.mjs'

afterEach(() => configure({ cacheBytes: 0 }))

/** Hits and misses of `work`, and what is in the cache after it. */
async function counted(work) {
  const before = stats()
  await work()
  const { cacheHits, cacheMisses, cachedBytes } = stats()
  return [cacheHits - before.cacheHits, cacheMisses - before.cacheMisses, cachedBytes]
}

describe('the cache of decoded chunks', () => {
  it('is off unless it is configured', async (t) => {
    const { server, array } = await opened(t, arrayObjects([4], [2]))
    const twice = async () => {
      await array.get()
      await array.get()
    }
    assert.deepEqual(await counted(twice), [0, 0, 0])
    assert.equal(server.requests.length, 4)
  })

  it('has what was read before, whatever of it is wanted', async (t) => {
    const { server, array } = await opened(t, arrayObjects([6, 8], [2, 4]))
    configure({ cacheBytes: 1 << 20 })
    // 3 x 2 chunks of 16 bytes, of which the first read needs two.
    assert.deepEqual(await counted(() => array.get([0])), [0, 2, 32])
    assert.deepEqual([...(await array.get([slice(0, 2), slice(null, null, -3)])).data], [7, 4, 1, 15, 12, 9])
    assert.deepEqual([...(await array.get([1, slice(0, 3)], { as: 'float64' })).data], [8, 9, 10])
    assert.deepEqual(
      [
        ...(
          await array.vindex.get([
            [0, 1],
            [7, 0],
          ])
        ).data,
      ],
      [7, 8],
    )
    assert.equal(server.requests.length, 2)
    const all = []
    for await (const { data } of array.stream()) all.push(...data)
    assert.deepEqual(
      all.sort((a, b) => a - b),
      range(0, 48),
    )
    assert.deepEqual(server.asked(), ['/c/0/0', '/c/0/1', '/c/1/0', '/c/1/1', '/c/2/0', '/c/2/1'])
    assert.deepEqual(array.plan().requests, [])
    assert.deepEqual(await counted(() => array.get()), [6, 0, 96])
  })

  it('throws out what was not used for longest', async (t) => {
    const { server, array } = await opened(t, arrayObjects([8], [2]))
    configure({ cacheBytes: 11 })
    await array.get([0])
    await array.get([2])
    await array.get([0])
    await array.get([4])
    assert.equal(stats().cachedBytes, 8)
    server.requests.length = 0
    await array.get([0])
    assert.deepEqual(server.asked(), [])
    await array.get([2])
    assert.deepEqual(server.asked(), ['/c/1'])
    configure({ cacheBytes: 5 })
    assert.equal(stats().cachedBytes, 4)
    configure({ cacheBytes: 3 })
    assert.deepEqual(await counted(() => array.get()), [0, 0, 0])
  })

  it('of inner chunks saves the index, too', async (t) => {
    const { server, array } = await opened(t, shardedObjects(64, 32, 4))
    configure({ cacheBytes: 1 << 20 })
    await array.get([slice(8, 16)])
    const again = await opened(t, shardedObjects(64, 32, 4))
    await again.array.get([slice(8, 16)])
    assert.equal(again.server.requests.length, 2, 'another array has nothing of it')
    server.requests.length = 0
    assert.deepEqual(await counted(() => array.get([slice(8, 16)])), [2, 0, 32])
    assert.deepEqual(server.asked(), [])
    assert.deepEqual([...(await array.get([slice(0, 32)])).data], range(0, 32))
    assert.deepEqual(server.asked(), ['/c/0'], 'six of eight are most of it')
    assert.deepEqual([...(await array.get([slice(0, 34)])).data], range(0, 34))
    assert.deepEqual(server.asked(), ['/c/0', '/c/1 bytes=-128', '/c/1 bytes=0-7'])
  })

  it('counts no bytes as received in progress for what it had', async (t) => {
    const { array } = await opened(t, arrayObjects([4], [2]))
    configure({ cacheBytes: 1 << 20 })
    await array.get([0])
    const seen = []
    await array.get(null, { onProgress: (progress) => seen.push(progress) })
    assert.deepEqual(seen.at(-1), { chunks: 2, totalChunks: 2, bytes: 4 })
  })

  it('keeps nothing of what cannot be decoded, and no texts', async (t) => {
    const { server, array } = await opened(t, arrayObjects([2], [2]))
    configure({ cacheBytes: 1 << 20 })
    server.script = (_, honest) => ({ ...honest, headers: {}, body: Uint8Array.of(1) })
    assert.equal((await failure(array.get())).code, 'corrupt-chunk')
    assert.equal(stats().cachedBytes, 0)
    const texts = new Map([
      ['/.zarray', v2Document({ dtype: '|O', filters: [{ id: 'json2' }], fill_value: '' })],
      ['/0', json(['a', '|O', [1]])],
    ])
    const other = await open(texts, { kind: 'array' })
    assert.deepEqual((await other.get()).data, ['a'])
    assert.deepEqual(await counted(() => other.get()), [0, 0, 0])
  })

  it('works with workers, and with one read for all', async (t) => {
    const server = await serving(t, arrayObjects([64], [8]))
    const array = await open(server.origin, { kind: 'array' })
    server.requests.length = 0
    configure({ cacheBytes: 1 << 20, workers: 2 })
    t.after(() => configure({ workers: 'auto' }))
    for (let n = 0; n < 3; n++) assert.deepEqual([...(await array.get()).data], range(0, 64))
    assert.equal(server.requests.length, 8)
  })
})
