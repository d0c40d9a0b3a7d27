import { ZarrArray } from './array.js'
import { codecLoader } from './codec_loader.js'
import type { DataTypeName, DataTypeNamed } from './element_types.js'
import { checkSignal, rethrow, shown, ZarrError } from './errors.js'
import { FetchTransport, type HeadersSource, type HttpOptions } from './fetch_transport.js'
import { ZarrGroup } from './group.js'
import { ObjectTransport } from './object_transport.js'
import type { Engine, Transport } from './transport.js'
import type { Store } from './types.js'
import type { GroupHandle, StoreHandle } from './wasm/zarr_wasm.js'
import { type Library, library } from './wasm.js'

/** What is opened, at whatever place. */
export interface MemberOptions {
  /** What must be there; without it, either. */
  kind?: 'array' | 'group' | undefined
  /** Of which data type the elements must be, as `ZarrArray.is` has it: then it is an array that must be there. */
  dtype?: DataTypeName | undefined
  /** Ends the opening; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** Options with which it is an array that is opened, … */
export type ArrayOptions = {
  /** What must be there. */
  kind: 'array'
}

/** … one of this data type, … */
export type TypedArrayOptions<N extends DataTypeName> = {
  /** What must be there. */
  kind?: 'array'
  /** Of which data type. */
  dtype: N
}

/** … or a group. */
export type GroupOptions = {
  /** What must be there. */
  kind: 'group'
  /** Groups have none. */
  dtype?: undefined
}

/** What is opened, and how requests for it are made. */
export interface OpenOptions extends MemberOptions {
  /**
   * HTTP statuses that mean that there is no such object; the default is `[404]`. Buckets that may not be listed answer
   * 403 for what they do not have: `[403, 404]`, where it is certain that 403 means nothing else.
   */
  missing?: readonly number[] | undefined
  /** Headers of every request: fixed ones, or a function that is asked before each of them. */
  headers?: HeadersSource | undefined
  /** Whether cookies are sent to other origins; the default is that of `fetch`. */
  credentials?: RequestCredentials | undefined
  /** Takes the place of the platform's `fetch`, for example to sign requests. */
  fetch?: ((request: Request) => Promise<Response>) | undefined
  /** Origin of an S3-compatible server, for `s3:` URLs; the default is Amazon's. */
  endpoint?: string | undefined
  /** What is done about failures that may pass: statuses 408, 429, 500, 502, 503 and 504, network errors, bodies cut short. */
  retry?: RetryOptions | undefined
}

/** Pauses double from the first to the longest, with jitter; where a server says how long to wait, that is kept to. */
export interface RetryOptions {
  /** How often a request is sent at most: 1 for once. The default is 5. */
  attempts?: number | undefined
  /** Milliseconds after the first attempt; the default is 200. */
  minDelay?: number | undefined
  /** Milliseconds; the default is 10 000. */
  maxDelay?: number | undefined
}

/**
 * Opens an array or group, of Zarr v2 or v3: which one is found by asking for the metadata documents of both at once.
 *
 * `location` is the URL of the node (`http:` or `https:`, in a page also one relative to it; `s3://bucket/key` or
 * `gs://bucket/key` of a public bucket), or a store: any object with `get` and perhaps `getRange`, such as a `Map`.
 *
 * @throws ZarrError `not-found`, `invalid-metadata`, `unsupported`, `store`, `invalid-argument`
 * @example const array = await open('https://host/store.zarr/temperature', { kind: 'array' })
 */
export function open<N extends DataTypeName>(
  location: string | URL | Store,
  options: OpenOptions & TypedArrayOptions<N>,
): Promise<ZarrArray<DataTypeNamed<N>>>
export function open(location: string | URL | Store, options: OpenOptions & ArrayOptions): Promise<ZarrArray>
export function open(location: string | URL | Store, options: OpenOptions & GroupOptions): Promise<ZarrGroup>
export function open(location: string | URL | Store, options?: OpenOptions): Promise<ZarrArray | ZarrGroup>
export async function open(
  location: string | URL | Store,
  options?: OpenOptions | null,
): Promise<ZarrArray | ZarrGroup> {
  const { missing = [404], headers, credentials, fetch, endpoint, retry = {}, ...member } = options ?? {}
  checkMissing(missing)
  const delays = checkedRetry(retry)
  const loaded = await library()
  const store = storeAt(loaded, location, missing, delays, { headers, credentials, fetch, endpoint })
  return openNode(loaded, store, store, '', member)
}

/**
 * Opens the node at a path of a store, or below a group of it.
 *
 * @internal
 */
export async function openNode(
  loaded: Library,
  store: StoreHandle,
  parent: StoreHandle | GroupHandle,
  path: string,
  { kind: wanted, dtype, signal, ...unknown }: MemberOptions,
): Promise<ZarrArray | ZarrGroup> {
  const kind = dtype === undefined ? wanted : (wanted ?? 'array')
  if (kind !== undefined && kind !== 'array' && kind !== 'group') {
    throw new ZarrError('invalid-argument', `kind is ${shown(kind)}, expected "array" or "group"`)
  }
  if (dtype !== undefined && (typeof dtype !== 'string' || kind === 'group')) {
    const expected = kind === 'group' ? 'none, because groups have none' : 'the name of a data type'
    throw new ZarrError('invalid-argument', `dtype is ${shown(dtype)}, expected ${expected}`)
  }
  const [name] = Object.keys(unknown)
  if (name !== undefined) throw new ZarrError('invalid-argument', `there is no option ${name} here`)
  checkSignal(signal)
  const handle = await parent.open(path, kind, codecLoader, signal).catch(rethrow)
  const isArray = handle instanceof loaded.engine.ArrayHandle
  const node = isArray ? ZarrArray.of(handle, loaded) : ZarrGroup.of(handle, store, loaded)
  const found = isArray ? 'array' : 'group'
  if (kind !== undefined && kind !== found) {
    const message = `${node.path}: found an ${found}, expected ${kind}`.replace('an group', 'a group')
    throw new ZarrError('not-found', message, { path: node.path })
  }
  if (dtype !== undefined) checkDataType(node as ZarrArray, dtype)
  return node
}

function checkDataType(array: ZarrArray, expected: DataTypeName): void {
  const { path, dtype: found } = array
  if (array.is(expected)) return
  throw new ZarrError('not-found', `${path}: the data type is ${found}, expected ${expected}`, { path })
}

function checkMissing(missing: unknown): void {
  const isStatus = (status: unknown) =>
    Number.isInteger(status) && Number(status) >= 400 && Number(status) < 600
  if (Array.isArray(missing) && missing.every(isStatus)) return
  throw new ZarrError(
    'invalid-argument',
    `missing is ${JSON.stringify(missing)}, expected a list of HTTP statuses from 400 to 599`,
  )
}

/** Timers wait no longer: beyond it they do not wait at all. */
const LONGEST_DELAY = 2 ** 31 - 1

type Retry = [attempts: number, minDelay: number, maxDelay: number]

function checkedRetry({ attempts = 5, minDelay = 200, maxDelay = 10_000, ...unknown }: RetryOptions): Retry {
  const [name] = Object.keys(unknown)
  if (name !== undefined) throw new ZarrError('invalid-argument', `retry: there is no option ${name}`)
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 100) {
    throw new ZarrError(
      'invalid-argument',
      `retry: attempts is ${shown(attempts)}, expected an integer from 1 to 100`,
    )
  }
  for (const [delay, value] of Object.entries({ minDelay, maxDelay })) {
    if (Number.isFinite(value) && value >= 0 && value <= LONGEST_DELAY) continue
    throw new ZarrError('invalid-argument', `retry: ${delay} is ${shown(value)}, expected milliseconds`)
  }
  return [attempts, minDelay, maxDelay]
}

