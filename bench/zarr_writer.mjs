// Arrays as Zarr v2 and v3 write them, for elements in this machine's byte order, which is little-endian.

const V2_TYPES = { float32: '<f4', uint16: '<u2' }
const INDEX_CODECS = [{ name: 'bytes', configuration: { endian: 'little' } }, { name: 'crc32c' }]

/**
 * The objects of an array: its document, then its chunks or shards, as pairs of key and bytes. The array is `{ format, dtype,
 * shape, chunks, shards, order, codec }`; `contents` has its elements in C order.
 */
export async function* arrayObjects(array, contents) {
  const { format, shape, chunks, shards } = array
  const document = format === 2 ? v2Document(array) : v3Document(array)
  yield [format === 2 ? '.zarray' : 'zarr.json', new TextEncoder().encode(JSON.stringify(document))]
  const objects = shards ?? chunks
  for (const coordinates of grid(shape, objects)) {
    const start = coordinates.map((coordinate, axis) => coordinate * objects[axis])
    const bytes = await (shards ? shard : chunk)(array, contents, start)
    yield [format === 2 ? coordinates.join('.') : ['c', ...coordinates].join('/'), bytes]
  }
}

const v2Document = ({ shape, chunks, dtype, order = 'C', codec }) => ({
  zarr_format: 2,
  shape,
  chunks,
  dtype: V2_TYPES[dtype],
  order,
  fill_value: 0,
  filters: null,
  compressor: codec.v2,
})

function v3Document({ shape, chunks, shards, dtype, codec }) {
  const codecs = [{ name: 'bytes', configuration: { endian: 'little' } }, codec.v3]
  const configuration = { chunk_shape: chunks, codecs, index_codecs: INDEX_CODECS, index_location: 'end' }
  return {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: dtype,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: shards ?? chunks } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    fill_value: 0,
    codecs: shards ? [{ name: 'sharding_indexed', configuration }] : codecs,
    attributes: {},
  }
}

/** The coordinates of all parts of a shape, in C order. */
function* grid(shape, part) {
  const counts = shape.map((extent, axis) => extent / part[axis])
  if (!counts.every(Number.isInteger)) throw new Error(`parts of ${part} do not fill an array of ${shape}`)
  const total = counts.reduce((product, count) => product * count, 1)
  for (let index = 0; index < total; index++) {
    let rest = index
    const coordinates = counts.map(() => 0)
    for (let axis = counts.length - 1; axis >= 0; axis--) {
      coordinates[axis] = rest % counts[axis]
      rest = Math.floor(rest / counts[axis])
    }
    yield coordinates
  }
}

function chunk({ shape, chunks, order, codec }, contents, start) {
  const elements = new contents.constructor(chunks.reduce((product, extent) => product * extent, 1))
  const strides = stridesOf(shape)
  const inChunk = order === 'F' ? stridesOf(chunks.toReversed()).toReversed() : stridesOf(chunks)
  const first = start.reduce((sum, index, axis) => sum + index * strides[axis], 0)
  copy(contents, first, strides, elements, 0, inChunk, chunks, 0)
  return codec.encode(new Uint8Array(elements.buffer))
}

/** Copies a block from one array into another, given their strides, axis by axis. */
function copy(from, fromAt, fromStrides, to, toAt, toStrides, shape, axis) {
  if (axis === shape.length - 1 && toStrides[axis] === 1) {
    return to.set(from.subarray(fromAt, fromAt + shape[axis]), toAt)
  }
  for (let index = 0; index < shape[axis]; index++) {
    const [source, target] = [fromAt + index * fromStrides[axis], toAt + index * toStrides[axis]]
    if (axis === shape.length - 1) to[target] = from[source]
    else copy(from, source, fromStrides, to, target, toStrides, shape, axis + 1)
  }
}

const stridesOf = (shape) => shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))

/** The inner chunks, one after another, then the index: offset and length of each, and a checksum of these. */
async function shard(array, contents, start) {
  const places = [...grid(array.shards, array.chunks)].map((coordinates) =>
    coordinates.map((coordinate, axis) => start[axis] + coordinate * array.chunks[axis]),
  )
  const parts = []
  const index = new DataView(new ArrayBuffer(16 * places.length + 4))
  let offset = 0
  for (const [i, place] of places.entries()) {
    const bytes = await chunk(array, contents, place)
    parts.push(bytes)
    index.setBigUint64(16 * i, BigInt(offset), true)
    index.setBigUint64(16 * i + 8, BigInt(bytes.length), true)
    offset += bytes.length
  }
  const entries = new Uint8Array(index.buffer, 0, 16 * places.length)
  index.setUint32(entries.length, crc32c(entries), true)
  return Buffer.concat([...parts, new Uint8Array(index.buffer)])
}

/** RFC 3720, appendix B.4. */
function crc32c(bytes) {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return ~crc >>> 0
}
