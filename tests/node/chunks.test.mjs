// Which chunks are requested, and what comes of what the server answers, over real HTTP.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { setImmediate as nextTask } from 'node:timers/promises'
import { configure, slice, stats, ZarrError } from 'zarr-wasm'
import { arrayObjects, FILL, range } from './arrays.mjs'
import { failure } from './failure.mjs'
import { isChunk, it, opened } from './over_http.mjs'

/** A reply that must not have a body has none. */
const EMPTY = { headers: {}, body: new Uint8Array() }

describe('a chunk', () => {
  it('that is not there has the fill value', async (t) => {
    const objects = arrayObjects([8], [2])
    objects.delete('/c/1')
    const { server, array } = await opened(t, objects)
    assert.deepEqual([...(await array.get()).data], [0, 1, FILL, FILL, 4, 5, 6, 7])
    assert.deepEqual(server.asked(), ['/c/0', '/c/1', '/c/2', '/c/3'])
  })

  for (const status of [204, 206, 301, 400, 401, 403, 410, 429, 500, 503]) {
    it(`with status ${status} is an error`, async (t) => {
      const { server, array } = await opened(t, arrayObjects([8], [2], { name: '/a' }), '/a')
      server.script = ({ key }, honest) =>
        key === '/a/c/2' ? { ...(status === 204 ? EMPTY : honest), status } : honest
      const error = await failure(array.get())
      assert.ok(error instanceof ZarrError)
      const { code, url, path, key } = error
      assert.deepEqual(
        { code, url, path, key, status: error.status },
        { code: 'store', url: `${server.origin}/a/c/2`, path: '/', key: 'c/2', status },
      )
      assert.ok(error.message.includes(`status ${status}`), error.message)
      assert.equal(stats().inFlight, 0)
    })
  }

  const broken = [
    ['whose connection is dropped before the answer', { drop: true }],
    ['whose connection is dropped behind the head', { cutAfter: 0 }],
    ['whose body is cut off', { cutAfter: 3 }],
    ['whose body is shorter than its Content-Length', { cutAfter: 4, headers: { 'content-length': 9 } }],
    ['whose chunked body has no end', { cutAfter: 4, headers: { 'transfer-encoding': 'chunked' } }],
  ]
  for (const [what, change] of broken) {
    it(`${what} is an error`, async (t) => {
      const { server, array } = await opened(t, arrayObjects([8], [2]))
      server.script = ({ key }, honest) => (key === '/c/2' ? { ...honest, ...change } : honest)
      const error = await failure(array.get())
      assert.ok(error instanceof ZarrError)
      const { code, url, path, key, cause } = error
      assert.deepEqual(
        { code, url, path, key },
        { code: 'store', url: `${server.origin}/c/2`, path: '/', key: 'c/2' },
      )
      assert.ok(cause instanceof Error)
      assert.equal(stats().inFlight, 0)
    })
  }

  it('whose Content-Length is too small is an error', async (t) => {
    const { server, array } = await opened(t, arrayObjects([8], [2]))
    server.script = ({ key }, honest) =>
      key === '/c/2' ? { ...honest, headers: { 'content-length': 3 } } : honest
    const error = await failure(array.get())
    assert.ok(error instanceof ZarrError)
    assert.equal(error.key, 'c/2')
    // What is too much may come with the body, and is no HTTP, or later.
    assert.match(error.message, /request failed: .*Parse Error|3 bytes, expected 4/)
  })

  it('from a server that is gone is an error', async (t) => {
    const { server, array } = await opened(t, arrayObjects([8], [2]))
    server.close()
    const error = await failure(array.get([0]))
    assert.ok(error instanceof ZarrError)
    assert.deepEqual([error.code, error.key, error.url], ['store', 'c/0', `${server.origin}/c/0`])
    assert.ok(error.cause instanceof Error)
  })

  it('that fails ends the other requests of its read, and only those', async (t) => {
    const { server, array } = await opened(t, arrayObjects([16], [2]))
    server.holds = isChunk
    server.script = ({ key }, honest) => (key === '/c/3' ? { ...honest, status: 400 } : honest)
    const read = failure(array.get([slice(0, 12)]))
    const other = array.get([slice(12, 16)])
    await server.until(() => server.inFlight === 8)
    server.release(({ key }) => key === '/c/3')
    assert.equal((await read).key, 'c/3')
    assert.equal(stats().inFlight, 2)
    await server.until(() => server.aborted === 5)
    server.release()
    assert.deepEqual([...(await other).data], range(12, 16))
    await server.roundTrip()
    assert.equal(server.requests.length, 8)
    assert.equal(stats().inFlight, 0)
  })

  it('that fails keeps waiting requests from being sent', async (t) => {
    const { server, array } = await opened(t, arrayObjects([100], [2]))
    configure({ concurrency: 2 })
    server.holds = isChunk
    server.script = (_, honest) => ({ ...honest, status: 400 })
    const read = failure(array.get())
    await server.until(() => server.inFlight === 2)
    server.release(({ key }) => key === '/c/1')
    await read
    await server.until(() => server.aborted === 1)
    await server.roundTrip()
    assert.deepEqual(server.asked(), ['/c/0', '/c/1'])
    assert.equal(stats().inFlight, 0)
  })

  it('is decoded before the last one has arrived', async (t) => {
    const { server, array } = await opened(t, arrayObjects([8], [2]))
    server.holds = ({ key }) => key === '/c/1'
    const out = new Uint16Array(8)
    const read = array.get(null, { out })
    while (out[7] !== 7 || out[5] !== 5 || out[1] !== 1) await nextTask()
    assert.deepEqual([...out], [0, 1, 0, 0, 4, 5, 6, 7])
    assert.equal(server.inFlight, 1)
    server.release()
    assert.equal((await read).data, out)
    assert.deepEqual([...out], range(0, 8))
  })
})

describe('a selection', () => {
  const keys = (...chunks) => chunks.map((chunk) => `/c/${chunk}`).sort()

  it('with a step asks only for the chunks that it touches', async (t) => {
    const { server, array } = await opened(t, arrayObjects([100], [5]))
    assert.deepEqual([...(await array.get([slice(2, null, 20)])).data], range(2, 100, 20))
    assert.deepEqual(server.asked(), keys(0, 4, 8, 12, 16))
    server.requests.length = 0
    assert.deepEqual([...(await array.get([slice(null, 40, -17)])).data], range(99, 40, -17))
    assert.deepEqual(server.asked(), keys(9, 13, 16, 19))
  })

  it('in two dimensions asks for the product of the touched rows and columns', async (t) => {
    const { server, array } = await opened(t, arrayObjects([30, 9], [2, 2]))
    const { data } = await array.get([slice(1, null, 12), -1])
    assert.deepEqual([...data], [1 * 9 + 8, 13 * 9 + 8, 25 * 9 + 8])
    assert.deepEqual(server.asked(), keys('0/4', '12/4', '6/4'))
  })

  it('of nothing asks for nothing', async (t) => {
    const { server, array } = await opened(t, arrayObjects([10], [5]))
    assert.equal((await array.get([slice(3, 3)])).data.length, 0)
    await server.roundTrip()
    assert.deepEqual(server.requests, [])
  })
})