/**
 * One handle for each store object: all that is opened in it shares its slots. Held weakly on both sides, because a handle
 * keeps its object alive from within wasm, where no garbage collector sees the circle.
 */
const objectHandles = new WeakMap<object, WeakRef<StoreHandle>>()

/** What sends requests to URLs; each entry may have its own. */
let transportTo: (engine: Engine, url: URL, options: HttpOptions) => Transport = (engine, url, options) =>
  new FetchTransport(engine, url, options)

export function setTransport(factory: typeof transportTo): void {
  transportTo = factory
}

function storeAt(
  { engine }: Library,
  location: string | URL | Store,
  missing: readonly number[],
  retry: Retry,
  { endpoint, ...http }: HttpOptions & { endpoint: string | undefined },
): StoreHandle {
  if (typeof location === 'string' || location instanceof URL) {
    const transport = transportTo(engine, resolve(location, endpoint), http)
    return new engine.StoreHandle(transport, Uint16Array.from(missing), ...retry, false)
  }
  if (typeof location !== 'object' || location === null) {
    const message = `the location is ${shown(location)}, expected a URL or a store, which is an object with get`
    throw new ZarrError('invalid-argument', message)
  }
  let handle = objectHandles.get(location)?.deref()
  if (handle) return handle
  handle = new engine.StoreHandle(new ObjectTransport(engine, location), Uint16Array.of(404), ...retry, true)
  objectHandles.set(location, new WeakRef(handle))
  return handle
}

