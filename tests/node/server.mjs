// An HTTP server that does as it is told, and knows exactly what it was asked for.
//
// Replies can be held until they are released, so a test decides in which order things happen and waits for events, never
// for a time.
import { createServer, get } from 'node:http'

const ROUND_TRIP = '/round-trip'

/** Serves the objects of a `Map` from keys, with a leading slash, to bytes. */
export async function serveObjects(objects) {
  const server = new ObjectServer(objects)
  await server.listen()
  return server
}

class ObjectServer {
  /** What was asked for, in order of arrival: `{ method, url, key, range }`; the key is the decoded path. */
  requests = []
  /** Requests that came and were not answered yet, and the most there were at once. */
  inFlight = 0
  maxInFlight = 0
  /** Requests whose client left before the answer. */
  aborted = 0
  /**
   * Makes the answer of the honest one, `{ status, headers, body }`. With `cutAfter` the connection is dropped after so
   * many bytes of the body; with `drop` before anything was sent; with `stallAfter` nothing more comes.
   */
  script = (_request, honest) => honest
  /** Says which requests must wait to be released. */
  holds = () => false

  #objects
  #http = createServer((request, response) => this.#serve(request, response))
  #held = new Map()
  #waiting = []

  constructor(objects) {
    this.#objects = objects
  }

  listen() {
    return new Promise((resolve) => {
      this.#http.listen(0, '127.0.0.1', () => {
        this.origin = `http://127.0.0.1:${this.#http.address().port}`
        resolve()
      })
    })
  }

  close() {
    this.#http.close()
    this.#http.closeAllConnections()
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
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve, reject) => {
        const request = get(`${this.origin}${ROUND_TRIP}`, { agent: false }, (response) =>
          response.resume().on('end', resolve),
        )
        request.on('error', reject)
      })
    }
  }

  /** The keys asked for since the `from`th request, sorted, with the range where there was one. */
  asked(from = 0) {
    return this.requests
      .slice(from)
      .map(({ key, range }) => (range ? `${key} ${range}` : key))
      .sort()
  }

  #serve(incoming, response) {
    const { method, url, headers } = incoming
    if (url === ROUND_TRIP) return response.end()
    const request = { method, url, key: decodeURIComponent(url.split('?')[0]), range: headers.range, headers }
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
      const reply = this.script(request, honest(this.#objects.get(request.key), request.range))
      // Before the last byte leaves: the client may send its next request as soon as it has that one.
      if (reply.stallAfter === undefined) done()
      send(response, reply)
      this.#changed()
    }
    this.requests.push(request)
    this.inFlight += 1
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight)
    if (this.holds(request)) this.#held.set(request, answer)
    else answer()
    this.#changed()
  }

  #changed() {
    const met = this.#waiting.filter(({ condition }) => condition())
    this.#waiting = this.#waiting.filter((waiter) => !met.includes(waiter))
    for (const { resolve } of met) resolve()
  }
}

/** What a good server answers. */
function honest(object, range) {
  if (!object) return answerOf(404, {}, new Uint8Array())
  const { length } = object
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? []
  if (first === undefined) return answerOf(200, {}, object)
  const start = first === '' ? Math.max(0, length - Number(last)) : Number(first)
  const stop = first === '' || last === '' ? length : Math.min(length, Number(last) + 1)
  if (start >= stop) return answerOf(416, { 'content-range': `bytes */${length}` }, new Uint8Array())
  const headers = { 'content-range': `bytes ${start}-${stop - 1}/${length}` }
  return answerOf(206, headers, object.subarray(start, stop))
}

const answerOf = (status, headers, body) => ({
  status,
  headers: { 'content-length': body.length, ...headers },
  body,
})

function send(response, { status, headers, body, cutAfter, stallAfter, drop }) {
  if (drop) {
    response.socket.destroy()
    return
  }
  response.writeHead(status, headers)
  const sent = cutAfter ?? stallAfter
  if (sent === undefined) {
    response.end(body)
    return
  }
  response.flushHeaders()
  response.write(body.subarray(0, sent), () => {
    if (cutAfter !== undefined) response.socket?.destroy()
  })
}
