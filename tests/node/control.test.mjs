// How reads are steered and watched, over real HTTP.
import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe } from 'node:test'
import { configure, open, Priority, slice, stats, ZarrError } from 'zarr-wasm'
import { fetchFrom, scripted } from 'zarr-wasm/testing'
import { arrayDocument, arrayObjects, FILL, groupDocument, json, range, shardedObjects } from './arrays.mjs'
import { fails, failure } from './failure.mjs'
import { isChunk, it, opened, serving } from './over_http.mjs'

describe('priority', () => {
  it('decides who is served next, also if it is changed while they wait', async (t) => {
    const { server, array } = await opened(t, arrayObjects([6], [1]))
    configure({ concurrency: 1 })
    server.holds = isChunk
    const rising = new Priority(-5)
    const reads = [
      array.get([0]),
      array.get([1], { priority: -1 }),
      array.get([2], { priority: rising }),
      array.get([3]),
      array.get([4], { priority: 2 }),
    ]
    await server.until(() => server.requests.length === 1)
    await server.roundTrip()
    rising.value = 1
    for (let n = 1; n <= 5; n++) {
      await server.until(() => server.requests.length === n)
      server.release()
    }
    await Promise.all(reads)
    assert.deepEqual(
      server.requests.map(({ key }) => key),
      ['/c/0', '/c/4', '/c/2', '/c/3', '/c/1'],
    )
  })

  it('is a number', async (t) => {
    const { array } = await opened(t, arrayObjects([6], [1]))
    const message = 'priority is "1", expected a finite number or a Priority'
    await fails(array.get(null, { priority: '1' }), message, { code: 'invalid-argument' })
    assert.throws(() => new Priority(Number.NaN), ZarrError)
  })
})

describe('concurrency', () => {
  it('of one read bounds that one', async (t) => {
    const { server, array } = await opened(t, arrayObjects([20], [1]))
    server.holds = isChunk
    const modest = array.get([slice(0, 10)], { concurrency: 2 })
    const other = array.get([slice(10, 20)])
    await server.until(() => server.inFlight === 12)
    await server.roundTrip()
    assert.equal(server.inFlight, 12)
    server.holds = () => false
    server.release()
    assert.deepEqual([...(await modest).data, ...(await other).data], range(0, 20))
  })
})

describe('requests by fetch', () => {
  /** The functions of a `fetch` whose calls take more than a turn, and what they found: the task that each was made in. */
  async function slow(t, onCall = () => {}, headers = undefined) {
    let task = 0
    let counting = setImmediate(function count() {
      task++
      counting = setImmediate(count)
    })
    t.after(() => clearImmediate(counting))
    const answer = fetchFrom(scripted(arrayObjects([8], [1])))
    const calls = []
    const array = await open('https://test.example', {
      kind: 'array',
      headers,
      fetch(request) {
        if (request.url.includes('/c/')) {
          calls.push(task)
          onCall()
          for (const until = performance.now() + 5; performance.now() < until; );
        }
        return answer(request)
      },
    })
    return { array, calls }
  }

  for (const [name, headers] of [
    ['', undefined],
    [', also those whose headers come late', async () => ({ accept: '*/*' })],
  ]) {
    it(`let the event loop in between${name}`, async (t) => {
      const { array, calls } = await slow(t, undefined, headers)
      configure({ concurrency: 8 })
      assert.deepEqual([...(await array.get()).data], range(0, 8))
      assert.equal(new Set(calls).size, 8)
    })

    it(`that nobody waits for any more are not made${name}`, async (t) => {
      const controller = new AbortController()
      const { array, calls } = await slow(t, () => controller.abort('enough'), headers)
      configure({ concurrency: 8 })
      assert.equal(await failure(array.get(null, { signal: controller.signal })), 'enough')
      await new Promise((resolve) => setTimeout(resolve, 20))
      assert.equal(calls.length, 1)
    })
  }
})

