// What a store holds. Its consolidated metadata (one document at the root) names every array; a store without one can
// still be shown when its address is that of an array.
import { open, type ZarrArray } from 'zarr-wasm'

export interface ArrayEntry {
  path: string
  shape: readonly number[]
}

export interface Catalogue {
  /** Most dimensions first: what people come for stands above its coordinates. */
  entries: ArrayEntry[]
  open(path: string, signal: AbortSignal): Promise<ZarrArray>
}

type Json = Record<string, unknown>

/** Rejects with a `ZarrError` when there is no store at `url`, and with an `Error` when its arrays cannot be known. */
export async function readCatalogue(url: string, signal: AbortSignal): Promise<Catalogue> {
  const [v3, v2] = await Promise.all([
    fetchJson(documentUrl(url, 'zarr.json'), signal),
    fetchJson(documentUrl(url, '.zmetadata'), signal),
  ])
  signal.throwIfAborted()
  const consolidated = asJson(asJson(v3?.consolidated_metadata)?.metadata)
  const entries = consolidated ? entriesOfV3(consolidated) : entriesOfV2(asJson(v2?.metadata))
  if (entries.length > 0) {
    const group = await open(url, { kind: 'group', signal })
    entries.sort((a, b) => b.shape.length - a.shape.length || a.path.localeCompare(b.path))
    return { entries, open: (path, s) => group.open(path, { kind: 'array', signal: s }) }
  }
  const node = await open(url, { signal })
  if (!('get' in node)) {
    throw new Error('This is a group without consolidated metadata. Give the address of one of its arrays.')
  }
  return { entries: [{ path: '', shape: node.shape }], open: async () => node }
}

/** The names that an array gives its dimensions; Zarr v2 stores keep them where xarray put them. */
export function dimensionNames(array: ZarrArray): string[] {
  const names = array.dimensionNames ?? array.attrs._ARRAY_DIMENSIONS
  return array.shape.map((_, axis) => {
    const name: unknown = Array.isArray(names) ? names[axis] : undefined
    return typeof name === 'string' ? name : `dimension ${axis}`
  })
}

function entriesOfV3(metadata: Json): ArrayEntry[] {
  return Object.entries(metadata).flatMap(([path, document]) => {
    const node = asJson(document)
    return node?.node_type === 'array' ? [{ path, shape: node.shape as number[] }] : []
  })
}

function entriesOfV2(metadata: Json = {}): ArrayEntry[] {
  const suffix = '/.zarray'
  return Object.entries(metadata).flatMap(([key, document]) =>
    key.endsWith(suffix)
      ? [{ path: key.slice(0, -suffix.length), shape: asJson(document)?.shape as number[] }]
      : [],
  )
}

/** A document of the store; signed URLs have a query string, which stays behind the path. */
function documentUrl(store: string, name: string): string {
  const url = new URL(store)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${name}`
  return url.href
}

/** The document, or undefined: whatever is wrong at this address, `open` finds the words for it. */
async function fetchJson(url: string, signal: AbortSignal): Promise<Json | undefined> {
  try {
    const response = await fetch(url, { signal })
    if (!response.ok) return undefined
    // Python writes NaN and Infinity bare, which JSON does not have; only names and shapes are read here.
    return asJson(JSON.parse((await response.text()).replace(/([:[,]\s*)(NaN|-?Infinity)\b/g, '$1null')))
  } catch {
    return undefined
  }
}

function asJson(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
}
