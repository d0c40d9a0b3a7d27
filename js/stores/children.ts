// The nodes below a group, by listings of its store.
import type { Child, ListOptions, ZarrGroup } from '../group.js'
import type { Place } from '../place.js'
import { namesBelow } from './names.js'
import { failure, located, type Part, shownUrl } from './source.js'

/** The group's own. */
const DOCUMENTS = new Set(['zarr.json', '.zarray', '.zgroup', '.zattrs', '.zmetadata'])

type Kind = Child['kind']

/** All nodes below a group. */
export async function treeOf(group: ZarrGroup, options?: ListOptions | null): Promise<Child[]> {
  const children = await group.children(options)
  const branches = children.map(async (child) => {
    if (child.kind === 'array') return [child]
    const below = await treeOf(await group.open(child.path, { ...options, kind: 'group' }), options)
    return [child, ...below.map(({ path, kind }) => ({ path: `${child.path}/${path}`, kind }))]
  })
  return (await Promise.all(branches)).flat()
}

/** The children of a group, whose members are of its own format. */
export async function childrenOf(
  { path, zarrFormat }: ZarrGroup,
  place: Place,
  signal: AbortSignal | undefined,
): Promise<Child[]> {
  const folder = path === '/' ? '/' : `${path}/`
  const names = new Set<string>()
  for (const name of await listed(place, folder, signal)) {
    if (!DOCUMENTS.has(name)) names.add(name.replace(/\/$/, ''))
  }
  const kinds = [...names].map(async (name) => {
    const kind = await (zarrFormat === 3 ? kindOfV3 : kindOfV2)(place, `${folder.slice(1)}${name}`, signal)
    return kind ? [{ path: name, kind }] : []
  })
  return (await Promise.all(kinds)).flat()
}

async function listed(
  { location, at }: Place,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Iterable<string>> {
  if (location instanceof URL) {
    const { listBucket } = await import('./bucket.js')
    return listBucket(location, folder, at, signal)
  }
  if (location instanceof Map) {
    return namesBelow(
      folder,
      [...location.keys()].filter((key) => typeof key === 'string'),
    )
  }
  if (typeof location.listDir === 'function') {
    try {
      return await location.listDir(folder, signal ? { signal } : {})
    } catch (cause) {
      if (signal?.aborted) throw signal.reason
      throw failure('store', `the store did not list ${folder}: ${cause}`, {}, cause)
    }
  }
  const message =
    'the group has no consolidated metadata, and its store no listDir: its members are not known'
  throw failure('unsupported', message, { path: folder.replace(/(.)\/$/, '$1') })
}

async function kindOfV3(
  place: Place,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Kind | undefined> {
  const key = `${path}/zarr.json`
  const document = await documentAt(place, key, signal)
  if (document === undefined) return undefined
  try {
    const { node_type } = JSON.parse(new TextDecoder().decode(document))
    if (node_type === 'array' || node_type === 'group') return node_type
  } catch (cause) {
    throw failure('invalid-metadata', `${key}: the document is not JSON`, { key }, cause)
  }
  throw failure('invalid-metadata', `${key}: node_type is neither "array" nor "group"`, { key })
}

async function kindOfV2(
  place: Place,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Kind | undefined> {
  const [array, group] = await Promise.all(
    ['.zarray', '.zgroup'].map((name) => documentAt(place, `${path}/${name}`, signal)),
  )
  return array ? 'array' : group && 'group'
}

async function documentAt(
  { handle, location }: Place,
  key: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  try {
    const found: Part | undefined = await handle.get(key, 0, Number.POSITIVE_INFINITY, signal)
    return found?.[0]
  } catch (thrown) {
    const isUrl = location instanceof URL
    throw located(thrown, isUrl ? { url: `${shownUrl(location).replace(/\/+$/, '')}/${key}` } : { key })
  }
}