function resolve(location: string | URL, endpoint: string | undefined): URL {
  let url: URL
  try {
    // Relative to the page, where there is one.
    url = new URL(location, globalThis.location?.href)
  } catch (cause) {
    throw new ZarrError('invalid-argument', `"${location}" is not an absolute URL`, {}, { cause })
  }
  if (url.username !== '' || url.password !== '') {
    // `fetch` refuses it, and would repeat it in its message.
    throw new ZarrError('invalid-argument', `the URL on ${url.host} holds a user name or a password`)
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') return url
  const bucket = bucketUrl(url, endpoint)
  if (bucket) return bucket
  const message = `the protocol of ${url.href} is ${url.protocol}, expected http:, https:, s3: or gs:`
  throw new ZarrError('unsupported', message, { url: url.href })
}

/** Where the objects of `s3://bucket/key` and `gs://bucket/key` are. */
function bucketUrl(
  { href, protocol, host, pathname, search }: URL,
  endpoint: string | undefined,
): URL | undefined {
  if (protocol !== 's3:' && protocol !== 'gs:') return undefined
  if (!/^[\w.-]+$/.test(host)) {
    const [name] = href.split('?')
    throw new ZarrError(
      'invalid-argument',
      `"${name}" does not name a bucket as ${protocol}//bucket/key does`,
    )
  }
  // In names a plus is a plus, but S3 takes that of a URL for a space.
  const key = pathname.replaceAll('+', '%2B') + search
  if (protocol === 'gs:') return new URL(`https://storage.googleapis.com/${host}${key}`)
  // A name with dots would not fit the certificate, one with capitals would be another.
  const isHost = endpoint === undefined && !/[.A-Z]/.test(host)
  const base = isHost
    ? `https://${host}.s3.amazonaws.com`
    : `${serverAt(endpoint ?? 'https://s3.amazonaws.com')}/${host}`
  return new URL(base + key)
}

function serverAt(endpoint: string): string {
  try {
    const { protocol, origin, pathname } = new URL(endpoint)
    if (protocol === 'http:' || protocol === 'https:') return origin + pathname.replace(/\/+$/, '')
  } catch {
    // It is refused as any other that is not the URL of a server.
  }
  throw new ZarrError('invalid-argument', `endpoint is ${shown(endpoint)}, expected the URL of a server`)
}
