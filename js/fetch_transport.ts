// Requests by `fetch`: the platform's, or one of the user's.
import { described, ZarrError } from './errors.js'
import {
  type Engine,
  joined,
  NOTHING,
  ObjectUrls,
  rangeHeader,
  settleHttp,
  type Transport,
} from './transport.js'
import { nextTurn } from './turn.js'

/** How requests are made; the same names as in `OpenOptions`. */
export interface HttpOptions {
  headers?: HeadersSource | undefined
  credentials?: RequestInit['credentials'] | undefined
  fetch?: ((request: Request) => Promise<Response>) | undefined
}

/** Headers as `fetch` takes them, or a function that answers them. */
export type HeadersSource =
  // So both the library dom and `@types/node` have them.
  | NonNullable<RequestInit['headers']>
  | (() => NonNullable<RequestInit['headers']> | Promise<NonNullable<RequestInit['headers']>>)

/** What is asked for: see `Transport.send`. */
interface Asked {
  start: number
  stop: number
  most: number
  isAfresh: boolean
}

/** A request under way. */
interface Sent {
  url: string
  /** Nothing else of the URL was under way when it was sent. */
  isAlone: boolean
  controller: AbortController
}

export const headersOf = async (source: HeadersSource): Promise<NonNullable<RequestInit['headers']>> =>
  typeof source === 'function' ? source() : source

export class FetchTransport implements Transport {
  readonly #engine: Engine
  readonly #urls: ObjectUrls
  readonly #options: HttpOptions
  readonly #isSameOrigin: boolean
  readonly #running = new Map<number, Sent>()
  /** URLs of which something is under way. */
  readonly #busy = new Set<string>()

  constructor(engine: Engine, url: URL, options: HttpOptions) {
    this.#engine = engine
    this.#urls = new ObjectUrls(url)
    this.#options = options
    const here = globalThis.location?.origin
    this.#isSameOrigin = here === undefined || here === url.origin
  }

  send(id: number, key: string, start: number, stop: number, most: number, isAfresh: boolean): void {
    const url = this.#urls.of(key)
    const sent = { url, isAlone: !this.#busy.has(url), controller: new AbortController() }
    this.#running.set(id, sent)
    this.#busy.add(url)
    this.#exchange(id, sent, { start, stop, most, isAfresh }).catch((thrown) => {
      if (this.#end(id)) this.#engine.fail(id, thrown, !(thrown instanceof ZarrError))
    })
  }

  cancel(id: number): void {
    this.#end(id)?.controller.abort()
  }

  release(): void {}

  location(key: string): string {
    return this.#urls.location(key)
  }

  hasRanges(): boolean {
    return true
  }

  hasFreeSuffixes(): boolean {
    // `bytes=1-2` may be sent to other origins as it is, `bytes=-2` not (Fetch standard, "CORS-safelisted request-header").
    return this.#isSameOrigin
  }

