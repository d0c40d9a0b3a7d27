// Zarr v3 arrays made for a test, as a `Map` from store keys to bytes: a store as it is, or the objects of a server.
//
// Elements are uint16, uncompressed, and count up in C order; what a chunk has beyond the array is OUTSIDE, so that it is
// noticed if it is read.

import { gzipSync } from 'node:zlib'

const OUTSIDE = 0xdead
const UINT16_BYTES = 2
const INDEX_ENTRY_BYTES = 16

export const json = (value) => new TextEncoder().encode(JSON.stringify(value))

export const FILL = 0xf111

const BYTES = { name: 'bytes', configuration: { endian: 'little' } }

/** The documents that opening asks for at once, sorted, by the kind of node that is wanted. */
export const DOCUMENTS = {
  any: ['.zarray', '.zattrs', '.zmetadata', 'zarr.json'],
  array: ['.zarray', '.zattrs', 'zarr.json'],
  group: ['.zattrs', '.zgroup', '.zmetadata', 'zarr.json'],
}

/** The `zarr.json` of an array of such elements; `members` replace or add. */
export const arrayDocument = (shape, chunks, members = {}) => ({
  zarr_format: 3,
  node_type: 'array',
  shape,
  data_type: 'uint16',
  chunk_grid: { name: 'regular', configuration: { chunk_shape: chunks } },
  chunk_key_encoding: { name: 'default' },
  codecs: [BYTES],
  fill_value: FILL,
  ...members,
})

export const groupDocument = (attributes = {}) => ({ zarr_format: 3, node_type: 'group', attributes })

/** All objects of an array; `name` is its path with a leading slash, or empty. */
export function arrayObjects(shape, chunks, { name = '', ...members } = {}) {
  const objects = new Map([[`${name}/zarr.json`, json(arrayDocument(shape, chunks, members))]])
  for (const at of positions(shape.map((extent, axis) => Math.ceil(extent / chunks[axis])))) {
    objects.set([`${name}/c`, ...at].join('/'), chunkBytes(shape, chunks, at))
  }
  return objects
}

export const GZIP = [BYTES, { name: 'gzip', configuration: { level: 1 } }]

/** The same with chunks that are compressed. */
export function compressedObjects(shape, chunks) {
  const objects = arrayObjects(shape, chunks, { codecs: GZIP })
  for (const [key, bytes] of objects) if (key.startsWith('/c/')) objects.set(key, gzipSync(bytes))
  return objects
}

/**
 * All objects of a one-dimensional sharded array. The shard index has no checksum; the inner chunks lie in the shard in
 * their order, `missing` ones left out. With `codecs`, `encode` says what they make of an inner chunk; with codecs `around`
 * the shard, `encodeShard` what those make of it.
 */
export function shardedObjects(
  extent,
  shardExtent,
  chunkExtent,
  {
    indexLocation = 'end',
    missing = [],
    codecs = [BYTES],
    encode = (bytes) => bytes,
    before = [],
    around = [],
    encodeShard = (bytes) => bytes,
  } = {},
) {
  const sharding = {
    name: 'sharding_indexed',
    configuration: {
      chunk_shape: [chunkExtent],
      codecs,
      index_codecs: [BYTES],
      index_location: indexLocation,
    },
  }
  const objects = new Map([
    [
      '/zarr.json',
      json(arrayDocument([extent], [shardExtent], { codecs: [...before, sharding, ...around] })),
    ],
  ])
  const perShard = shardExtent / chunkExtent
  for (let shard = 0; shard * shardExtent < extent; shard++) {
    const first = shard * perShard
    const chunks = Array.from({ length: perShard }, (_, i) =>
      missing.includes(first + i) ? undefined : encode(chunkBytes([extent], [chunkExtent], [first + i])),
    )
    objects.set(`/c/${shard}`, encodeShard(shardBytes(chunks, indexLocation)))
  }
  return objects
}

function shardBytes(chunks, indexLocation) {
  const index = new DataView(new ArrayBuffer(chunks.length * INDEX_ENTRY_BYTES))
  let offset = indexLocation === 'start' ? index.byteLength : 0
  chunks.forEach((chunk, i) => {
    index.setBigUint64(i * INDEX_ENTRY_BYTES, chunk ? BigInt(offset) : 2n ** 64n - 1n, true)
    index.setBigUint64(i * INDEX_ENTRY_BYTES + 8, chunk ? BigInt(chunk.length) : 2n ** 64n - 1n, true)
    offset += chunk?.length ?? 0
  })
  const parts = [...chunks.filter(Boolean), new Uint8Array(index.buffer)]
  if (indexLocation === 'start') parts.unshift(parts.pop())
  return new Uint8Array(parts.flatMap((part) => [...part]))
}

/** One chunk, stored in full even where it overhangs the array. */
function chunkBytes(shape, chunks, at) {
  const elements = positions(chunks).map((within) => {
    const index = within.map((i, axis) => at[axis] * chunks[axis] + i)
    const inside = index.every((i, axis) => i < shape[axis])
    return inside ? index.reduce((flat, i, axis) => flat * shape[axis] + i, 0) : OUTSIDE
  })
  const view = new DataView(new ArrayBuffer(elements.length * UINT16_BYTES))
  for (const [i, element] of elements.entries()) view.setUint16(i * UINT16_BYTES, element, true)
  return new Uint8Array(view.buffer)
}

/** Every index of a grid, in C order. */
const positions = (grid) =>
  grid.reduce(
    (heads, extent) => heads.flatMap((head) => Array.from({ length: extent }, (_, i) => [...head, i])),
    [[]],
  )

/** `start`, `start + step`, … below (or above) `stop`. */
export function range(start, stop, step = 1) {
  const values = []
  for (let i = start; step > 0 ? i < stop : i > stop; i += step) values.push(i)
  return values
}

/** The `.zarray` of a Zarr v2 array of one element; `members` replace or add. */
export const v2Document = (members) =>
  json({
    zarr_format: 2,
    shape: [1],
    chunks: [1],
    dtype: '<u2',
    compressor: null,
    filters: null,
    fill_value: 0,
    order: 'C',
    ...members,
  })
