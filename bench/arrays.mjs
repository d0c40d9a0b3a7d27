// The arrays that are read, and how they are stored. Extents are multiples of those of the chunks.
import { field, series, volume } from './contents.mjs'
import { blosc, bloscOfBits, gzip, raw, zstd } from './encoders.mjs'

/** `quick` is the shape of about a tenth of the elements. Chunks of a sharded array are its inner chunks. */
const fields = { contents: field, dtype: 'float32', shape: [64, 1024, 1024], quick: [6, 1024, 1024] }
const images = { contents: volume, dtype: 'uint16', shape: [256, 512, 1024] }

export const ARRAYS = {
  field_blosc_lz4: { ...fields, format: 2, chunks: [1, 512, 512], codec: blosc('lz4') },
  field_blosc_zstd: { ...fields, format: 2, chunks: [1, 512, 512], codec: blosc('zstd') },
  field_zstd: { ...fields, format: 3, chunks: [1, 512, 512], codec: zstd },
  field_gzip: { ...fields, format: 3, chunks: [1, 512, 512], codec: gzip },
  image_u16: { ...images, quick: [64, 256, 768], format: 3, chunks: [64, 64, 64], codec: bloscOfBits(2) },
  sharded: {
    ...images,
    quick: [256, 256, 256],
    format: 3,
    shards: [256, 256, 256],
    chunks: [32, 32, 32],
    codec: zstd,
  },
  planar_f: {
    ...fields,
    shape: [16, 1024, 1024],
    quick: [16, 256, 384],
    format: 2,
    order: 'F',
    chunks: [16, 128, 128],
    codec: blosc('lz4'),
  },
  many: {
    contents: series,
    dtype: 'float32',
    shape: [1_024_000],
    quick: [102_400],
    format: 2,
    chunks: [256],
    codec: raw,
  },
}

/** What is read of which array: all of it (`null`), or an integer drops its dimension. */
export const WORKLOADS = [
  ...Object.keys(ARRAYS).map((array) => ({ name: array, array, selection: null })),
  { name: 'sharded_slice', array: 'sharded', selection: [133, null, null] },
]
