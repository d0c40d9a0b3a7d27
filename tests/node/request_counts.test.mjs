// How many requests things cost, to the last one, over real HTTP.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { configure, open, slice } from 'zarr-wasm'
import { arrayObjects, DOCUMENTS, groupDocument, json, range, shardedObjects } from './arrays.mjs'
import { it, opened, serving } from './over_http.mjs'
import { INNER_CHUNKS, inCOrder, inMortonOrder, planeOf, planesInShards, SHARDS } from './planes.mjs'

describe('opening', () => {
  const v3 = () => new Map([...arrayObjects([4], [2], { name: '/a' }), ['/zarr.json', json(groupDocument())]])

  for (const [what, path, kind, requests] of [
    ['an array', '/a', undefined, 4],
    ['what must be an array', '/a', 'array', 3],
    ['a group', '', undefined, 4],
    ['what must be a group', '', 'group', 4],
  ]) {
    it(`${what} of v3 takes ${requests} requests, all at once`, async (t) => {
      const server = await serving(t, v3())
      server.holds = () => true
      const opening = open(`${server.origin}${path}`, { kind })
      await server.until(() => server.inFlight === requests)
      await server.roundTrip()
      server.release()
      assert.equal((await opening).zarrFormat, 3)
      assert.deepEqual([server.requests.length, server.maxInFlight], [requests, requests])
    })
  }

  it('a group of v2 without consolidated metadata takes one more, unless it must be one', async (t) => {
    const objects = new Map([['/.zgroup', json({ zarr_format: 2 })]])
    for (const [kind, requests] of [
      [undefined, [...DOCUMENTS.any, '.zgroup']],
      ['group', DOCUMENTS.group],
    ]) {
      const server = await serving(t, objects)
      assert.equal((await open(server.origin, { kind })).zarrFormat, 2)
      assert.deepEqual(server.asked(), requests.map((name) => `/${name}`).sort())
    }
  })
})

describe('reading', () => {
  it('8 shards whole takes a request for each', async (t) => {
    const { server, array } = await opened(t, shardedObjects(256, 32, 4))
    assert.deepEqual([...(await array.get()).data], range(0, 256))
    assert.deepEqual(
      server.asked(),
      range(0, 8).map((shard) => `/c/${shard}`),
    )
  })

  for (const [order, place, requests] of [
    ['C', inCOrder, 16],
    // zarr-python's: planes are scattered, and only near neighbours are requested together.
    ['Morton', inMortonOrder, 64],
  ]) {
    it(`a plane of 256 inner chunks in 16 shards, inner chunks in ${order} order, takes 16 + ${requests}`, async (t) => {
      const { server, array } = await opened(t, planesInShards(place))
      const first = await array.get([2])
      assert.ok(first.data.every((value, at) => value === planeOf(2, at)))
      const asked = server.asked()
      const indices = asked.filter((what) => what.includes('bytes=-'))
      assert.deepEqual([SHARDS, INNER_CHUNKS, indices.length, asked.length], [16, 256, 16, 16 + requests])
      server.requests.length = 0
      assert.deepEqual((await array.get([2])).data, first.data)
      assert.deepEqual(
        server.asked(),
        asked.filter((what) => !indices.includes(what)),
        'the indices are remembered',
      )
    })
  }

  it('the same plane twice at the same time takes no more than once', async (t) => {
    const { server, array } = await opened(t, planesInShards(inMortonOrder))
    configure({ concurrency: 64 })
    const [first, second] = await Promise.all([array.get([1]), array.get([1])])
    assert.ok(first.data.every((value, at) => value === planeOf(1, at)))
    assert.deepEqual(second.data, first.data)
    assert.equal(server.requests.length, 16 + 64)
  })

  it('two overlapping regions at the same time takes a request for each object', async (t) => {
    for (const objects of [arrayObjects([64], [8]), shardedObjects(64, 8, 2)]) {
      const { server, array } = await opened(t, objects)
      const parts = await Promise.all([array.get([slice(0, 48)]), array.get([slice(16, 64)])])
      assert.deepEqual(
        parts.map(({ data }) => [...data]),
        [range(0, 48), range(16, 64)],
      )
      assert.deepEqual(
        server.asked(),
        range(0, 8).map((n) => `/c/${n}`),
      )
    }
  })

  it('parts of shards at the same time takes one request for the index of each', async (t) => {
    const { server, array } = await opened(t, shardedObjects(64, 32, 4))
    await Promise.all([array.get([slice(4, 12)]), array.get([slice(8, 16)]), array.get([slice(30, 36)])])
    assert.deepEqual(server.asked(), [
      '/c/0 bytes=-128',
      '/c/0 bytes=16-31',
      '/c/0 bytes=56-63',
      '/c/0 bytes=8-23',
      '/c/1 bytes=-128',
      '/c/1 bytes=0-7',
    ])
  })
})
