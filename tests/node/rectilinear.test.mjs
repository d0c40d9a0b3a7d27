// Chunks with extents of their own, over HTTP: which are asked for, and what an array says of them.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { slice } from 'zarr-wasm'
import { arrayDocument, FILL, json, range } from './arrays.mjs'
import { failure } from './failure.mjs'
import { it, opened } from './over_http.mjs'

const grid = (...chunk_shapes) => ({
  chunk_grid: { name: 'rectilinear', configuration: { kind: 'inline', chunk_shapes } },
})
const uint16 = (elements) => new Uint8Array(Uint16Array.from(elements).buffer)

/** Ten elements that count up, in chunks of 3, 1, 1 and 8 of which the last reaches beyond the array. */
const objects = () =>
  new Map([
    ['/zarr.json', json(arrayDocument([10], [], grid([3, [1, 2], 8])))],
    ['/c/0', uint16(range(0, 3))],
    ['/c/1', uint16([3])],
    ['/c/3', uint16(range(5, 13))],
  ])

describe('an array of chunks of different shapes', () => {
  it('says so', async (t) => {
    const { array } = await opened(t, objects())
    assert.deepEqual([array.chunks, array.shards], [null, null])
    assert.deepEqual(array.chunkEdges, [
      [
        [3, 1],
        [1, 2],
        [8, 1],
      ],
    ])
  })

  it('asks only for the chunks that a selection touches', async (t) => {
    const { server, array } = await opened(t, objects())
    assert.deepEqual([...(await array.get()).data], [0, 1, 2, 3, FILL, 5, 6, 7, 8, 9])
    server.requests.length = 0
    assert.deepEqual([...(await array.get([slice(9, 1, -3)])).data], [9, 6, 3])
    assert.deepEqual(server.asked(), ['/c/1', '/c/3'])
    server.requests.length = 0
    assert.deepEqual([...(await array.oindex.get([[8, 0, 8]])).data], [8, 0, 8])
    assert.deepEqual([...(await array.vindex.get([[3, 2]])).data], [3, 2])
    assert.deepEqual(server.asked(), ['/c/0', '/c/0', '/c/1', '/c/3'])
  })

  it('has blocks of their lengths', async (t) => {
    const { array } = await opened(t, objects())
    assert.deepEqual([...(await array.blocks.get([1])).data], [3])
    assert.deepEqual([...(await array.blocks.get([-1])).data], range(5, 10))
    assert.deepEqual([...(await array.blocks.get([slice(0, 2)])).data], range(0, 4))
    assert.equal((await failure(array.blocks.get([4]))).code, 'invalid-selection')
  })

  it('names the chunk whose length is that of another', async (t) => {
    const { array } = await opened(t, objects().set('/c/3', uint16([1, 2, 3])))
    const error = await failure(array.get())
    assert.deepEqual([error.code, error.key, error.codec], ['corrupt-chunk', 'c/3', 'bytes'])
    assert.match(error.message, /6 bytes, expected 16/)
    assert.deepEqual([...(await array.get([slice(0, 4)])).data], range(0, 4))
  })

  it('has a shape where they are all alike', async (t) => {
    const same = new Map([['/zarr.json', json(arrayDocument([9, 4], [], grid([[3, 3]], 2)))]])
    const { array } = await opened(t, same)
    assert.deepEqual([array.chunks, array.chunkEdges], [[3, 2], null])
  })

  it('may have more than a thousand shapes', async (t) => {
    const extents = range(1, 1200)
    const extent = extents.reduce((sum, n) => sum + n)
    const many = new Map([['/zarr.json', json(arrayDocument([extent], [], grid(extents)))]])
    let start = 0
    for (const [chunk, length] of extents.entries()) {
      many.set(`/c/${chunk}`, uint16(range(start, start + length).map((n) => n % 65536)))
      start += length
    }
    const { array } = await opened(t, many)
    const { data } = await array.get()
    assert.equal(
      data.findIndex((value, index) => value !== index % 65536),
      -1,
    )
    assert.equal(data.length, 719_400)
  })
})

describe('shards of different shapes', () => {
  const missing = 2n ** 64n - 1n
  const shard = (chunks) => {
    const data = chunks.flatMap((chunk) => [...uint16(chunk ?? [])])
    let offset = 0n
    const index = chunks.flatMap((chunk) => {
      if (!chunk) return [missing, missing]
      offset += 4n
      return [offset - 4n, 4n]
    })
    return Uint8Array.from([...data, ...new Uint8Array(BigUint64Array.from(index).buffer)])
  }
  const bytes = { name: 'bytes', configuration: { endian: 'little' } }
  const sharding = {
    name: 'sharding_indexed',
    configuration: { chunk_shape: [2], codecs: [bytes], index_codecs: [bytes] },
  }
  const sharded = (edges) =>
    new Map([
      ['/zarr.json', json(arrayDocument([8], [], { ...grid(edges), codecs: [sharding] }))],
      ['/c/0', shard([[0, 1]])],
      ['/c/1', shard([[2, 3], null, [6, 7]])],
    ])

  it('have indices of their own lengths', async (t) => {
    const { server, array } = await opened(t, sharded([2, 6]))
    assert.deepEqual([array.chunks, array.shards], [[2], null])
    assert.deepEqual(array.chunkEdges, [
      [
        [2, 1],
        [6, 1],
      ],
    ])
    assert.deepEqual([...(await array.get()).data], [0, 1, 2, 3, FILL, FILL, 6, 7])
    server.requests.length = 0
    assert.deepEqual([...(await array.get([slice(7, 5, -1)])).data], [7, 6])
    assert.deepEqual(server.asked(), ['/c/1 bytes=-48', '/c/1 bytes=4-7'])
    server.requests.length = 0
    assert.deepEqual([...(await array.get([slice(7, 2, -2)])).data], [7, FILL, 3])
    assert.deepEqual(server.asked(), ['/c/1'])
  })

  it('that inner chunks do not divide are an error that names the shard', async (t) => {
    const { array } = await opened(t, sharded([2, 5, 1]))
    const error = await failure(array.get())
    assert.deepEqual([error.code, error.key, error.codec], ['invalid-metadata', 'c/1', 'sharding_indexed'])
    assert.match(error.message, /chunk_shape is \[2\], expected a shape that divides the shard's, \[5\]/)
  })
})
