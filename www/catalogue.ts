// What a store holds: the tree of its groups and arrays, from consolidated metadata or a listing. A store that has neither
// can still be shown where its address is that of an array, or the path of one is known.
import { type Location, type OpenOptions, open, ZarrArray, ZarrError } from 'zarr-wasm'

export interface Entry {
  path: string
  kind: 'array' | 'group'
  /** Not known of groups, of arrays that cannot be opened, and in stores with very many. */
  shape?: readonly number[]
}

export interface Catalogue {
  entries: readonly Entry[]
  has(path: string): boolean
  open(path: string, signal: AbortSignal): Promise<ZarrArray>
}

/** A group whose members cannot be known. */
export class UnlistedGroup extends Error {
  constructor(override readonly cause: ZarrError) {
    super(`${cause.message}. An array in it can be opened by its own address.`)
  }
}

/** Opening an array may take requests: of that many, shapes are shown beside names. */
const MOST_OPENED = 100

/** Rejects where there is no store, or its members cannot be known and none was asked for. */
export async function readCatalogue(
  location: Location,
  options: Pick<OpenOptions, 'store'>,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<Catalogue> {
  const node = await open(location, { ...options, signal })
  if (node instanceof ZarrArray) {
    const entries: Entry[] = [{ path: '', kind: 'array', shape: node.shape }]
    return { entries, has: () => false, open: async () => node }
  }
  const opened = new Map<string, ZarrArray>()
  const openArray = async (path: string, s: AbortSignal) => {
    const array = opened.get(path) ?? (await node.open(path, { kind: 'array', signal: s }))
    opened.set(path, array)
    return array
  }
  const entries: Entry[] = await node.tree({ signal }).catch((error) => {
    if (!(error instanceof ZarrError) || error.code !== 'unsupported') throw error
    if (wanted === undefined) throw new UnlistedGroup(error)
    return [{ path: wanted, kind: 'array' as const }]
  })
  const arrays = entries.filter(({ kind }) => kind === 'array')
  if (arrays.length <= MOST_OPENED) {
    await Promise.all(
      arrays.map(async (entry) => {
        entry.shape = (await openArray(entry.path, signal).catch(() => undefined))?.shape
      }),
    )
  }
  signal.throwIfAborted()
  const paths = new Set(arrays.map(({ path }) => path))
  return { entries, has: (path) => paths.has(path), open: openArray }
}

/** What people come for: the array of the most dimensions, and of these the largest. */
export function mainArray({ entries }: Catalogue): string | undefined {
  const arrays = entries.filter(({ kind }) => kind === 'array')
  const elements = (entry: Entry) => (entry.shape ?? []).reduce((product, extent) => product * extent, 1)
  const rank = (a: Entry, b: Entry) =>
    (b.shape?.length ?? 0) - (a.shape?.length ?? 0) || elements(b) - elements(a)
  return arrays.sort(rank)[0]?.path
}

/** The names that an array gives its dimensions; Zarr v2 stores keep them where xarray put them. */
export function dimensionNames(array: ZarrArray): string[] {
  const names = array.dimensionNames ?? array.attrs._ARRAY_DIMENSIONS
  return array.shape.map((_, axis) => {
    const name: unknown = Array.isArray(names) ? names[axis] : undefined
    return typeof name === 'string' ? name : `dimension ${axis}`
  })
}
