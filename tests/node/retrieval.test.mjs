// How much is requested at once, and how it ends, over real HTTP.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { setImmediate as nextTask } from 'node:timers/promises'
import { configure, open, slice, stats, ZarrError } from 'zarr-wasm'
import { arrayObjects, DOCUMENTS, groupDocument, json, range, shardedObjects } from './arrays.mjs'
import { failure } from './failure.mjs'
import { AT_ONCE, isChunk, it, opened, serving } from './over_http.mjs'

describe('open', () => {
  it('a concurrency configured before the wasm is loaded holds', async (t) => {
    assert.equal(stats().requests, 0)
    const server = await serving(t, arrayObjects([4], [2]))
    server.holds = () => true
    configure({ concurrency: 3 })
    const opening = open(server.origin)
    await server.until(() => server.inFlight === 3)
    await server.roundTrip()
    assert.equal(server.inFlight, 3)
    server.release()
    await server.until(() => server.requests.length === DOCUMENTS.any.length)
    server.release()
    await opening
    assert.equal(stats().maxInFlight, 3)
  })

  it('all documents are asked for in one round trip', async (t) => {
    const server = await serving(t, arrayObjects([4], [2]))
    server.holds = () => true
    const opening = open(server.origin)
    await server.until(() => server.inFlight === DOCUMENTS.any.length)
    server.release()
    assert.deepEqual((await opening).shape, [4])
    assert.deepEqual(
      server.asked(),
      DOCUMENTS.any.map((name) => `/${name}`),
    )
  })

  it('below a group without consolidated metadata it is the same', async (t) => {
    const server = await serving(
      t,
      new Map([...arrayObjects([4], [2], { name: '/a/b' }), ['/zarr.json', json(groupDocument())]]),
    )
    const group = await open(server.origin, { kind: 'group' })
    server.requests.length = 0
    assert.equal((await group.open('a/b')).path, '/a/b')
    assert.deepEqual(
      server.asked(),
      DOCUMENTS.any.map((name) => `/a/b/${name}`),
    )
  })

  it('an abort ends it with the reason of the signal', async (t) => {
    const server = await serving(t, arrayObjects([4], [2]))
    server.holds = () => true
    const controller = new AbortController()
    const opening = failure(open(server.origin, { signal: controller.signal }))
    await server.until(() => server.inFlight === DOCUMENTS.any.length)
    const reason = new Error('enough')
    controller.abort(reason)
    assert.equal(await opening, reason)
    assert.equal(stats().inFlight, 0)
    await server.until(() => server.aborted === DOCUMENTS.any.length)
  })

  it('an aborted signal asks for nothing', async (t) => {
    const server = await serving(t, arrayObjects([4], [2]))
    const reason = { any: 'value' }
    assert.equal(await failure(open(server.origin, { signal: AbortSignal.abort(reason) })), reason)
    await server.roundTrip()
    assert.deepEqual(server.requests, [])
  })

  it('a status other than 200 and 404 is an error that names the document', async (t) => {
    const server = await serving(t, arrayObjects([4], [2], { name: '/a' }))
    server.script = ({ key }, honest) => (key === '/a/zarr.json' ? { ...honest, status: 502 } : honest)
    const error = await failure(open(`${server.origin}/a`, { retry: AT_ONCE }))
    assert.ok(error instanceof ZarrError)
    assert.deepEqual(
      [error.code, error.status, error.key, error.url],
      ['store', 502, 'zarr.json', `${server.origin}/a/zarr.json`],
    )
  })

  it('a page of HTML in place of a document is not taken for metadata', async (t) => {
    const server = await serving(t, new Map())
    const body = new TextEncoder().encode('<!doctype html><title>Not found</title>')
    server.script = () => ({ status: 200, headers: { 'content-type': 'text/html' }, body })
    const error = await failure(open(`${server.origin}/a`))
    assert.ok(error instanceof ZarrError)
    assert.deepEqual([error.code, error.key, error.path], ['invalid-metadata', 'zarr.json', '/'])
    assert.match(error.message, /JSON/)
  })
})

