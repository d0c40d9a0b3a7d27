// Which parts of shards are requested, and what comes of what the server answers, over real HTTP.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { configure, registerCodec, slice, stats, ZarrError } from 'zarr-wasm'
import { only, shortened, whole } from '../servers/faults.mjs'
import { FILL, range, shardedObjects } from './arrays.mjs'
import { failure } from './failure.mjs'
import { it, opened } from './over_http.mjs'

describe('a shard', () => {
  // 2 shards of 8 inner chunks of 4 elements: 8 bytes each, and an index of 128 bytes.
  const sharded = (t, options) => opened(t, shardedObjects(64, 32, 4, options))

  it('that is wanted whole is one request', async (t) => {
    const { server, array } = await sharded(t)
    assert.deepEqual([array.chunks, array.shards], [[4], [32]])
    assert.deepEqual([...(await array.get()).data], range(0, 64))
    assert.deepEqual(server.asked(), ['/c/0', '/c/1'])
  })

  it('that is wanted whole, backwards, is one request as well', async (t) => {
    const { server, array } = await sharded(t)
    assert.deepEqual([...(await array.get([slice(null, null, -1)])).data], range(0, 64).reverse())
    assert.deepEqual(server.asked(), ['/c/0', '/c/1'])
  })

  it('that overhangs the array is whole when all of the array is wanted', async (t) => {
    const { server, array } = await opened(t, shardedObjects(22, 16, 4))
    assert.deepEqual([...(await array.get([slice(16, 22)])).data], range(16, 22))
    assert.deepEqual(server.asked(), ['/c/1'])
  })

  it('of which most is wanted is one request, too', async (t) => {
    const { server, array } = await sharded(t)
    assert.deepEqual([...(await array.get([slice(11, 33)])).data], range(11, 33))
    assert.deepEqual(server.asked(), ['/c/0', '/c/1 bytes=-128', '/c/1 bytes=0-7'])
  })

  it('of which a part is wanted is its index, once, and the ranges of the inner chunks, neighbours together', async (t) => {
    const { server, array } = await sharded(t)
    assert.deepEqual([...(await array.get([slice(14, 40)])).data], range(14, 40))
    const parts = ['/c/0 bytes=24-63', '/c/1 bytes=0-15']
    assert.deepEqual(server.asked(), ['/c/0 bytes=-128', parts[0], '/c/1 bytes=-128', parts[1]])
    const before = server.requests.length
    assert.deepEqual([...(await array.get([slice(14, 40)])).data], range(14, 40))
    assert.deepEqual(server.asked(before), parts)
  })

  it('of which parts far from each other are wanted is a request for each of them', async (t) => {
    const pad = (bytes) => Buffer.concat([bytes, Buffer.alloc(20_000)])
    const padded = { name: 'padded' }
    registerCodec('padded', () => ({ kind: 'bytes-to-bytes', decode: (bytes) => bytes.slice(0, 8) }))
    const codecs = [{ name: 'bytes', configuration: { endian: 'little' } }, padded]
    const { server, array } = await sharded(t, { codecs, encode: pad })
    assert.deepEqual([...(await array.get([slice(0, 21, 10)])).data], [0, 10, 20])
    // The first and the third are 20 008 bytes apart, which are few enough to be received for nothing, the sixth is not.
    assert.deepEqual(server.asked(), ['/c/0 bytes=-128', '/c/0 bytes=0-60023', '/c/0 bytes=100040-120047'])
  })

  it('of which one inner chunk is much larger than a range should be: that comes in parts, side by side', async (t) => {
    const { server, array } = await opened(t, shardedObjects(400, 200, 100))
    t.after(() => configure({ maxRangeBytes: 8 << 20 }))
    configure({ maxRangeBytes: 60 })
    await array.get([0])
    server.forget()
    server.holds = () => true
    const reading = array.get([slice(110, 120)])
    await server.until(() => server.inFlight === 4)
    server.release()
    assert.deepEqual([...(await reading).data], range(110, 120))
    const parts = ['200-249', '250-299', '300-349', '350-399'].map((bytes) => `/c/0 bytes=${bytes}`)
    assert.deepEqual(server.asked(), parts)
    assert.equal(stats().bytesInFlight, 0)
    server.holds = () => false
    server.script = only(({ range }) => range === 'bytes=300-349', shortened)
    const error = await failure(array.get([110]))
    assert.deepEqual([error.code, error.key], ['store', 'c/0'])
    assert.match(error.message, /bytes 300\.\.350 were asked for/)
    assert.deepEqual([stats().inFlight, stats().bytesInFlight], [0, 0])
  })

  it('of a server that sends more than ranges are not asked for in parts', async (t) => {
    const { server, array } = await opened(t, shardedObjects(400, 200, 100, { indexLocation: 'start' }))
    t.after(() => configure({ maxRangeBytes: 8 << 20 }))
    configure({ maxRangeBytes: 10 })
    server.script = whole
    assert.deepEqual([...(await array.get([slice(110, 120)])).data], range(110, 120))
    assert.deepEqual(server.asked(), ['/c/0 bytes=0-31'])
  })

  it('of which the parts are requested together that lie near enough to each other', async (t) => {
    const { server, array } = await sharded(t)
    t.after(() => configure({ maxGapBytes: 32 << 10, maxRangeBytes: 8 << 20 }))
    configure({ maxGapBytes: 0 })
    assert.deepEqual([...(await array.oindex.get([[0, 4, 12]])).data], [0, 4, 12])
    assert.deepEqual(server.asked(), ['/c/0 bytes=-128', '/c/0 bytes=0-15', '/c/0 bytes=24-31'])
    server.requests.length = 0
    configure({ maxRangeBytes: 8 })
    await array.oindex.get([[0, 4, 12]])
    assert.deepEqual(server.asked(), ['/c/0 bytes=0-7', '/c/0 bytes=24-31', '/c/0 bytes=8-15'])
  })

  it('that has its index at the start', async (t) => {
    const { server, array } = await sharded(t, { indexLocation: 'start' })
    assert.deepEqual([...(await array.get([slice(13, null, 18)])).data], [13, 31, 49])
    assert.deepEqual(server.asked(), [
      '/c/0 bytes=0-127',
      '/c/0 bytes=152-191',
      '/c/1 bytes=0-127',
      '/c/1 bytes=160-167',
    ])
  })

  it('that is not there has the fill value and costs one request', async (t) => {
    const objects = shardedObjects(64, 32, 4)
    objects.delete('/c/1')
    const { server, array } = await opened(t, objects)
    assert.deepEqual([...(await array.get([slice(30, 34)])).data], [30, 31, FILL, FILL])
    assert.deepEqual(server.asked(), ['/c/0 bytes=-128', '/c/0 bytes=56-63', '/c/1 bytes=-128'])
    server.requests.length = 0
    assert.deepEqual([...(await array.get([slice(32, 64)])).data], Array(32).fill(FILL))
    assert.deepEqual(server.asked(), ['/c/1'])
  })

  it('an inner chunk that is not in it has the fill value and costs no request', async (t) => {
    const { server, array } = await sharded(t, { missing: [1, 6] })
    assert.deepEqual([...(await array.get([slice(3, 9)])).data], [3, FILL, FILL, FILL, FILL, 8])
    assert.deepEqual(server.asked(), ['/c/0 bytes=-128', '/c/0 bytes=0-15'])
    server.requests.length = 0
    assert.deepEqual([...(await array.get([slice(25, 28)])).data], [FILL, FILL, FILL])
    assert.deepEqual(server.asked(), [])
    const whole = [...(await array.get()).data]
    assert.deepEqual(
      whole,
      range(0, 64).map((i) => ([1, 6].includes(i >> 2) ? FILL : i)),
    )
  })

  it('from a server that ignores ranges is cut out of the whole object', async (t) => {
    for (const indexLocation of ['start', 'end']) {
      const { server, array } = await sharded(t, { indexLocation })
      const whole = shardedObjects(64, 32, 4, { indexLocation })
      server.script = ({ key }) => ({ status: 200, headers: {}, body: whole.get(key) })
      assert.deepEqual([...(await array.get([slice(14, 40)])).data], range(14, 40))
      // What came is all of the shard: nothing more is asked of it.
      assert.equal(server.requests.length, 2)
    }
  })

  it('from a server that hides Content-Range is right', async (t) => {
    const { server, array } = await sharded(t)
    server.script = (_, honest) => ({ ...honest, headers: { 'content-length': honest.body.length } })
    assert.deepEqual([...(await array.get([slice(14, 40)])).data], range(14, 40))
    assert.equal(server.requests.length, 4)
  })

  it('from a server that sends another range is an error', async (t) => {
    const { server, array } = await sharded(t)
    server.script = ({ range }, honest) =>
      range === 'bytes=8-15' ? { ...honest, headers: { 'content-range': 'bytes 0-7/192' } } : honest
    const error = await failure(array.get([slice(4, 8)]))
    assert.deepEqual([error.code, error.key, error.status], ['store', 'c/0', 206])
    assert.match(error.message, /bytes 8\.\.16 were asked for, the reply says it is 0 to 7/)
  })

  it('from a server that takes a suffix for a beginning is asked for by its place', async (t) => {
    const { server, array } = await sharded(t)
    const object = shardedObjects(64, 32, 4).get('/c/0')
    server.script = ({ range }, honest) =>
      range === 'bytes=-128'
        ? { status: 206, headers: { 'content-range': 'bytes 0-128/192' }, body: object.subarray(0, 129) }
        : honest
    assert.deepEqual([...(await array.get([slice(4, 8)])).data], range(4, 8))
    assert.deepEqual(server.asked(), ['/c/0 bytes=-128', '/c/0 bytes=64-191', '/c/0 bytes=8-15'])
  })

  it('a range that comes short is an error', async (t) => {
    for (const short of ['bytes=-128', 'bytes=8-15']) {
      const { server, array } = await sharded(t)
      server.script = ({ range }, honest) => {
        const body = honest.body.subarray(0, honest.body.length - 1)
        return range === short ? { status: 206, headers: { 'content-length': body.length }, body } : honest
      }
      const error = await failure(array.get([slice(4, 8)]))
      assert.ok(error instanceof ZarrError)
      assert.deepEqual(
        [error.code, error.key, error.status, error.url],
        ['store', 'c/0', 206, `${server.origin}/c/0`],
      )
      assert.equal(stats().inFlight, 0)
    }
  })

  it('a range beyond the end of the object is an error', async (t) => {
    const { server, array } = await sharded(t)
    server.script = ({ range }, honest) =>
      range === 'bytes=8-15' ? { status: 416, headers: {}, body: new Uint8Array() } : honest
    const error = await failure(array.get([slice(4, 8)]))
    assert.ok(error instanceof ZarrError)
    assert.deepEqual([error.code, error.key, error.status], ['corrupt-chunk', 'c/0', 416])
  })

  it('that goes away between its index and its inner chunks is an error', async (t) => {
    const { server, array } = await sharded(t)
    server.script = ({ range }, honest) =>
      range === 'bytes=8-15' ? { status: 404, headers: {}, body: new Uint8Array() } : honest
    const error = await failure(array.get([slice(4, 8)]))
    assert.deepEqual([error.code, error.key], ['store', 'c/0'])
    assert.match(error.message, /gone/)
  })

  it('whose index or inner chunk has another status is an error', async (t) => {
    for (const failing of ['bytes=-128', 'bytes=8-15']) {
      const { server, array } = await sharded(t)
      server.script = ({ range }, honest) => (range === failing ? { ...honest, status: 500 } : honest)
      const error = await failure(array.get([slice(4, 8)]))
      assert.deepEqual([error.code, error.key, error.status], ['store', 'c/0', 500])
    }
  })
})
