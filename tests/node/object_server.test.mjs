// The server that other tests believe: what it sends, over HTTP/1.1 and HTTP/2, and what it counts.
import assert from 'node:assert/strict'
import * as http2 from 'node:http2'
import * as https from 'node:https'
import { describe } from 'node:test'
import * as faults from '../servers/faults.mjs'
import { serveObjects } from '../servers/object_server.mjs'
import { failure } from './failure.mjs'
import { it } from './over_http.mjs'

const OBJECTS = new Map([
  ['/a', Uint8Array.from({ length: 100 }, (_, i) => i)],
  ['/a b', Uint8Array.of(1, 2, 3)],
])
const bytes = (start, stop) => [...OBJECTS.get('/a').subarray(start, stop)]

/** Each resolves with `{ status, headers, body }`, or rejects with an error that has what came of the body. */
const CLIENTS = { 'http/1.1': overHttp1, h2: overHttp2 }

async function overHttp1(server, path, headers = {}, method = 'GET') {
  const response = await fetch(`${server.origin}${path}`, { headers, method, redirect: 'manual' })
  const body = []
  try {
    for await (const part of response.body ?? []) body.push(...part)
  } catch (error) {
    throw Object.assign(error, { body })
  }
  return { status: response.status, headers: Object.fromEntries(response.headers), body }
}

function overHttp2(server, path, headers = {}, method = 'GET') {
  return new Promise((resolve, reject) => {
    const session = http2.connect(server.origin, { rejectUnauthorized: false })
    const stream = session.request({ ':path': path, ':method': method, ...headers })
    const body = []
    let response
    stream.on('response', (all) => {
      response = all
    })
    stream.on('data', (part) => body.push(...part))
    const fail = (error) => {
      session.destroy()
      reject(Object.assign(error, { body }))
    }
    stream.on('error', fail)
    session.on('error', fail)
    stream.on('end', () => {
      const length = method === 'GET' ? response?.['content-length'] : undefined
      if (response === undefined || (length !== undefined && Number(length) !== body.length))
        return fail(new Error('the stream ended early'))
      session.close()
      resolve({ status: response[':status'], headers: response, body })
    })
  })
}

