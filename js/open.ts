import { ZarrArray } from './array.js'
import { checkSignal, rethrow, ZarrError } from './errors.js'
import { ZarrGroup } from './group.js'
import type { Store } from './types.js'
import type { StoreHandle } from './wasm/zarr_wasm.js'
import { type Library, library } from './wasm.js'

export interface OpenOptions {
  /** What must be there; without it, either. */
  kind?: 'array' | 'group'
  /** Ends the opening; the promise rejects with the signal's reason. */
  signal?: AbortSignal
  /**
   * HTTP statuses that mean that there is no such object; the default is `[404]`. Buckets that may not be listed answer
   * 403 for what they do not have: `[403, 404]`, where it is certain that 403 means nothing else.
   */
  missing?: readonly number[]
}

/**
 * Opens an array or group, of Zarr v2 or v3: which one is found by asking for the metadata documents of both at once.
 *
 * `location` is the URL of the node (`http:` or `https:`; in a page also one relative to it), or a store: any object
 * with `get` and perhaps `getRange`, such as a `Map`.
 *
 * @throws ZarrError `not-found`, `invalid-metadata`, `unsupported`, `store`, `invalid-argument`
 * @example const array = await open('https://host/store.zarr/temperature', { kind: 'array' })
 */
export function open(
  location: string | URL | Store,
  options: OpenOptions & { kind: 'array' },
): Promise<ZarrArray>
export function open(
  location: string | URL | Store,
  options: OpenOptions & { kind: 'group' },
): Promise<ZarrGroup>
export function open(location: string | URL | Store, options?: OpenOptions): Promise<ZarrArray | ZarrGroup>
export async function open(
  location: string | URL | Store,
  options: OpenOptions = {},
): Promise<ZarrArray | ZarrGroup> {
  const loaded = await library()
  return openNode(loaded, storeAt(loaded, location, options.missing ?? [404]), '', options)
}

/**
 * Opens the node at a path of a store.
 *
 * @internal
 */
export async function openNode(
  loaded: Library,
  store: StoreHandle,
  path: string,
  { kind, signal }: OpenOptions,
): Promise<ZarrArray | ZarrGroup> {
  if (kind !== undefined && kind !== 'array' && kind !== 'group') {
    throw new ZarrError('invalid-argument', `kind is ${kind}, expected array or group`)
  }
  checkSignal(signal)
  const handle = await store.open(path, signal).catch(rethrow)
  const isArray = handle instanceof loaded.engine.ArrayHandle
  const node = isArray ? ZarrArray.of(handle, loaded) : ZarrGroup.of(handle, store, loaded)
  const found = isArray ? 'array' : 'group'
  if (kind !== undefined && kind !== found) {
    throw new ZarrError(
      'not-found',
      `${node.path}: found an ${found}, expected ${kind}`.replace('an group', 'a group'),
      {
        path: node.path,
      },
    )
  }
  return node
}

/** One handle for each store object: all that is opened in it shares its slots. */
const objectHandles = new WeakMap<object, StoreHandle>()

function storeAt(
  { engine }: Library,
  location: string | URL | Store,
  missing: readonly number[],
): StoreHandle {
  if (typeof location === 'string' || location instanceof URL) {
    return engine.StoreHandle.fromUrl(resolve(location).href, Uint16Array.from(missing))
  }
  let handle = objectHandles.get(location)
  if (handle) return handle
  try {
    handle = engine.StoreHandle.fromObject(location)
  } catch (thrown) {
    rethrow(thrown)
  }
  objectHandles.set(location, handle)
  return handle
}

function resolve(location: string | URL): URL {
  let url: URL
  try {
    // Relative to the page, where there is one.
    url = new URL(location, globalThis.location?.href)
  } catch (cause) {
    throw new ZarrError('invalid-argument', `"${location}" is not a URL`, {}, { cause })
  }
  if (url.username !== '' || url.password !== '') {
    // `fetch` refuses it, and would repeat it in its message.
    throw new ZarrError('invalid-argument', `the URL on ${url.host} holds a user name or a password`)
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') return url
  const message = `the protocol of ${url.href} is ${url.protocol}, expected http: or https:`
  throw new ZarrError('unsupported', message, { url: url.href })
}
