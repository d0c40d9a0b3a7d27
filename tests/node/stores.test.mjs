// Objects as stores: what they are called with, and what they may answer.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as nextTask } from 'node:timers/promises'
import { open, slice, stats } from 'zarr-wasm'
import { arrayObjects, DOCUMENTS, FILL, range, shardedObjects } from './arrays.mjs'
import { fails, failure } from './failure.mjs'

/** A store that notes its calls, `[method, key, range?]`. */
function noting(objects, { ranges = false } = {}) {
  const calls = []
  const store = {
    calls,
    signals: [],
    get(key, { signal }) {
      calls.push(['get', key])
      this.signals.push(signal)
      return objects.get(key)
    },
  }
  if (ranges) {
    store.getRange = async function (key, wanted, { signal }) {
      calls.push(['getRange', key, wanted])
      this.signals.push(signal)
      const object = objects.get(key)
      if (!object) return undefined
      const { offset = object.length - wanted.suffixLength, length = wanted.suffixLength } = wanted
      return object.subarray(offset, offset + length)
    }
  }
  return store
}

describe('a store', () => {
  test('with get alone gives shards as a whole', async () => {
    const store = noting(shardedObjects(32, 16, 4))
    const array = await open(store)
    assert.deepEqual(
      store.calls.sort(),
      DOCUMENTS.any.map((name) => ['get', `/${name}`]),
    )
    store.calls.length = 0
    assert.deepEqual([...(await array.get([slice(6, 10)])).data], range(6, 10))
    assert.deepEqual(store.calls, [['get', '/c/0']])
  })

  test('with getRange is asked for ranges', async () => {
    const store = noting(shardedObjects(32, 16, 4), { ranges: true })
    const array = await open(store)
    store.calls.length = 0
    assert.deepEqual([...(await array.get([slice(6, 10)])).data], range(6, 10))
    assert.deepEqual(store.calls, [
      ['getRange', '/c/0', { suffixLength: 64 }],
      ['getRange', '/c/0', { offset: 8, length: 16 }],
    ])
    store.calls.length = 0
    assert.deepEqual([...(await array.get([slice(16, 32)])).data], range(16, 32))
    assert.deepEqual(store.calls, [['get', '/c/1']])
    assert.ok(store.signals.every((signal) => signal instanceof AbortSignal && !signal.aborted))
  })

  test('may answer at once or later, with any usual form of bytes', async () => {
    const objects = arrayObjects([2], [2])
    const bytes = objects.get('/c/0')
    const padded = new Uint8Array([9, ...bytes, 9])
    const shared = new Uint8Array(new SharedArrayBuffer(4))
    shared.set(bytes)
    const forms = [
      bytes,
      bytes.slice().buffer,
      Buffer.from(bytes),
      padded.subarray(1, 5),
      shared,
      Promise.resolve(bytes),
      nextTask(bytes),
    ]
    for (const form of forms) {
      const array = await open({ get: (key) => (key === '/c/0' ? form : objects.get(key)) })
      assert.deepEqual((await array.get()).data, Uint16Array.of(0, 1))
    }
  })

  test('that answers undefined or null has no such object', async () => {
    const objects = arrayObjects([2], [2])
    for (const nothing of [undefined, null, Promise.resolve(undefined)]) {
      const array = await open({ get: (key) => (key === '/zarr.json' ? objects.get(key) : nothing) })
      assert.deepEqual((await array.get()).data, Uint16Array.of(FILL, FILL))
    }
  })

  test('that throws or rejects is an error with that cause', async () => {
    const objects = arrayObjects([2], [2])
    const cause = new RangeError('disk on fire')
    const throwing = () => {
      throw cause
    }
    for (const get of [throwing, async () => throwing()]) {
      const message = 'the store failed: RangeError: disk on fire'
      const opening = open({ get })
      const fields = { code: 'store', path: '/', key: 'zarr.json' }
      assert.equal((await fails(opening, `zarr.json: ${message}`, fields)).cause, cause)
      const array = await open({ get: (key) => (key === '/c/0' ? get() : objects.get(key)) })
      const reading = fails(array.get(), `c/0: ${message}`, { code: 'store', path: '/', key: 'c/0' })
      assert.equal((await reading).cause, cause)
    }
    const sharded = noting(shardedObjects(32, 16, 4), { ranges: true })
    const array = await open(sharded)
    sharded.getRange = undefined
    assert.deepEqual([...(await array.get([0])).data], [0])
    const failing = await open({ ...sharded, getRange: async () => throwing() })
    const message = 'c/0: shard index: the store failed: RangeError: disk on fire'
    const error = await fails(failing.get([0]), message, { code: 'store', path: '/', key: 'c/0' })
    assert.equal(error.cause, cause)
  })

  test('that throws something else than an error is an error all the same', async () => {
    const objects = arrayObjects([2], [2])
    for (const [thrown, described] of [
      ['text', '"text"'],
      [{ zarrError: true }, '{"zarrError":true}'],
    ]) {
      const array = await open({
        get: (key) => (key === '/c/0' ? Promise.reject(thrown) : objects.get(key)),
      })
      const message = `c/0: the store failed: ${described}`
      const error = await fails(array.get(), message, { code: 'store', path: '/', key: 'c/0' })
      assert.equal(error.cause, thrown)
    }
  })

  test('that answers something else than bytes is an error', async () => {
    const objects = arrayObjects([2], [2])
    for (const [answer, described] of [
      ['text', '"text"'],
      [4, '4'],
      [[0, 0, 1, 0], '[0,0,1,0]'],
      [new Uint16Array(2), 'Uint16Array'],
    ]) {
      for (const form of [answer, Promise.resolve(answer)]) {
        const array = await open({ get: (key) => (key === '/c/0' ? form : objects.get(key)) })
        const message = `c/0: the store answered ${described}, expected a Uint8Array or undefined`
        await fails(array.get(), message, { code: 'store', path: '/', key: 'c/0' })
      }
    }
  })

  test('that answers a range of another length is an error', async () => {
    for (const length of [0, 7, 9, 64]) {
      const store = noting(shardedObjects(32, 16, 4), { ranges: true })
      const { getRange } = store
      store.getRange = function (key, wanted, options) {
        return wanted.length === 8 ? new Uint8Array(length) : getRange.call(this, key, wanted, options)
      }
      const message = `c/0: inner chunk [1]: bytes 8..16 were asked for, ${length} bytes came`
      const fields = { code: 'store', path: '/', key: 'c/0' }
      await fails((await open(store)).get([5]), message, fields)
    }
  })

  test('is called as a method, with a signal that follows the read’s', async () => {
    const objects = arrayObjects([8], [2])
    const { promise, resolve } = withResolvers()
    class Store {
      #objects = objects
      signals = []
      get(key, { signal }) {
        if (!key.startsWith('/c/')) return this.#objects.get(key)
        this.signals.push(signal)
        return key === '/c/0' ? this.#objects.get(key) : promise
      }
    }
    const store = new Store()
    const array = await open(store)
    const controller = new AbortController()
    const read = failure(array.get(null, { signal: controller.signal }))
    while (store.signals.length < 4) await nextTask()
    controller.abort()
    assert.equal(await read, controller.signal.reason)
    assert.deepEqual(
      store.signals.map(({ aborted }) => aborted),
      [false, true, true, true],
    )
    assert.equal(stats().inFlight, 0)
    resolve(undefined)
  })
})

