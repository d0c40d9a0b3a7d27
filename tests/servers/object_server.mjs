// A server of objects over HTTP/1.1 or HTTP/2 that does as it is told, and knows exactly what it was asked for.
//
// Replies can be held until they are released, so a test decides in which order things happen and waits for events, never
// for a time. `script` makes replies go wrong: see faults.mjs.
import * as http from 'node:http'
import * as http2 from 'node:http2'
import * as https from 'node:https'
import { selfSigned } from './certificate.mjs'
import { answered } from './faults.mjs'
import { CORS, honest } from './replies.mjs'
import { send } from './send.mjs'

const ROUND_TRIP = '/round-trip'

/**
 * Serves the objects of a `Map` from keys, with a leading slash, to bytes. `protocol` is `http/1.1`, `https/1.1`, or `h2`:
 * HTTP/2 over TLS, which falls back to HTTP/1.1 for clients that don't have it. `cors` is a name of `CORS`.
 */
export async function serveObjects(objects, { protocol = 'http/1.1', cors = 'off' } = {}) {
  const server = new ObjectServer(objects, protocol)
  server.cors = cors
  await server.listen()
  return server
}

class ObjectServer {
  /**
   * What was asked for, in order of arrival: `{ method, url, key, range, origin, headers, version, attempt }`; the key is
   * the decoded path, the attempt counts from 1 how often the same was asked for. Preflights are not among them.
   */
  requests = []
  /** The preflights of pages of other origins: `{ key, origin, method, headers }`, with the names of the headers. */
  preflights = []
  /** Requests that came and were not answered yet, and the most there were at once. */
  inFlight = 0
  maxInFlight = 0
  /** Requests whose client left before the answer. */
  aborted = 0
  connections = 0
  /** Bytes of bodies. */
  bytesSent = 0
  script = answered
  /** Says which requests must wait to be released. */
  holds = () => false
  /** Milliseconds that each reply takes longer. */
  latency = 0
  cors = 'off'
  /** Seconds for which a browser may remember a preflight; without it as long as the browser likes. */
  preflightAge = undefined

  #objects
  #server
  #scheme
  #sockets = new Set()
  #attempts = new Map()
  #held = new Map()
  #waiting = []

  constructor(objects, protocol) {
    this.#objects = objects
    this.#scheme = protocol === 'http/1.1' ? 'http' : 'https'
    this.#server = listener(protocol, (request, response) => this.#serve(request, response))
    this.#server.on('connection', (socket) => {
      this.connections += 1
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  listen() {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen(0, '127.0.0.1', () => {
        this.origin = `${this.#scheme}://127.0.0.1:${this.#server.address().port}`
        resolve()
      })
    })
  }

  close() {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Forgets what was asked for so far; what is in flight still is. */
  forget() {
    this.requests.length = 0
    this.preflights.length = 0
    this.#attempts.clear()
    Object.assign(this, { maxInFlight: this.inFlight, aborted: 0, connections: 0, bytesSent: 0 })
  }

  /** Lets the held requests that match be answered; later ones are held as before. */
  release(matches = () => true) {
    for (const [request, answer] of this.#held) {
      if (!matches(request)) continue
      this.#held.delete(request)
      answer()
    }
  }

  /** Resolves as soon as the condition holds; it is looked at after everything that happens here. */
  until(condition) {
    return new Promise((resolve) => {
      this.#waiting.push({ condition, resolve })
      this.#changed()
    })
  }

  /** What a client would have asked for by now has arrived after this: new connections are served in order. */
  async roundTrip() {
    const { get } = this.#scheme === 'http' ? http : https
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve, reject) => {
        const options = { agent: false, rejectUnauthorized: false }
        const request = get(`${this.origin}${ROUND_TRIP}`, options, (response) =>
          response.resume().on('end', resolve),
        )
        request.on('error', reject)
      })
    }
  }

  /** The keys asked for since the `from`th request, sorted, with the range where there was one, and other methods than GET. */
  asked(from = 0) {
    return this.requests
      .slice(from)
      .map(({ method, key, range }) => [method === 'GET' ? '' : method, key, range ?? ''].join(' ').trim())
      .sort()
  }

  /** How many preflights there were of each origin, method and set of headers: `{ 'http://… GET range': 1 }`. */
  countedPreflights() {
    const counts = {}
    for (const { origin, method, headers } of this.preflights) {
      const what = [origin, method, ...headers].join(' ')
      counts[what] = (counts[what] ?? 0) + 1
    }
    return counts
  }

  #serve(incoming, response) {
    const { method, url, headers, httpVersion } = incoming
    const { origin } = headers
    const key = decodeURIComponent(url.split('?')[0])
    // A client that has gone is noticed by 'close'.
    response.on('error', () => {})
    if (url === ROUND_TRIP) {
      this.connections -= 1
      return response.end()
    }
    const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
    if (isPreflight) return this.#allow(key, headers, response)
    const { range } = headers
    const request = { method, url, key, range, origin, headers, version: httpVersion }
    request.attempt = this.#attemptOf(request)
    let answered = false
    const done = () => {
      answered = true
      this.inFlight -= 1
    }
    response.once('close', () => {
      if (!answered) {
        this.#held.delete(request)
        this.aborted += 1
        done()
      }
      this.#changed()
    })
    const answer = () => {
      const object = this.#objects.get(key)
      const reply = this.script(request, honest(object, range), object)
      const cors = origin === undefined ? {} : CORS[this.cors](origin)
      const described = { ...reply, headers: { ...cors, ...reply.headers } }
      if (this.latency > 0) described.delay = (reply.delay ?? 0) + this.latency
      send(response, described, {
        isHead: method === 'HEAD',
        // Before the last byte leaves: the client may send its next request as soon as it has that one.
        last: () => done(),
        sent: (bytes) => {
          this.bytesSent += bytes
        },
      })
      this.#changed()
    }
    this.requests.push(request)
    this.inFlight += 1
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight)
    if (this.holds(request)) this.#held.set(request, answer)
    else answer()
    this.#changed()
  }

  #attemptOf({ method, key, range }) {
    const what = `${method} ${key} ${range}`
    const attempt = (this.#attempts.get(what) ?? 0) + 1
    this.#attempts.set(what, attempt)
    return attempt
  }

  #allow(key, headers, response) {
    const method = headers['access-control-request-method']
    const wanted = headers['access-control-request-headers'] ?? ''
    const names = wanted === '' ? [] : wanted.split(',').map((name) => name.trim())
    this.preflights.push({ key, origin: headers.origin, method, headers: names.sort() })
    const allowed = {
      'access-control-allow-methods': method,
      'access-control-allow-headers': wanted,
      ...(this.preflightAge !== undefined && { 'access-control-max-age': this.preflightAge }),
      ...CORS[this.cors](headers.origin),
    }
    response.writeHead(204, this.cors === 'off' ? {} : allowed).end()
    this.#changed()
  }

  #changed() {
    const met = this.#waiting.filter(({ condition }) => condition())
    this.#waiting = this.#waiting.filter((waiter) => !met.includes(waiter))
    for (const { resolve } of met) resolve()
  }
}

function listener(protocol, serve) {
  if (protocol === 'http/1.1') return http.createServer(serve)
  if (protocol === 'https/1.1') return https.createServer(selfSigned(), serve)
  if (protocol === 'h2') return http2.createSecureServer({ ...selfSigned(), allowHTTP1: true }, serve)
  throw new Error(`protocol ${protocol}, expected http/1.1, https/1.1 or h2`)
}
