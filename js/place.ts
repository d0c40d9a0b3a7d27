// Where a store is, and what reads from it.
import { isRecord, rethrow, shown, ZarrError } from './errors.js'
import { FetchTransport, type HttpOptions } from './fetch_transport.js'
import { ObjectTransport } from './object_transport.js'
import type { Location, RetryOptions } from './open.js'
import type { Files } from './stores/layers.js'
import type { Engine, Transport } from './transport.js'
import type { Store, StoreKind } from './types.js'
import type { StoreHandle } from './wasm/zarr_wasm.js'
import { type Library, library } from './wasm.js'

/** A store that is open. */
export interface Place {
  library: Library
  handle: StoreHandle
  location: URL | Store
  /** What a person may look for, where errors do not say it by themselves. */
  name?: string | undefined
  /** What reads at another URL. */
  at(url: URL): StoreHandle
}

/** How requests to a location are made: the same names as in `OpenOptions`. */
export interface Access extends HttpOptions {
  missing?: readonly number[] | undefined
  endpoint?: string | undefined
  retry?: RetryOptions | undefined
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

/** What reads files, for locations that are files; entries for Node have it. */
let filesAt: (location: string | URL) => Promise<Files> | undefined = () => undefined

export function setFiles(find: typeof filesAt): void {
  filesAt = find
}

/** Names of what may be more than a folder of objects: see js/stores/layers.ts. */
const LAYERED = /\.(zip|ozx|json|parq(uet)?)\/?$/i

/** Opens the store at a location. */
export async function placeAt(
  location: Location,
  kind: StoreKind | undefined,
  { missing = [404], retry = {}, endpoint, ...http }: Access,
  signal: AbortSignal | undefined,
): Promise<Place> {
  checkMissing(missing)
  const delays = checkedRetry(retry)
  const loaded = await library()
  const { engine } = loaded
  const isText = typeof location === 'string' || location instanceof URL
  const files = isText ? await filesAt(location) : undefined
  const url = isText && !files ? resolve(location, endpoint) : undefined
  const at = (other: URL): StoreHandle => {
    const resolved = resolve(other, endpoint)
    // Credentials are for the origin that they were given for; a `fetch` sees by itself where it is to go.
    const options = resolved.origin === url?.origin ? http : { fetch: http.fetch }
    const transport = transportTo(engine, resolved, options)
    return new engine.StoreHandle(transport, Uint16Array.from(missing), ...delays, false, false)
  }
  const ofObject = (store: Store, isOwn: boolean) => {
    const transport = new ObjectTransport(engine, store, isOwn)
    const isLayer = isOwn && url !== undefined
    return new engine.StoreHandle(transport, Uint16Array.of(404), ...delays, true, isLayer)
  }
  const place = (handle: StoreHandle, location: URL | Store, name?: string): Place => ({
    library: loaded,
    handle,
    location,
    name,
    at,
  })
  const mayBeLayered = url ? LAYERED.test(url.pathname) : files || location instanceof Blob
  if (kind ? kind !== 'directory' || !url : mayBeLayered) {
    const { layered } = await import('./stores/layers.js')
    const surroundings = { at, files, resolve: (other: URL | string) => resolve(other, endpoint) }
    const layer = await layered(location, kind, surroundings, signal).catch(rethrow)
    if (layer) return place(ofObject(layer.store, true), layer.store, layer.name)
  }
  if (url) return place(at(url), absolute(location as string | URL))
  if (typeof location !== 'object' || location === null) {
    const message = `the location is ${shown(location)}, expected a URL or a store, which is an object with get`
    throw new ZarrError('invalid-argument', message)
  }
  const store = location as Store
  let handle = objectHandles.get(store)?.deref()
  if (!handle) {
    handle = ofObject(store, false)
    objectHandles.set(store, new WeakRef(handle))
  }
  return place(handle, store)
}

/** An error of a store that has no URL says what it is about. */
export function named(thrown: unknown, { name }: Place): unknown {
  if (name === undefined || !isRecord(thrown) || thrown.url !== undefined) return thrown
  return { ...thrown, text: `${thrown.text ?? thrown.message} (${name})` }
}

function absolute(location: string | URL): URL {
  try {
    // Relative to the page, where there is one.
    return new URL(location, globalThis.location?.href)
  } catch (cause) {
    throw new ZarrError('invalid-argument', `"${location}" is not an absolute URL`, {}, { cause })
  }
}

/** Where requests for it go. */
function resolve(location: string | URL, endpoint: string | undefined): URL {
  const url = absolute(location)
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
