// What sends requests for the engine: the other side of src/wasm/js_transport.rs.

/** Where answers go: the engine, that is its wasm. */
export interface Engine {
  settle(
    id: number,
    status: number,
    body: Uint8Array,
    bodyLength: number,
    first: number,
    last: number,
    objectLength: number,
    retryAfterMs: number,
  ): void
  fail(id: number, thrown: unknown, isTransient: boolean): void
}

/**
 * Sends requests for the objects of one store. Every request is settled once, at once or later, unless it was cancelled;
 * what comes for a cancelled one is ignored.
 */
export interface Transport {
  /**
   * Asks for the object from `start` to `stop`, as slices are written: all of it from 0 to infinity, its last bytes from a
   * negative start. With NaN only its length is wanted, in an answer without a body. Of a body that is the whole object
   * where a range was asked for, or that is longer than `most` bytes, no more needs to be received than `most` bytes and
   * the range itself. With `isAfresh` no cache may answer.
   */
  send(id: number, key: string, start: number, stop: number, most: number, isAfresh: boolean): void
  cancel(id: number): void
  /** Nobody needs the body of an answer any more. */
  release(body: Uint8Array): void
  /** The URL of an object as messages show it: without credentials. */
  location(key: string): string | undefined
  hasRanges(): boolean
  /** Whether the last bytes cost no more than others: other origins are asked for permission first. */
  hasFreeSuffixes(): boolean
}

export const NOTHING = new Uint8Array(0)

/** An HTTP answer whose body has arrived. `header` answers the value of a header, if it is known. */
export function settleHttp(
  engine: Engine,
  id: number,
  status: number,
  body: Uint8Array,
  bodyLength: number,
  header: (name: string) => string | null | undefined,
): void {
  const range = status === 206 ? header('content-range') : undefined
  // RFC 9110, section 14.4: the length of the object may be unknown. Some servers write it as in a request, or without it.
  const [, first, last, length] = /^\s*bytes[\s=]+(\d+)-(\d+)(?:\/(\d+))?/i.exec(range ?? '') ?? []
  const retryAfter = status >= 400 ? retryAfterMs(header('retry-after')) : Number.NaN
  engine.settle(id, status, body, bodyLength, Number(first), Number(last), Number(length), retryAfter)
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function retryAfterMs(value: string | null | undefined): number {
  if (value === null || value === undefined || value === '') return Number.NaN
  const seconds = Number(value)
  return Math.max(0, Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1000)
}

/** The value of a Range header, if one is needed (RFC 9110, section 14.1.2). */
export function rangeHeader(start: number, stop: number): string | undefined {
  if (start < 0) return `bytes=${start}`
  return stop < Number.POSITIVE_INFINITY ? `bytes=${start}-${stop - 1}` : undefined
}

/** The bytes of `parts`, which are `length` together. */
export function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  if (parts.length === 1) return parts[0]
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** A URL and the objects below it. */
export class ObjectUrls {
  /** Without a slash at its end. */
  readonly #base: string
  /** With its question mark. */
  readonly #query: string

  /** A query string is kept for every object. */
  constructor(url: URL) {
    this.#base = url.origin + url.pathname.replace(/\/+$/, '')
    this.#query = url.search
  }

  /** With the query, where credentials may stand. */
  of(key: string): string {
    return this.location(key) + this.#query
  }

  location(key: string): string {
    return key.split('/').reduce((url, name) => (name === '' ? url : `${url}/${encoded(name)}`), this.#base)
  }
}

/** Node names may hold any character: only unreserved ones stay as they are (RFC 3986, section 2.3). */
const encoded = (name: string): string =>
  encodeURIComponent(name).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
