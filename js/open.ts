import { ZarrArray } from './array.js'
import { codecLoader } from './codec_loader.js'
import type { DataTypeName, DataTypeNamed } from './element_types.js'
import { rethrow, shown, ZarrError } from './errors.js'
import type { HeadersSource } from './fetch_transport.js'
import { ZarrGroup } from './group.js'
import { named, type Place, placeAt } from './place.js'
import { checkSignal } from './signals.js'
import type { Store, StoreKind } from './types.js'
import type { GroupHandle, StoreHandle } from './wasm/zarr_wasm.js'

/** What is opened, at whatever place. */
export interface MemberOptions {
  /** What must be there; without it, either. */
  kind?: 'array' | 'group' | undefined
  /** Of which data type the elements must be, as `ZarrArray.is` has it: then it is an array that must be there. */
  dtype?: DataTypeName | undefined
  /** Ends the opening; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** Options with which it is an array that is opened, of whatever data type; … */
export type ArrayOptions = {
  /** What must be there. */
  kind: 'array'
}

/**
 * … one of this data type, so that it is known what reads answer; …
 *
 * @example
 * const numbers = await open('https://host/store.zarr/lat', { dtype: 'uint16' })
 * const { data } = await numbers.get() // a Uint16Array
 */
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

/**
 * What is opened, and how requests for it are made.
 *
 * @example
 * const token = async () => 'secret'
 * await open('https://host/store.zarr', {
 *   path: 'surface/temperature',
 *   kind: 'array',
 *   headers: async () => ({ authorization: `Bearer ${await token()}` }), // asked before each request
 *   missing: [403, 404],
 *   retry: { attempts: 3 },
 * })
 */
export interface OpenOptions extends MemberOptions {
  /**
   * HTTP statuses that mean that there is no such object; the default is `[404]`. Buckets that may not be listed answer
   * 403 for what they do not have: `[403, 404]`, where it is certain that 403 means nothing else.
   */
  missing?: readonly number[] | undefined
  /** Headers of every request: fixed ones, or a function that is asked before each of them. */
  headers?: HeadersSource | undefined
  /** Whether cookies are sent to other origins; the default is that of `fetch`. */
  credentials?: RequestInit['credentials'] | undefined
  /** Takes the place of the platform's `fetch`, for example to sign requests. */
  fetch?: ((request: Request) => Promise<Response>) | undefined
  /** Origin of an S3-compatible server, for `s3:` URLs; the default is Amazon's. */
  endpoint?: string | undefined
  /**
   * How objects are kept: each by itself (`directory`), in a zip archive, or as references of kerchunk, in JSON or Parquet.
   * Without it the name says: `.zip` and `.ozx`; `.json`, `.parq` and `.parquet`; a `Blob` is an archive.
   */
  store?: StoreKind | undefined
  /** Path of the node within the store; the default is its root. */
  path?: string | undefined
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

/** Where a store is: see `open`. */
export type Location = string | URL | Blob | Store

/**
 * Opens an array or group, of Zarr v2 or v3: which one is found by asking for the metadata documents of both at once.
 *
 * `location` is the URL of the node (`http:` or `https:`, in a page also one relative to it; `s3://bucket/key` or
 * `gs://bucket/key` of a public bucket), in Node also the path of a folder; a store, which is any object with `get` and
 * perhaps `getRange`, such as a `Map`; or where an archive or references are, or an archive as a `Blob`.
 *
 * @throws ZarrError `not-found`, `invalid-metadata`, `unsupported`, `store`, `invalid-argument`
 * @example const array = await open('https://host/store.zarr/temperature', { kind: 'array' })
 */
export function open<N extends DataTypeName>(
  location: Location,
  options: OpenOptions & TypedArrayOptions<N>,
): Promise<ZarrArray<DataTypeNamed<N>>>
export function open(location: Location, options: OpenOptions & ArrayOptions): Promise<ZarrArray>
export function open(location: Location, options: OpenOptions & GroupOptions): Promise<ZarrGroup>
export function open(location: Location, options?: OpenOptions): Promise<ZarrArray | ZarrGroup>
export async function open(location: Location, options?: OpenOptions | null): Promise<ZarrArray | ZarrGroup> {
  const { store, path = '', missing, headers, credentials, fetch, endpoint, retry, ...member } = options ?? {}
  checkSignal(member.signal)
  const access = { missing, headers, credentials, fetch, endpoint, retry }
  const place = await placeAt(location, store, access, member.signal)
  return openNode(place, place.handle, path, member)
}

/**
 * Opens the node at a path of a store, or below a group of it.
 *
 * @internal
 */
export async function openNode(
  place: Place,
  parent: StoreHandle | GroupHandle,
  path: string,
  { kind: wanted, dtype, signal, ...unknown }: MemberOptions,
): Promise<ZarrArray | ZarrGroup> {
  if (typeof path !== 'string')
    throw new ZarrError('invalid-argument', `path is ${shown(path)}, expected a string`)
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
  const failed = (thrown: unknown) => rethrow(named(thrown, place))
  const handle = await parent.open(path, kind, codecLoader, signal).catch(failed)
  const isArray = handle instanceof place.library.engine.ArrayHandle
  const node = isArray ? ZarrArray.of(handle, place.library) : ZarrGroup.of(handle, place)
  if (kind !== undefined && isArray !== (kind === 'array')) {
    const found = isArray ? 'an array' : 'a group'
    return other(node.path, `found ${found}, expected ${kind}`, place)
  }
  if (dtype !== undefined && !(node as ZarrArray).is(dtype)) {
    return other(node.path, `the data type is ${(node as ZarrArray).dtype}, expected ${dtype}`, place)
  }
  return node
}

/** What is there is not what must be there. */
function other(path: string, difference: string, place: Place): never {
  const { location } = place
  const message = `${path}: ${difference}`
  const url = location instanceof URL ? location.href.replace(/[?#].*/, '') : undefined
  const at = url === undefined ? { path } : { path, url, text: `${message} (${url})` }
  return rethrow(named({ zarrError: true, code: 'not-found', message, ...at }, place))
}
