// The public types, each used as it is meant to be, and misused.
import { configure, open, registerCodec, slice, stats, ZarrArray, ZarrError, ZarrGroup } from 'zarr-wasm'
import type { Child, Chunk, CodecDefinition, CodecInfo, Data, ErrorCode, GetOptions, Selection, Stats, Store } from 'zarr-wasm'
import { fetchFrom, scripted, type ScriptedStore } from 'zarr-wasm/testing'

const array: ZarrArray = await open('https://host/a', { kind: 'array', signal: AbortSignal.timeout(1) })
const group: ZarrGroup = await open(new URL('https://host/'), { kind: 'group' })
const either: ZarrArray | ZarrGroup = await open(new Map<string, Uint8Array>())
const below: ZarrArray = await group.open('a/b', { kind: 'array' })
const inArchive: ZarrArray = await open(new Blob([]), { kind: 'array', store: 'zip', path: 'a/b' })
const children: Child[] = [...(await group.children()), ...(await group.tree({ signal: AbortSignal.timeout(1) }))]
const slow: ScriptedStore = scripted(new Map<string, Uint8Array>(), ({ key, attempt }) => ({ delay: key.length * attempt }))
await open('https://host/a', { fetch: fetchFrom(slow) })
await open('https://host/a', { credentials: 'include', headers: { 'x-key': 'secret' } })
await open('https://host/a', { headers: async () => new Headers([['x-key', 'secret']]) })

const selection: Selection = [0, -1n, slice(3), slice(1, null, 2), null, '...']
const options: GetOptions = { out: new Float32Array(3), signal: new AbortController().signal }
const chunk: Chunk = await array.get(selection, options)
const data: Data = chunk.data
const numbers: number[] = [...chunk.shape, ...chunk.stride, ...array.shape, ...(below.shards ?? below.chunks ?? [])]
const extents: number[] = (array.chunkEdges ?? []).flatMap((axis) => axis.map(([extent, count]) => extent * count))

const store: Store = {
  get: async (key, options) => (options?.signal?.aborted ? undefined : new TextEncoder().encode(key)),
  getRange: (_key, range) => new Uint8Array('offset' in range ? range.length : range.suffixLength),
}
await open(store)

const codec: CodecDefinition = {
  kind: 'bytes-to-bytes',
  decode: (bytes: Uint8Array, { decodedLength = 0 }: CodecInfo) => bytes.slice(0, decodedLength),
}
registerCodec('a', () => codec)
registerCodec('b', async () => ({ kind: 'array-to-bytes', decode: async (bytes, { dtype }) => new ArrayBuffer(dtype?.length ?? 0) }))

configure({ concurrency: 8 })
const { requests, bytes, inFlight, maxInFlight }: Stats = stats()
export const all = [inArchive, children, either, data, numbers, requests, bytes, inFlight, maxInFlight]

export function code(error: unknown): ErrorCode | undefined {
  return error instanceof ZarrError ? error.code : undefined
}

// @ts-expect-error: it is an array or a group
const wrongKind: ZarrGroup = await open('https://host/a', { kind: 'array' })
// @ts-expect-error: index arrays are not basic selections
await array.get([[0, 1]])
// @ts-expect-error: no such setting
configure({ decoders: 4 })
// @ts-expect-error: no such kind
registerCodec('c', () => ({ kind: 'filter', decode: (bytes) => bytes }))
// @ts-expect-error: what an array says is read-only
array.shape = []
// @ts-expect-error: no such kind of store
await open('https://host/a', { store: 'tar' })
// @ts-expect-error: headers are no number
await open('https://host/a', { headers: 5 })
// @ts-expect-error: and not what a function answers
await open('https://host/a', { headers: () => 5 })
// @ts-expect-error: no such mode
await open('https://host/a', { credentials: 'always' })
// @ts-expect-error: not a code
export const isOther = (error: ZarrError) => error.code === 'other'
export { wrongKind }