describe('progress', () => {
  const progressOf = async (array, selection) => {
    const seen = []
    await array.get(selection, { onProgress: (progress) => seen.push(progress) })
    return seen
  }

  it('is told for every chunk, with the bytes that it took', async (t) => {
    const { array } = await opened(t, arrayObjects([6], [2]))
    assert.deepEqual(await progressOf(array), [
      { chunks: 1, totalChunks: 3, bytes: 4 },
      { chunks: 2, totalChunks: 3, bytes: 8 },
      { chunks: 3, totalChunks: 3, bytes: 12 },
    ])
  })

  it('counts inner chunks, those of a missing shard at once', async (t) => {
    const objects = shardedObjects(64, 32, 4)
    objects.delete('/c/1')
    const { array } = await opened(t, objects)
    const seen = await progressOf(array)
    assert.deepEqual(seen.at(-1), { chunks: 16, totalChunks: 16, bytes: 64 })
    assert.equal(seen.length, 9)
  })

  it('that throws ends the read', async (t) => {
    const { array } = await opened(t, arrayObjects([6], [2]))
    const cause = new Error('no')
    const onProgress = () => {
      throw cause
    }
    const error = await failure(array.get(null, { onProgress }))
    assert.equal(error.cause, cause)
  })
})

describe('stream', () => {
  const collect = async (stream) => {
    const regions = []
    for await (const region of stream) regions.push(region)
    return regions.sort((a, b) => a.offset[0] - b.offset[0] || a.offset[1] - b.offset[1])
  }

  it('hands out what each chunk holds, with its place', async (t) => {
    const { array } = await opened(t, arrayObjects([5, 6], [2, 4]))
    const regions = await collect(array.stream([slice(1, 5), slice(5, null, -2)]))
    assert.deepEqual(
      regions.map(({ offset, shape, stride, data }) => ({ offset, shape, stride, data: [...data] })),
      [
        { offset: [0, 0], shape: [1, 1], stride: [1, 1], data: [11] },
        { offset: [0, 1], shape: [1, 2], stride: [2, 1], data: [9, 7] },
        { offset: [1, 0], shape: [2, 1], stride: [1, 1], data: [17, 23] },
        { offset: [1, 1], shape: [2, 2], stride: [2, 1], data: [15, 13, 21, 19] },
        { offset: [3, 0], shape: [1, 1], stride: [1, 1], data: [29] },
        { offset: [3, 1], shape: [1, 2], stride: [2, 1], data: [27, 25] },
      ],
    )
  })

  it('drops the dimensions of integers, and has the fill value where chunks are missing', async (t) => {
    const objects = arrayObjects([4, 4], [2, 2])
    objects.delete('/c/1/1')
    const { array } = await opened(t, objects)
    const regions = await collect(array.stream([3]))
    assert.deepEqual(
      regions.map(({ offset, shape, data }) => [offset, shape, [...data]]),
      [
        [[0], [2], [12, 13]],
        [[2], [2], [FILL, FILL]],
      ],
    )
  })

  it('waits for whoever takes slowly', async (t) => {
    const { server, array } = await opened(t, arrayObjects([1000], [1]))
    configure({ concurrency: 4 })
    const stream = array.stream()
    await stream.next()
    await server.roundTrip()
    await server.roundTrip()
    assert.ok(server.requests.length < 100, `${server.requests.length}`)
    const rest = await collect(stream)
    assert.equal(rest.length, 999)
    assert.equal(stats().inFlight, 0)
  })

  it('does not wait for another of the same region that is taken slowly', async (t) => {
    const { server, array } = await opened(t, arrayObjects([400], [1]))
    const [first, second] = [array.stream(null, { concurrency: 4 }), array.stream(null, { concurrency: 4 })]
    await Promise.all([first.next(), second.next()])
    await server.until(() => server.requests.length > 20)
    for (let n = 0; n < 5; n++) await server.roundTrip()
    assert.equal((await collect(first)).length, 399)
    assert.equal((await collect(second)).length, 399)
  })

  it('leaves room for other reads while it waits', async (t) => {
    const { server, array } = await opened(t, arrayObjects([1 << 20], [1 << 14]))
    const other = await opened(t, arrayObjects([1 << 18], [1 << 17]))
    // Four chunks of the stream, or one of the other array.
    configure({ maxBytesInFlight: 150_000 })
    let regions = 0
    for await (const { data } of array.stream()) {
      if (regions === 0) await server.until(() => server.requests.length > 17)
      if (regions < 4) assert.equal((await other.array.get([1])).data[0], 1)
      assert.equal(data.length, 1 << 14)
      regions += 1
    }
    assert.equal(regions, 64)
    assert.equal(stats().bytesInFlight, 0)
  })

  it('that is left ends its requests', async (t) => {
    const { server, array } = await opened(t, arrayObjects([100], [1]))
    server.holds = ({ key }) => key !== '/c/0' && isChunk({ key })
    for await (const { data } of array.stream()) {
      assert.deepEqual([...data], [0])
      break
    }
    assert.equal(stats().inFlight, 0)
    await server.until(() => server.inFlight === 0)
  })

  it('fails as a read does', async (t) => {
    const { server, array } = await opened(t, arrayObjects([8], [2]))
    server.script = ({ key }, honest) => (key === '/c/2' ? { ...honest, status: 403 } : honest)
    const error = await failure(collect(array.stream()))
    assert.deepEqual([error.code, error.key, error.status], ['store', 'c/2', 403])
    assert.equal(await failure(collect(array.stream(null, { signal: AbortSignal.abort('no') }))), 'no')
    await fails(collect(array.stream(null, { out: new Uint16Array(8) })), 'there is no option out', {
      code: 'invalid-argument',
    })
    const { signal } = new AbortController()
    assert.equal((await failure(collect(array.stream([9], { signal })))).code, 'invalid-selection')
    assert.equal((await failure(collect(array.stream(null, { signal })))).code, 'store')
    assert.deepEqual(getEventListeners(signal, 'abort'), [])
  })
})

