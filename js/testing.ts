/**
 * Stores that are as slow and as unreliable as a test wants them. It needs no wasm.
 *
 * @module zarr-wasm/testing
 */
import type { RangeOptions, RangeQuery, Store } from './types.js'

/** A request as a script sees it. */
export interface ScriptedRequest {
  /** Key of the object. */
  key: string
  /** Absent where all of the object is wanted. */
  range?: RangeQuery
  /** How many requests came before it, for whatever key. */
  index: number
  /** 1 for the first request for its key, 2 for the next. */
  attempt: number
}

/** What happens to a request; what is absent does not. */
export interface Script {
  /** Milliseconds until it is answered. An abort ends the waiting. */
  delay?: number | undefined
  /** It is answered as if there were no such object. */
  missing?: boolean | undefined
  /** It fails with this. */
  error?: unknown
  /** It fails with a `StatusError`; `fetchFrom` makes a reply with that status of it. */
  status?: number | undefined
  /** Seconds that the reply asks to wait before the next attempt. */
  retryAfter?: number | undefined
  /** What arrives in place of the bytes that the store has: cut off, damaged, or too many. */
  change?: ((bytes: Uint8Array) => Uint8Array) | undefined
}

/**
 * A failure in HTTP's terms: what a store throws so that `fetchFrom` makes a reply with its status of it.
 *
 * @example
 * const locked = { get: () => { throw new StatusError(403) } }
 * const { status } = await fetchFrom(locked)(new Request('https://test.example/zarr.json')) // 403
 */
export class StatusError extends Error {
  /** Minified, the class would have another. */
  override readonly name = 'StatusError'
  /** Of the reply. */
  readonly status: number
  /** Seconds that the reply asks to wait. */
  readonly retryAfter: number | undefined

  constructor(status: number, retryAfter?: number) {
    super(`status ${status}`)
    this.status = status
    this.retryAfter = retryAfter
  }
}

/** A store around another: it follows a script and remembers what was asked. Made by `scripted`. */
export class ScriptedStore implements Store {
  /** All requests so far. */
  readonly requests: ScriptedRequest[] = []
  /** Requests that are under way. */
  inFlight = 0
  /** The most there were at once. */
  maxInFlight = 0
  readonly getRange?: NonNullable<Store['getRange']>
  readonly listDir?: NonNullable<Store['listDir']>

  readonly #store: Store
  readonly #script: (request: ScriptedRequest) => Script | undefined

  /** @internal */
  constructor(store: Store, script: (request: ScriptedRequest) => Script | undefined) {
    this.#store = store
    this.#script = script
    const { getRange, listDir } = store
    if (getRange) {
      this.getRange = (key, range, options) =>
        this.#answer(key, range, options, () => getRange.call(store, key, range, options))
    }
    if (listDir) this.listDir = (key, options) => listDir.call(store, key, options)
  }

  get(key: string, options?: RangeOptions): Promise<Uint8Array | undefined> {
    return this.#answer(key, undefined, options, () => this.#store.get(key, options))
  }

  async #answer(
    key: string,
    range: RangeQuery | undefined,
    options: RangeOptions | undefined,
    ask: () => ReturnType<Store['get']>,
  ): Promise<Uint8Array | undefined> {
    const attempt = 1 + this.requests.filter((request) => request.key === key).length
    const request = { key, index: this.requests.length, attempt, ...(range && { range }) }
    this.requests.push(request)
    this.inFlight += 1
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight)
    try {
      const script = this.#script(request) ?? {}
      if (script.delay !== undefined) await pause(script.delay, options?.signal)
      if (script.status !== undefined) throw new StatusError(script.status, script.retryAfter)
      if (script.error !== undefined) throw script.error
      const found = script.missing ? undefined : await ask()
      const bytes = found instanceof ArrayBuffer ? new Uint8Array(found) : found
      return bytes && script.change ? script.change(bytes) : bytes
    } finally {
      this.inFlight -= 1
    }
  }
}

/**
 * A store that answers as another does, after what the script says of each request. Without a script it only remembers.
 *
 * @example
 * const slow = scripted(store, ({ attempt }) => ({ delay: attempt === 1 ? 50 : 0 }))
 * const array = await open(slow, { kind: 'array' })
 * console.log(slow.requests.length, slow.maxInFlight)
 */
export function scripted(
  store: Store,
  script: (request: ScriptedRequest) => Script | undefined = () => undefined,
): ScriptedStore {
  return new ScriptedStore(store, script)
}

/**
 * A `fetch` that answers from a store as a server does, for the option `fetch` of `open`: the path of a URL is the key.
 * With it what is particular to HTTP is tested as well: statuses, retries, replies to ranges.
 *
 * @example
 * const failing = scripted(store, ({ attempt }) => (attempt === 1 ? { status: 503, retryAfter: 0 } : {}))
 * const array = await open('https://test.example/', { kind: 'array', fetch: fetchFrom(failing) })
 */
export function fetchFrom(store: Store): (request: Request) => Promise<Response> {
  return async (request) => {
    const key = decodeURIComponent(new URL(request.url).pathname)
    try {
      const found = await store.get(key, { signal: request.signal })
      request.signal.throwIfAborted()
      return found === undefined ? new Response(null, { status: 404 }) : reply(request, new Uint8Array(found))
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      const { status, retryAfter } = error
      return new Response(null, {
        status,
        headers: retryAfter === undefined ? {} : { 'retry-after': `${retryAfter}` },
      })
    }
  }
}

function reply(request: Request, object: Uint8Array<ArrayBuffer>): Response {
  const { length } = object
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get('range') ?? '') ?? []
  if (first === undefined || last === undefined) {
    const body = request.method === 'HEAD' ? null : object
    return new Response(body, { headers: { 'content-length': `${length}` } })
  }
  const start = first === '' ? Math.max(0, length - Number(last)) : Number(first)
  const stop = first === '' || last === '' ? length : Math.min(length, Number(last) + 1)
  if (start >= stop) {
    return new Response(null, { status: 416, headers: { 'content-range': `bytes */${length}` } })
  }
  return new Response(object.slice(start, stop), {
    status: 206,
    headers: { 'content-range': `bytes ${start}-${stop - 1}/${length}`, 'content-length': `${stop - start}` },
  })
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}