describe('the bound on requests in flight', () => {
  it('two reads together reach it and never exceed it', async (t) => {
    const objects = new Map([
      ...arrayObjects([40], [2], { name: '/a' }),
      ...arrayObjects([40], [2], { name: '/b' }),
    ])
    const server = await serving(t, objects)
    const arrays = await Promise.all(
      ['a', 'b'].map((name) => open(`${server.origin}/${name}`, { kind: 'array' })),
    )
    server.requests.length = 0
    server.maxInFlight = 0
    configure({ concurrency: 5 })
    server.holds = isChunk
    const reads = Promise.all([arrays[0].get(), arrays[1].get([slice(null, null, -1)])])
    for (let answered = 0; answered < 40; answered += 5) {
      await server.until(() => server.inFlight === 5)
      await server.roundTrip()
      assert.equal(server.inFlight, 5)
      assert.equal(stats().inFlight, 5)
      server.release()
    }
    const [forward, backward] = await reads
    assert.deepEqual([...forward.data], range(0, 40))
    assert.deepEqual([...backward.data], range(39, -1, -1))
    assert.equal(server.requests.length, 40)
    assert.equal(server.maxInFlight, 5)
    assert.equal(stats().inFlight, 0)
  })

  it('it holds over different arrays and stores, and shards', async (t) => {
    const plain = await opened(t, arrayObjects([20], [2]))
    const sharded = await opened(t, shardedObjects(64, 16, 2))
    configure({ concurrency: 3 })
    const both = () => plain.server.inFlight + sharded.server.inFlight
    let most = 0
    const watch = (server) => {
      server.holds = (request) => {
        most = Math.max(most, both())
        return isChunk(request)
      }
    }
    watch(plain.server)
    watch(sharded.server)
    let done = false
    const reads = Promise.all([
      plain.array.get(),
      sharded.array.get([slice(1, 64)]),
      sharded.array.get([slice(0, 63)]),
    ]).finally(() => {
      done = true
    })
    while (!done) {
      plain.server.release()
      sharded.server.release()
      await nextTask()
    }
    const [all, tail, head] = await reads
    assert.deepEqual([...all.data], range(0, 20))
    assert.deepEqual([...tail.data], range(1, 64))
    assert.deepEqual([...head.data], range(0, 63))
    assert.equal(most, 3)
  })

  it('a higher bound lets waiting requests go at once', async (t) => {
    const { server, array } = await opened(t, arrayObjects([20], [2]))
    configure({ concurrency: 2 })
    server.holds = isChunk
    const read = array.get()
    await server.until(() => server.inFlight === 2)
    configure({ concurrency: 7 })
    await server.until(() => server.inFlight === 7)
    await server.roundTrip()
    assert.equal(server.inFlight, 7)
    server.holds = () => false
    server.release()
    assert.deepEqual([...(await read).data], range(0, 20))
    assert.equal(server.maxInFlight, 7)
  })
})

describe('what is wanted twice at the same time', () => {
  it('is requested once', async (t) => {
    const { server, array } = await opened(t, arrayObjects([40], [2]))
    const parts = await Promise.all([array.get([slice(0, 30)]), array.get([slice(10, 40)])])
    assert.deepEqual([...parts[0].data], range(0, 30))
    assert.deepEqual([...parts[1].data], range(10, 40))
    assert.deepEqual(
      server.asked(),
      range(0, 20)
        .map((i) => `/c/${i}`)
        .sort(),
    )
  })

  it('is requested once also if most of it must wait', async (t) => {
    const { server, array } = await opened(t, arrayObjects([4000], [4]))
    configure({ concurrency: 8 })
    for (const { data } of await Promise.all([array.get(), array.get()]))
      assert.deepEqual([...data], range(0, 4000))
    assert.equal(server.requests.length, 1000)
  })

  it('stays in flight as long as one wants it', async (t) => {
    const { server, array } = await opened(t, arrayObjects([40], [2]))
    server.holds = isChunk
    const controller = new AbortController()
    const aborted = failure(array.get([0], { signal: controller.signal }))
    const other = array.get([1])
    await server.until(() => server.inFlight === 1)
    await server.roundTrip()
    controller.abort('reason')
    assert.equal(await aborted, 'reason')
    assert.equal(stats().inFlight, 1)
    server.release()
    assert.deepEqual([...(await other).data], [1])
    assert.deepEqual([server.requests.length, server.aborted], [1, 0])
  })
})