describe('plan', () => {
  it('says what a read would request, and requests nothing', async (t) => {
    const { server, array } = await opened(t, arrayObjects([8, 4], [2, 2]))
    const plan = array.plan([slice(1, 4), 0])
    assert.deepEqual(plan, {
      requests: [
        { key: 'c/0/0', chunks: 1 },
        { key: 'c/1/0', chunks: 1 },
      ],
      chunks: 2,
      objects: 2,
    })
    await server.roundTrip()
    assert.deepEqual(server.requests, [])
  })

  it('is not of any length', async (t) => {
    const server = await serving(t, new Map([['/zarr.json', json(arrayDocument([2 ** 50], [1]))]]))
    const array = await open(server.origin, { kind: 'array' })
    const tooLong = 'a plan of more than 1048576 requests, expected a smaller part of the array'
    assert.throws(() => array.plan(), { name: 'ZarrError', code: 'invalid-selection', message: tooLong })
    assert.equal(array.plan([slice(0, 1_000_000)]).requests.length, 1_000_000)
  })

  it('of a sharded array knows the ranges once the index was read', async (t) => {
    const { server, array } = await opened(t, shardedObjects(64, 32, 4, { missing: [3] }))
    const selection = [slice(8, 36)]
    assert.deepEqual(array.plan(selection), {
      requests: [
        { key: 'c/0', chunks: 6 },
        { key: 'c/1', suffixLength: 128, chunks: 0 },
        { key: 'c/1', isUnlocated: true, chunks: 1 },
      ],
      chunks: 7,
      objects: 2,
    })
    await array.get([slice(12, 36)])
    assert.deepEqual(array.plan([slice(12, 36)]).requests, [
      { key: 'c/0', offset: 24, length: 32, chunks: 4 },
      { key: 'c/1', offset: 0, length: 8, chunks: 1 },
    ])
    assert.equal(server.requests.length, 4)
  })
})

describe('load', () => {
  const hierarchy = () =>
    new Map([
      ...arrayObjects([4], [2], { name: '/a' }),
      ...arrayObjects([6], [2], { name: '/b' }),
      ['/zarr.json', json(groupDocument())],
    ])

  it('reads several arrays', async (t) => {
    const server = await serving(t, hierarchy())
    const group = await open(server.origin, { kind: 'group' })
    const { a, b } = await group.load({ a: null, b: [slice(1, 4)] })
    assert.deepEqual([[...a.data], [...b.data]], [range(0, 4), range(1, 4)])
  })

  it('ends with the first failure, and leaves nothing behind', async (t) => {
    const server = await serving(t, hierarchy())
    const group = await open(server.origin, { kind: 'group' })
    server.holds = ({ key }) => key.startsWith('/a/c/')
    server.script = ({ key }, honest) => (key === '/b/c/1' ? { ...honest, status: 403 } : honest)
    const error = await failure(group.load({ a: null, b: null }))
    assert.deepEqual([error.path, error.key, error.status], ['/b', 'b/c/1', 403])
    assert.equal(stats().inFlight, 0)
    assert.equal(await failure(group.load({ a: null }, { signal: AbortSignal.abort('no') })), 'no')
  })
})