describe('what a store may do besides', () => {
  test('read through the library, with more chunks than there are slots', async () => {
    const inner = await open(arrayObjects([200], [1]))
    const objects = arrayObjects([200], [1])
    const outer = await open({
      async get(key) {
        if (!key.startsWith('/c/')) return objects.get(key)
        const { data } = await inner.get([slice(Number(key.slice(3)), Number(key.slice(3)) + 1)])
        return new Uint8Array(data.buffer)
      },
    })
    assert.deepEqual([...(await outer.get()).data], range(0, 200))
    assert.equal(stats().inFlight, 0)
  })

  test('answer with anything that can be awaited', async () => {
    const objects = arrayObjects([4], [2])
    // biome-ignore lint/suspicious/noThenProperty: a thenable that is no Promise is what is tested.
    const array = await open({ get: (key) => ({ then: (done) => done(objects.get(key)) }) })
    assert.deepEqual([...(await array.get()).data], range(0, 4))
  })

  test('have nothing, at once and often: an abort is heard all the same', async () => {
    const [document] = arrayObjects([1, 1], [1, 1], { shape: [2000, 2000], fill_value: 0 }).values()
    const array = await open(new Map([['/zarr.json', document]]))
    const controller = new AbortController()
    setImmediate(() => controller.abort())
    assert.equal(await failure(array.get(null, { signal: controller.signal })), controller.signal.reason)
  })

  test('be shared by several arrays, which share its slots', async () => {
    const objects = new Map([
      ...arrayObjects([400], [2], { name: '/a' }),
      ...arrayObjects([400], [2], { name: '/b' }),
      ['/zarr.json', new TextEncoder().encode('{"zarr_format": 3, "node_type": "group"}')],
    ])
    let most = 0
    let waiting = 0
    const store = {
      async get(key) {
        waiting += 1
        most = Math.max(most, waiting)
        await nextTask()
        waiting -= 1
        return objects.get(key)
      },
    }
    const groups = await Promise.all([open(store), open(store)])
    const arrays = await Promise.all([groups[0].open('a'), groups[1].open('b')])
    await Promise.all(arrays.map((array) => array.get()))
    assert.equal(most, 64)
  })
})

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers() {
  let resolve
  const promise = new Promise((r) => {
    resolve = r
  })
  return { promise, resolve }
}
