// An array of 4 planes in 4 x 4 shards, whose inner chunks can lie in any order: each plane of a shard consists of 4 x 4
// inner chunks of 8 KiB, all elements of which are the number of that inner chunk in the array.
import { arrayDocument, json } from './arrays.mjs'

const PLANES = 4
/** Along each of the other two axes, shards, inner chunks of a shard, and elements of an inner chunk. */
const [SHARDS_ALONG, CHUNKS_ALONG, CHUNK_EXTENT] = [4, 4, 64]
const EXTENT = SHARDS_ALONG * CHUNKS_ALONG * CHUNK_EXTENT
const CHUNK_BYTES = CHUNK_EXTENT * CHUNK_EXTENT * 2
const CHUNKS_OF_SHARD = PLANES * CHUNKS_ALONG ** 2

export const SHARDS = SHARDS_ALONG ** 2
/** Those of one plane. */
export const INNER_CHUNKS = SHARDS * CHUNKS_ALONG ** 2

/** Where an inner chunk lies among those of its shard. */
export const inCOrder = (z, y, x) => (z * CHUNKS_ALONG + y) * CHUNKS_ALONG + x

/** The bits of the coordinates in turn, those of the first axis lowest. */
export const inMortonOrder = (z, y, x) =>
  [0, 1].reduce(
    (code, bit) =>
      code + [z, y, x].reduce((sum, at, axis) => sum + (((at >> bit) & 1) << (3 * bit + axis)), 0),
    0,
  )

const numberOf = (z, y, x) => (z * EXTENT + y * SHARDS_ALONG * CHUNKS_ALONG + x) & 0xffff

/** What the `at`th element of a plane is. */
export const planeOf = (z, at) =>
  numberOf(z, Math.floor(at / EXTENT / CHUNK_EXTENT), Math.floor((at % EXTENT) / CHUNK_EXTENT))

/** All objects of the array. The shard index is at the end, without a checksum. */
export function planesInShards(place) {
  const bytes = { name: 'bytes', configuration: { endian: 'little' } }
  const configuration = {
    chunk_shape: [1, CHUNK_EXTENT, CHUNK_EXTENT],
    codecs: [bytes],
    index_codecs: [bytes],
  }
  const document = arrayDocument(
    [PLANES, EXTENT, EXTENT],
    [PLANES, CHUNKS_ALONG * CHUNK_EXTENT, CHUNKS_ALONG * CHUNK_EXTENT],
    { codecs: [{ name: 'sharding_indexed', configuration }] },
  )
  const objects = new Map([['/zarr.json', json(document)]])
  for (let y = 0; y < SHARDS_ALONG; y++) {
    for (let x = 0; x < SHARDS_ALONG; x++) objects.set(`/c/0/${y}/${x}`, shard(y, x, place))
  }
  return objects
}

function shard(shardY, shardX, place) {
  const object = new Uint8Array(CHUNKS_OF_SHARD * (CHUNK_BYTES + 16))
  const index = new DataView(object.buffer, CHUNKS_OF_SHARD * CHUNK_BYTES)
  for (let entry = 0; entry < CHUNKS_OF_SHARD; entry++) {
    const x = entry % CHUNKS_ALONG
    const y = Math.floor(entry / CHUNKS_ALONG) % CHUNKS_ALONG
    const z = Math.floor(entry / CHUNKS_ALONG ** 2)
    const offset = place(z, y, x) * CHUNK_BYTES
    const chunk = new Uint16Array(object.buffer, offset, CHUNK_BYTES / 2)
    chunk.fill(numberOf(z, shardY * CHUNKS_ALONG + y, shardX * CHUNKS_ALONG + x))
    index.setBigUint64(entry * 16, BigInt(offset), true)
    index.setBigUint64(entry * 16 + 8, BigInt(CHUNK_BYTES), true)
  }
  return object
}