describe('an abort', () => {
  it('ends two reads at once and leaves nothing behind', async (t) => {
    const { server, array } = await opened(t, arrayObjects([40], [2]))
    configure({ concurrency: 6 })
    server.holds = isChunk
    const controller = new AbortController()
    const { signal } = controller
    const failures = Promise.all([failure(array.get(null, { signal })), failure(array.get([3], { signal }))])
    const untouched = array.get([slice(38, 40)])
    await server.until(() => server.inFlight === 6)
    const reason = new Error('enough')
    controller.abort(reason)
    assert.deepEqual(await failures, [reason, reason])
    // The read that has another signal, or none, gets the freed slots.
    await server.until(() => server.aborted === 6)
    await server.until(() => server.inFlight === 1)
    assert.equal(stats().inFlight, 1)
    server.release()
    assert.deepEqual([...(await untouched).data], [38, 39])
    await server.roundTrip()
    assert.equal(stats().inFlight, 0)
    assert.equal(server.inFlight, 0)
    assert.equal(server.requests.length, 7)
  })

  it('also ends a reply that is half-way here', async (t) => {
    const { server, array } = await opened(t, arrayObjects([8], [4]))
    server.script = ({ key }, honest) => (key === '/c/1' ? { ...honest, stallAfter: 3 } : honest)
    const controller = new AbortController()
    const read = failure(array.get(null, { signal: controller.signal }))
    await server.until(() => server.requests.length === 2 && server.inFlight === 1)
    controller.abort()
    const error = await read
    assert.equal(error, controller.signal.reason)
    assert.equal(error.name, 'AbortError')
    assert.equal(stats().inFlight, 0)
    await server.until(() => server.aborted === 1)
  })

  it('ends the reading of a shard, at its index and at its inner chunks', async (t) => {
    for (const holds of [() => true, ({ range }) => range !== 'bytes=-128']) {
      const { server, array } = await opened(t, shardedObjects(64, 32, 4))
      server.holds = holds
      const controller = new AbortController()
      const read = failure(array.get([slice(20, 44)], { signal: controller.signal }))
      await server.until(() => server.inFlight === 2)
      controller.abort('reason')
      assert.equal(await read, 'reason')
      assert.equal(stats().inFlight, 0)
      await server.until(() => server.aborted === 2)
    }
  })

  it('before the read asks for nothing', async (t) => {
    const { server, array } = await opened(t, arrayObjects([8], [4]))
    const reason = new Error('too late')
    assert.equal(await failure(array.get(null, { signal: AbortSignal.abort(reason) })), reason)
    await server.roundTrip()
    assert.deepEqual(server.requests, [])
  })

  it('after the read changes nothing', async (t) => {
    const { array } = await opened(t, arrayObjects([8], [4]))
    const controller = new AbortController()
    const { data } = await array.get(null, { signal: controller.signal })
    controller.abort()
    await nextTask()
    assert.deepEqual([...data], range(0, 8))
  })
})

it('a signal may be that of many reads, without a warning', async (t) => {
  const { array } = await opened(t, arrayObjects([40], [1]))
  const warnings = []
  const warned = ({ name }) => warnings.push(name)
  process.on('warning', warned)
  t.after(() => process.off('warning', warned))
  const { signal } = new AbortController()
  await Promise.all(range(0, 40).map((index) => array.get([index], { signal })))
  await nextTask()
  assert.deepEqual(warnings, [])
})
