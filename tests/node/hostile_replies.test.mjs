// Replies that no good server sends: each is an error, in the end, and never something that is waited for in vain.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { gzipSync } from 'node:zlib'
import { open, slice, stats } from 'zarr-wasm'
import { redirected } from '../servers/faults.mjs'
import { answerOf } from '../servers/replies.mjs'
import { arrayDocument, arrayObjects, json, range, shardedObjects } from './arrays.mjs'
import { failure } from './failure.mjs'
import { AT_ONCE, it, opened, serving } from './over_http.mjs'

async function failed(array) {
  const error = await failure(array.get([0]))
  assert.equal(error.code, 'store')
  assert.equal(stats().inFlight, 0)
  return error.message
}

describe('a redirect', () => {
  for (const location of [
    'http://[',
    'http://',
    '//',
    'http://127.0.0.1:99999/',
    'data:,x',
    'ftp://host/x',
  ]) {
    it(`to ${location} is an error`, async (t) => {
      const { server, array } = await opened(t, arrayObjects([4], [2]))
      server.script = () => answerOf(302, { location })
      assert.match(
        await failed(array),
        /after 5 attempts: request failed: .*(Invalid URL|the protocol (data|ftp): is not HTTP)/,
      )
    })
  }

  it('without end is an error', async (t) => {
    const { server, array } = await opened(t, arrayObjects([4], [2]))
    server.script = redirected(server.origin)
    assert.match(await failed(array), /status 302, expected/)
    assert.equal(server.requests.length, 11)
  })

  it('to another origin gets no credentials, and its own name', async (t) => {
    const target = await serving(t, arrayObjects([4], [2]))
    const server = await serving(t, new Map())
    server.script = redirected(target.origin)
    const headers = {
      authorization: 'a',
      cookie: 'b',
      'proxy-authorization': 'c',
      host: 'name.example',
      'x-other': 'd',
    }
    await open(server.origin, { kind: 'array', headers })
    const seen = ({ requests }) => Object.keys(headers).map((name) => requests[0].headers[name])
    assert.deepEqual(seen(server), Object.values(headers))
    assert.deepEqual(seen(target), [undefined, undefined, undefined, target.origin.slice(7), 'd'])
  })
})

describe('a content encoding', () => {
  for (const encoding of ['constructor', '__proto__', 'compress', 'gzip, br']) {
    it(`${encoding} is an error`, async (t) => {
      const { server, array } = await opened(t, arrayObjects([4], [2]))
      server.script = (_, { body }) => answerOf(200, { 'content-encoding': encoding }, body)
      assert.match(await failed(array), new RegExp(`the content encoding ${encoding} is not known`))
    })
  }

  it('may be written in any case', async (t) => {
    const { server, array } = await opened(t, arrayObjects([4], [2]))
    server.script = (_, { body }) => answerOf(200, { 'content-encoding': 'GZip' }, gzipSync(body))
    assert.deepEqual([...(await array.get()).data], range(0, 4))
  })

  it('is undone also of the largest chunks', async (t) => {
    const huge = arrayDocument([2 ** 30], [2 ** 29])
    const server = await serving(
      t,
      new Map([
        ['/zarr.json', json(huge)],
        ['/c/0', new Uint8Array(4)],
      ]),
    )
    const array = await open(server.origin, { kind: 'array', retry: AT_ONCE })
    server.script = (_, { body }) => answerOf(200, { 'content-encoding': 'gzip' }, gzipSync(body))
    assert.equal((await failure(array.get([0]))).code, 'corrupt-chunk')
  })
})

describe('a reply', () => {
  it('that changes the protocol is an error', async (t) => {
    const { server, array } = await opened(t, arrayObjects([4], [2]))
    server.script = () => answerOf(101, { connection: 'upgrade', upgrade: 'other' })
    assert.match(await failed(array), /after 5 attempts: request failed: .*without an answer/)
  })

  for (const place of [
    'bytes 0-127/192',
    'bytes 0-127/*',
    'bytes=0-127/192',
    'bytes 0-127',
    ' BYTES  0-127/192',
  ]) {
    it(`of another range is an error, in whatever way it says so: ${place}`, async (t) => {
      const { server, array } = await opened(t, shardedObjects(64, 32, 4, { indexLocation: 'start' }))
      server.script = ({ range }, { body }) =>
        range === 'bytes=0-127'
          ? { status: 206, headers: { 'content-range': place }, body }
          : { status: 206, headers: { 'content-range': place.replace('0-127', '128-135') }, body }
      const error = await failure(array.get([slice(4, 8)]))
      assert.match(error.message, /bytes 136..144 were asked for, the reply says it is 128 to 135/)
    })
  }

  it('for which there is no room is an error', async (t) => {
    const objects = shardedObjects(64, 32, 4)
    const shard = new DataView(objects.get('/c/0').buffer)
    // Of the first entry of the index the length, in bytes.
    shard.setBigUint64(64 + 8, 2n ** 45n, true)
    const server = await serving(t, objects)
    // It comes in many parts, and to look for so much memory takes a while: two failures are enough.
    const array = await open(server.origin, { kind: 'array', retry: { ...AT_ONCE, attempts: 2 } })
    const index = {
      'content-length': 128,
      'content-range': `bytes ${2 ** 46 - 128}-${2 ** 46 - 1}/${2 ** 46}`,
    }
    server.script = ({ range }, { body }) =>
      range === 'bytes=-128'
        ? { status: 206, headers: index, body }
        : { status: 200, headers: { 'content-length': 2 ** 38 }, body }
    assert.match(await failed(array), /after 2 attempts: request failed: RangeError/)
  })
})

describe('a fetch of the user', () => {
  const objects = arrayObjects([4], [2])
  const honest = ({ url }) => {
    const object = objects.get(new URL(url).pathname)
    return new Response(object ?? null, { status: object ? 200 : 404 })
  }
  const streaming = (...chunks) => {
    const start = (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    }
    return new Response(new ReadableStream({ start }))
  }
  const opening = async (answer) => {
    let own = honest
    const array = await open('http://host/', {
      kind: 'array',
      retry: AT_ONCE,
      fetch: (request) => own(request),
    })
    own = answer
    return array
  }
  const headers = new Headers({ 'content-length': '4' })
  const nonsense = {
    nothing: () => undefined,
    'an empty object': () => ({}),
    'an exception': () => {
      throw new Error('no')
    },
    'a body of text': () => streaming('1234'),
    'a body of lists': () => streaming([1, 2], [3, 4]),
    'a number for a body': () => ({ status: 200, headers, arrayBuffer: async () => 4 }),
    'headers that throw': () => ({
      status: 206,
      headers: { has: () => false, get: (name) => (name === 'content-range' ? headers.no() : null) },
      arrayBuffer: async () => new ArrayBuffer(4),
    }),
  }
  for (const [what, answer] of Object.entries(nonsense)) {
    it(`that answers ${what} is an error`, async () => {
      assert.match(await failed(await opening(answer)), /after 5 attempts: request failed: /)
    })
  }

  it('whose body is given up need not look at the signal', async () => {
    let cancelled = false
    const body = new ReadableStream({
      cancel: () => {
        cancelled = true
      },
    })
    const headers = { 'content-length': `${2 ** 40}` }
    const array = await opening(() => new Response(body, { headers }))
    assert.equal((await failure(array.get([0]))).code, 'corrupt-chunk')
    assert.ok(cancelled)
  })
})