  /** What was under way is so no more; `undefined` where it was not. */
  #end(id: number): Sent | undefined {
    const sent = this.#running.get(id)
    this.#running.delete(id)
    if (sent?.isAlone) this.#busy.delete(sent.url)
    return sent
  }

  /** Browsers do not say why. */
  #unanswered(cause: Error): never {
    if (this.#isSameOrigin) throw cause
    const reason = 'the server does not answer, or does not let pages of this origin read (CORS)'
    throw new TypeError(cause.message, { cause: new Error(reason, { cause }) })
  }

  async #exchange(id: number, sent: Sent, asked: Asked): Promise<void> {
    const { start, stop, most } = asked
    const init = await this.#init(sent, asked)
    // A call of `fetch` takes some tenths of a millisecond, and many come at once.
    for (let wait = nextTurn(); wait; wait = nextTurn()) await wait
    if (!this.#running.has(id)) return
    const { fetch: custom } = this.#options
    const response = await (custom
      ? custom(new Request(sent.url, init))
      : fetch(sent.url, init).catch((cause) => this.#unanswered(cause)))
    const { status, headers } = response
    const [body, length] = Number.isNaN(start)
      ? [NOTHING, lengthOf(headers)]
      : await received(
          response,
          status === 200 ? Math.max(most, Number.isFinite(stop) ? stop : 0) : most,
          stop,
          sent.controller,
        )
    if (!this.#running.has(id)) return
    settleHttp(this.#engine, id, status, body, length, (name) => headers.get(name))
    this.#end(id)
  }

  async #init({ isAlone, controller }: Sent, { start, stop, isAfresh }: Asked): Promise<RequestInit> {
    const { headers, credentials } = this.#options
    const init: RequestInit = { signal: controller.signal }
    if (credentials !== undefined) init.credentials = credentials
    if (headers !== undefined)
      init.headers = new Headers(typeof headers === 'function' ? await headers() : headers)
    if (isAfresh) init.cache = 'reload'
    const range = rangeHeader(start, stop)
    if (Number.isNaN(start)) init.method = 'HEAD'
    else if (range !== undefined) {
      const all = new Headers(init.headers)
      all.set('range', range)
      init.headers = all
      // Chromium lets only one request at a time write the cache entry of a URL, so that ranges would wait for each other. But
      // without the cache it asks for permission again, where headers need that: so one at a time may use it.
      if (isAfresh || !isAlone || headers === undefined || this.#isSameOrigin) init.cache = 'no-store'
    }
    return init
  }
}

const lengthOf = (headers: Headers): number => {
  const value = headers.get('content-length')
  return value === null || headers.has('content-encoding') ? Number.NaN : Number(value)
}

/** The body and its length. One of more than `most` bytes is given up; if that is known at once, after `stop` bytes. */
async function received(
  response: Response,
  most: number,
  stop: number,
  controller: AbortController,
): Promise<[body: Uint8Array, length: number]> {
  const length = lengthOf(response.headers)
  if (length <= most || !response.body) {
    if (response.body && isWorthFilling(response, length)) return filled(response.body, length)
    const buffer = await response.arrayBuffer()
    const body = new Uint8Array(buffer)
    if (body.length !== buffer.byteLength) throw unreadable(buffer)
    return [body, body.length]
  }
  const enough = length > most ? (Number.isFinite(stop) ? stop : 0) : most + 1
  const parts: Uint8Array[] = []
  let count = 0
  const reader = response.body.getReader()
  try {
    while (count < enough) {
      const { done, value } = await reader.read()
      if (done) return [joined(parts, count), count]
      if (!(value instanceof Uint8Array)) throw unreadable(value)
      parts.push(value)
      count += value.length
    }
  } finally {
    // A `fetch` of the user's may not look at the signal.
    reader.cancel().catch(() => undefined)
  }
  controller.abort()
  return [joined(parts, count), length]
}

/** Of bodies that are shorter less is gained; of those that are longer, nobody should believe their length. */
const LEAST_FILLED = 1 << 20
const MOST_FILLED = 64 << 20

/**
 * Chromium reads long bodies sooner into memory of their length: one of 16 MiB in three quarters of the time. What comes from
 * the network is bytes to begin with; other bodies are what a script makes, which may not know how such a read ends.
 */
const isWorthFilling = ({ type }: Response, length: number): boolean | undefined =>
  length >= LEAST_FILLED &&
  length <= MOST_FILLED &&
  (type === 'basic' || type === 'cors') &&
  globalThis.navigator?.userAgent?.includes('Chrome/')

/** A body that has `length` bytes, or more: a page may not see that it was encoded. */
async function filled(
  body: ReadableStream<Uint8Array>,
  length: number,
): Promise<[body: Uint8Array, length: number]> {
  const reader = body.getReader({ mode: 'byob' })
  try {
    // One more, for the read that finds the end wants to be given something, too.
    let bytes = new Uint8Array(length + 1)
    for (let count = 0; ; ) {
      const { done, value } = await reader.read(bytes.subarray(count))
      if (!value) throw new TypeError('the body was cancelled')
      count += value.length
      bytes = new Uint8Array(value.buffer)
      if (done) return [bytes.subarray(0, count), count]
      if (count === bytes.length) {
        bytes = new Uint8Array(2 * count)
        bytes.set(new Uint8Array(value.buffer))
      }
    }
  } finally {
    // Where it has ended this does nothing.
    reader.cancel().catch(() => undefined)
  }
}

const unreadable = (found: unknown): Error => new TypeError(`the body is ${described(found)}, expected bytes`)
