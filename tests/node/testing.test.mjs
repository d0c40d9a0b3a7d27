// The entry `zarr-wasm/testing`: stores that follow a script, and a `fetch` that answers from them.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { open, slice, stats } from 'zarr-wasm'
import { fetchFrom, ScriptedStore, StatusError, scripted } from 'zarr-wasm/testing'
import { arrayObjects, FILL, shardedObjects } from './arrays.mjs'
import { failure } from './failure.mjs'

const AT_ONCE = { minDelay: 0, maxDelay: 0 }
const isChunk = ({ key }) => key.startsWith('/c/')

describe('a scripted store', () => {
  test('without a script answers as the store does, and remembers what was asked', async () => {
    const store = scripted(arrayObjects([4], [2]))
    const array = await open(store, { kind: 'array' })
    assert.deepEqual([...(await array.get([slice(0, 2)])).data], [0, 1])
    assert.deepEqual([...(await array.get([slice(1, 2)])).data], [1])
    assert.ok(store instanceof ScriptedStore)
    assert.deepEqual(store.requests.filter(isChunk), [
      { key: '/c/0', index: 3, attempt: 1 },
      { key: '/c/0', index: 4, attempt: 2 },
    ])
    assert.deepEqual([store.inFlight, store.maxInFlight], [0, 3])
  })

  test('has ranges and listings exactly where its store has', async () => {
    assert.equal(scripted(new Map()).getRange, undefined)
    assert.equal(scripted(new Map()).listDir, undefined)
    const store = scripted({
      get: () => undefined,
      getRange: (key, range) => new TextEncoder().encode(`${key} ${JSON.stringify(range)}`),
      listDir: (key) => [`below ${key}`],
    })
    const range = { offset: 1, length: 2 }
    assert.equal(new TextDecoder().decode(await store.getRange('/a', range)), '/a {"offset":1,"length":2}')
    assert.deepEqual(store.requests, [{ key: '/a', index: 0, attempt: 1, range }])
    assert.deepEqual(store.listDir('/'), ['below /'])
  })

  test('has what the script says go wrong', async () => {
    const scripts = {
      '/c/0': { missing: true },
      '/c/1': { error: new Error('torn cable') },
      '/c/2': { status: 503 },
      '/c/3': { change: (bytes) => bytes.subarray(1) },
    }
    const store = scripted(arrayObjects([8], [2]), ({ key }) => scripts[key])
    const array = await open(store, { kind: 'array' })
    assert.deepEqual([...(await array.get([slice(0, 2)])).data], [FILL, FILL])
    assert.match((await failure(array.get([2]))).message, /torn cable/)
    const refused = await failure(array.get([4]))
    assert.ok(refused.cause instanceof StatusError)
    assert.deepEqual([refused.code, refused.cause.status], ['store', 503])
    assert.equal((await failure(array.get([6]))).code, 'corrupt-chunk')
    assert.equal(store.inFlight, 0)
  })

  test('waits as long as the script says, and not after an abort', async () => {
    const store = scripted(arrayObjects([4], [2]), ({ key }) => ({ delay: key === '/c/1' ? 1e9 : 1 }))
    const array = await open(store, { kind: 'array' })
    const controller = new AbortController()
    const onProgress = () => controller.abort('enough')
    assert.equal(await failure(array.get(null, { signal: controller.signal, onProgress })), 'enough')
    await new Promise(setImmediate)
    assert.equal(store.inFlight, 0)
    assert.equal(await failure(store.get('/c/1', { signal: AbortSignal.abort('gone') })), 'gone')
  })
})

describe('a fetch from a store', () => {
  const origin = 'https://test.example'

  test('answers objects, ranges and what is not there', async () => {
    const store = scripted(shardedObjects(32, 16, 4))
    const array = await open(origin, { kind: 'array', fetch: fetchFrom(store) })
    assert.deepEqual([...(await array.get([slice(6, 10)])).data], [6, 7, 8, 9])
    const ask = (headers, method = 'GET') =>
      fetchFrom(store)(new Request(`${origin}/c/0`, { method, headers }))
    const shown = async (response) => [
      response.status,
      response.headers.get('content-range'),
      (await response.arrayBuffer()).byteLength,
    ]
    assert.deepEqual(await shown(await ask({})), [200, null, 96])
    assert.deepEqual(await shown(await ask({ range: 'bytes=90-' })), [206, 'bytes 90-95/96', 6])
    assert.deepEqual(await shown(await ask({ range: 'bytes=0-999' })), [206, 'bytes 0-95/96', 96])
    assert.deepEqual(await shown(await ask({ range: 'bytes=-4' })), [206, 'bytes 92-95/96', 4])
    assert.deepEqual(await shown(await ask({ range: 'bytes=96-99' })), [416, 'bytes */96', 0])
    assert.equal((await ask({}, 'HEAD')).headers.get('content-length'), '96')
    assert.equal((await fetchFrom(store)(new Request(`${origin}/c/9`))).status, 404)
  })

  test('has failures tried again', async () => {
    const script = ({ attempt }) => (attempt < 3 ? { status: attempt === 1 ? 503 : 429, retryAfter: 0 } : {})
    const store = scripted(arrayObjects([4], [2]), script)
    const { retries } = stats()
    const array = await open(origin, { kind: 'array', fetch: fetchFrom(store), retry: AT_ONCE })
    assert.deepEqual([...(await array.get()).data], [0, 1, 2, 3])
    assert.equal(store.requests.length, 5 * 3)
    assert.equal(stats().retries - retries, 5 * 2)
  })

  test('fails as a network does where the store throws', async () => {
    const store = scripted(arrayObjects([4], [2]), ({ key }) =>
      key === '/c/0' ? { error: new Error('no route') } : {},
    )
    const array = await open(origin, { kind: 'array', fetch: fetchFrom(store), retry: AT_ONCE })
    const error = await failure(array.get())
    assert.equal(error.code, 'store')
    assert.match(error.message, /after 5 attempts: .*no route/)
  })
})
