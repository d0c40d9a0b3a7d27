// Requests by `fetch`: the platform's, or one of the user's.
import { ZarrError } from './errors.js'
import {
  type Engine,
  joined,
  NOTHING,
  ObjectUrls,
  rangeHeader,
  settleHttp,
  type Transport,
} from './transport.js'

/** How requests are made; the same names as in `OpenOptions`. */
export interface HttpOptions {
  headers?: HeadersSource | undefined
  credentials?: RequestCredentials | undefined
  fetch?: ((request: Request) => Promise<Response>) | undefined
}

export type HeadersSource = HeadersInit | (() => HeadersInit | Promise<HeadersInit>)

/** What is asked for: see `Transport.send`. */
interface Asked {
  start: number
  stop: number
  most: number
  isAfresh: boolean
}

export const headersOf = async (source: HeadersSource): Promise<HeadersInit> =>
  typeof source === 'function' ? source() : source

export class FetchTransport implements Transport {
  readonly #engine: Engine
  readonly #urls: ObjectUrls
  readonly #options: HttpOptions
  readonly #isSameOrigin: boolean
  readonly #running = new Map<number, AbortController>()

  constructor(engine: Engine, url: URL, options: HttpOptions) {
    this.#engine = engine
    this.#urls = new ObjectUrls(url)
    this.#options = options
    const here = globalThis.location?.origin
    this.#isSameOrigin = here === undefined || here === url.origin
  }

  send(id: number, key: string, start: number, stop: number, most: number, isAfresh: boolean): void {
    const controller = new AbortController()
    this.#running.set(id, controller)
    this.#exchange(id, this.#urls.of(key), { start, stop, most, isAfresh }, controller)
      .catch((thrown) => {
        if (this.#running.has(id)) this.#engine.fail(id, thrown, !(thrown instanceof ZarrError))
      })
      .finally(() => this.#running.delete(id))
  }

  cancel(id: number): void {
    const controller = this.#running.get(id)
    this.#running.delete(id)
    controller?.abort()
  }

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

  async #exchange(id: number, url: string, asked: Asked, controller: AbortController): Promise<void> {
    const { start, stop, most } = asked
    const response = await this.#fetch(url, asked, controller.signal)
    const { status, headers } = response
    const [body, length] = Number.isNaN(start)
      ? [NOTHING, lengthOf(headers)]
      : await received(
          response,
          status === 200 ? Math.max(most, Number.isFinite(stop) ? stop : 0) : most,
          stop,
          controller,
        )
    if (this.#running.delete(id))
      settleHttp(this.#engine, id, status, body, length, (name) => headers.get(name))
  }

  async #fetch(url: string, { start, stop, isAfresh }: Asked, signal: AbortSignal): Promise<Response> {
    const { headers, credentials, fetch: custom } = this.#options
    const init: RequestInit = { signal }
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
      // Chromium lets only one request at a time write the cache entry of a URL, so that ranges would wait for each other.
      init.cache = 'no-store'
    }
    return custom ? custom(new Request(url, init)) : fetch(url, init)
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
  if (length <= most || response.body === null) {
    const body = new Uint8Array(await response.arrayBuffer())
    return [body, body.length]
  }
  const enough = length > most ? (Number.isFinite(stop) ? stop : 0) : most + 1
  const parts: Uint8Array[] = []
  let count = 0
  for (const reader = response.body.getReader(); count < enough; ) {
    const { done, value } = await reader.read()
    if (done) return [joined(parts, count), count]
    parts.push(value)
    count += value.length
  }
  controller.abort()
  return [joined(parts, count), length]
}