for (const [protocol, ask] of Object.entries(CLIENTS)) {
  const serving = async (t, options) => {
    const server = await serveObjects(OBJECTS, { protocol, ...options })
    t.after(() => server.close())
    return server
  }

  describe(`over ${protocol}`, () => {
    it('objects and ranges are served and counted', async (t) => {
      const server = await serving(t)
      assert.deepEqual((await ask(server, '/a')).body, bytes(0, 100))
      for (const [range, start, stop] of [
        ['bytes=10-19', 10, 20],
        ['bytes=90-999', 90, 100],
        ['bytes=95-', 95, 100],
        ['bytes=-7', 93, 100],
        ['bytes=-999', 0, 100],
      ]) {
        const { status, headers, body } = await ask(server, '/a', { range })
        assert.equal(status, 206)
        assert.equal(headers['content-range'], `bytes ${start}-${stop - 1}/100`)
        assert.deepEqual(body, bytes(start, stop))
      }
      assert.deepEqual((await ask(server, '/a%20b')).body, [1, 2, 3])
      const refused = await ask(server, '/a', { range: 'bytes=100-' })
      assert.deepEqual([refused.status, refused.headers['content-range']], [416, 'bytes */100'])
      assert.equal((await ask(server, '/none')).status, 404)
      const head = await ask(server, '/a', {}, 'HEAD')
      assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '100', []])
      assert.deepEqual(server.asked(), [
        '/a',
        '/a b',
        '/a bytes=-7',
        '/a bytes=-999',
        '/a bytes=10-19',
        '/a bytes=100-',
        '/a bytes=90-999',
        '/a bytes=95-',
        '/none',
        'HEAD /a',
      ])
      assert.equal(server.bytesSent, 100 + 10 + 10 + 5 + 7 + 100 + 3)
      assert.deepEqual([server.inFlight, server.maxInFlight, server.aborted], [0, 1, 0])
      assert.equal(server.requests[0].version, protocol === 'h2' ? '2.0' : '1.1')
      server.forget()
      assert.deepEqual([server.requests, server.bytesSent, server.connections], [[], 0, 0])
    })

    it('what is held counts as in flight until it is released or its client has gone', async (t) => {
      const server = await serving(t)
      server.holds = ({ range }) => range !== undefined
      const held = [0, 1, 2].map((i) => ask(server, '/a', { range: `bytes=${i}-${i}` }))
      await server.until(() => server.inFlight === 3)
      await server.roundTrip()
      assert.equal((await ask(server, '/a')).status, 200)
      assert.deepEqual([server.inFlight, server.maxInFlight], [3, 4])
      server.release(({ range }) => range === 'bytes=1-1')
      assert.deepEqual((await held[1]).body, [1])
      server.release()
      assert.deepEqual((await held[2]).body, [2])
      assert.deepEqual([server.inFlight, server.aborted], [0, 0])
      assert.equal(server.connections, 4)
    })

    it('faults of replies that are whole', async (t) => {
      const server = await serving(t)
      const range = { range: 'bytes=10-19' }
      const replied = async (script) => {
        server.script = script
        const { status, headers, body } = await ask(server, '/a', range)
        return [status, headers['content-range'], body]
      }
      assert.deepEqual(await replied(faults.refused(503, 2)), [503, undefined, []])
      assert.equal((await ask(server, '/a')).headers['retry-after'], '2')
      assert.deepEqual(await replied(faults.whole), [200, undefined, bytes(0, 100)])
      assert.deepEqual(await replied(faults.shifted(5)), [206, 'bytes 15-24/100', bytes(15, 25)])
      assert.deepEqual(await replied(faults.unsatisfiable), [416, 'bytes */100', []])
      assert.deepEqual(await replied(faults.shortened), [206, 'bytes 10-19/100', bytes(10, 15)])
      assert.deepEqual(await replied(faults.trickling(3)), [206, 'bytes 10-19/100', bytes(10, 20)])
      assert.deepEqual(await replied(faults.delayed(1)), [206, 'bytes 10-19/100', bytes(10, 20)])
      server.latency = 1
      assert.deepEqual(await replied(faults.answered), [206, 'bytes 10-19/100', bytes(10, 20)])
      server.script = faults.redirected('http://elsewhere:1', 307)
      const { status, headers } = await ask(server, '/a?b=c')
      assert.deepEqual([status, headers.location], [307, 'http://elsewhere:1/a?b=c'])
      assert.equal(server.inFlight, 0)
    })

    it('faults that end a reply early', async (t) => {
      const server = await serving(t)
      for (const [fault, count] of [
        [faults.dropped, 0],
        [faults.truncated, 50],
        [faults.miscounted(5), 100],
      ]) {
        server.script = fault
        const error = await failure(ask(server, '/a'))
        assert.deepEqual(error.body ?? [], bytes(0, count))
      }
      server.script = faults.reset
      await assert.rejects(ask(server, '/a'))
      assert.deepEqual([server.inFlight, server.aborted], [0, 0])
      server.script = faults.answered
      assert.equal((await ask(server, '/a')).status, 200)
    })

    it('a reply that stalls is in flight until its client has gone', async (t) => {
      const server = await serving(t)
      server.script = faults.stalled
      const asking = assert.rejects(ask(server, '/a'))
      await server.until(() => server.bytesSent === 50)
      assert.equal(server.inFlight, 1)
      server.close()
      await asking
      await server.until(() => server.aborted === 1)
      assert.equal(server.inFlight, 0)
    })

    it('faults happen so often, to those that match, or at random as the seed says', async (t) => {
      const server = await serving(t)
      const statuses = async (script, ranges) => {
        server.forget()
        server.script = script
        const found = []
        for (const range of ranges) {
          const { status } = await ask(server, '/a', { range })
          found.push(status)
        }
        return found
      }
      const twice = ['bytes=0-1', 'bytes=0-1', 'bytes=0-1', 'bytes=2-3', 'bytes=2-3', 'bytes=2-3']
      const burst = faults.first(2, faults.refused(429))
      assert.deepEqual(await statuses(burst, twice), [429, 429, 206, 429, 429, 206])
      const matching = faults.only(({ range }) => range === 'bytes=2-3', burst)
      assert.deepEqual(await statuses(matching, twice), [206, 206, 206, 429, 429, 206])
      const many = Array.from({ length: 100 }, (_, i) => `bytes=${i}-${i}`)
      const rates = [
        [0.1, faults.refused(503)],
        [0.1, faults.refused(500)],
      ]
      const one = await statuses(faults.atRandom(1, rates), many)
      const backwards = await statuses(faults.atRandom(1, rates), [...many].reverse())
      assert.deepEqual(backwards.reverse(), one)
      assert.notDeepEqual(await statuses(faults.atRandom(2, rates), many), one)
      const count = (status) => one.filter((found) => found === status).length
      assert.deepEqual([count(503), count(500), count(206)], [8, 10, 82])
    })

    it('pages of other origins are told what they may do', async (t) => {
      const server = await serving(t)
      const origin = 'http://page:1'
      const preflight = { origin, 'access-control-request-method': 'GET' }
      const asking = { ...preflight, 'access-control-request-headers': 'range,authorization' }
      for (const [mode, allowed, exposed] of [
        ['off', undefined, undefined],
        ['plain', origin, undefined],
        ['exposed', origin, 'content-length, content-range, etag, retry-after'],
      ]) {
        server.cors = mode
        const { headers } = await ask(server, '/a', { origin })
        assert.equal(headers['access-control-allow-origin'], allowed)
        assert.equal(headers['access-control-expose-headers'], exposed)
        const permission = await ask(server, '/a', asking, 'OPTIONS')
        assert.equal(permission.status, 204)
        const headersAllowed = mode === 'off' ? undefined : 'range,authorization'
        assert.equal(permission.headers['access-control-allow-headers'], headersAllowed)
      }
      assert.equal(server.requests.length, 3)
      assert.deepEqual(server.countedPreflights(), { [`${origin} GET authorization range`]: 3 })
    })
  })
}

it('a client without HTTP/2 is served by HTTP/1.1 all the same', async (t) => {
  const server = await serveObjects(OBJECTS, { protocol: 'h2' })
  t.after(() => server.close())
  const body = await new Promise((resolve, reject) => {
    const request = https.get(
      `${server.origin}/a`,
      { rejectUnauthorized: false, agent: false },
      (response) => {
        const parts = []
        response.on('data', (part) => parts.push(...part)).on('end', () => resolve(parts))
      },
    )
    request.on('error', reject)
  })
  assert.deepEqual(body, bytes(0, 100))
  assert.equal(server.requests[0].version, '1.1')
})
