// The codecs: how bytes are encoded, and what the metadata say of it. gzip is Node's, the others are those of numcodecs.js.
import { promisify } from 'node:util'
import { gzip as gzipped } from 'node:zlib'

const SHUFFLES = ['noshuffle', 'shuffle', 'bitshuffle']

/** Encoders of numcodecs.js are loaded when one is used: without them there is still gzip. */
const ofNumcodecs = (configuration) => async (bytes) => {
  const { default: Codec } = await import(`numcodecs/${configuration.id}`)
  return Codec.fromConfig(configuration).encode(bytes)
}

const described = (configuration, name = configuration.id) => {
  const { id, ...members } = configuration
  return { v2: configuration, v3: { name, configuration: members } }
}

/** With shuffled bytes of elements of four: other sizes numcodecs.js does not write. */
export function blosc(cname, shuffle = 1) {
  const configuration = { id: 'blosc', cname, clevel: 5, shuffle, blocksize: 0 }
  return {
    v2: configuration,
    v3: bloscOf({ ...configuration, typesize: 4 }),
    encode: ofNumcodecs(configuration),
  }
}

const bloscOf = ({ cname, clevel, shuffle, typesize, blocksize }) => ({
  name: 'blosc',
  configuration: { cname, clevel, shuffle: SHUFFLES[shuffle], typesize, blocksize },
})

export const zstd = (() => {
  const configuration = { id: 'zstd', level: 3 }
  const v3 = { name: 'zstd', configuration: { level: 3, checksum: false } }
  return { ...described(configuration), v3, encode: ofNumcodecs(configuration) }
})()

/** None. */
export const raw = { v2: null, withoutPeers: true, encode: (bytes) => bytes }

export const gzip = {
  ...described({ id: 'gzip', level: 4 }),
  withoutPeers: true,
  encode: (bytes) => promisify(gzipped)(bytes, { level: 4 }),
}

export const zlib = (() => {
  const configuration = { id: 'zlib', level: 4 }
  return { ...described(configuration, 'numcodecs.zlib'), encode: ofNumcodecs(configuration) }
})()

export const lz4 = (() => {
  const configuration = { id: 'lz4', acceleration: 1 }
  return { ...described(configuration, 'numcodecs.lz4'), encode: ofNumcodecs(configuration) }
})()

const BLOCK_LEN = 128 << 10
/** c-blosc's format 2, zstd's format 1, zstd with shuffled bits, blocks that are not split. */
const HEADER = [2, 1, (4 << 5) | 4 | 0x10]

/** blosc with zstd and shuffled bits of elements of this size; what is encoded fills blocks of 128 KiB. */
export function bloscOfBits(typesize) {
  const configuration = { cname: 'zstd', clevel: 3, shuffle: 2, typesize, blocksize: BLOCK_LEN }
  return { v3: bloscOf(configuration), encode: (bytes) => encodeBits(bytes, typesize) }
}

async function encodeBits(bytes, typesize) {
  const blocks = []
  for (let at = 0; at < bytes.length; at += BLOCK_LEN) {
    blocks.push(await zstd.encode(shuffledBits(bytes.subarray(at, at + BLOCK_LEN), typesize)))
  }
  const start = 16 + 4 * blocks.length
  const out = new Uint8Array(blocks.reduce((length, block) => length + 4 + block.length, start))
  const view = new DataView(out.buffer)
  out.set([...HEADER, typesize])
  view.setUint32(4, bytes.length, true)
  view.setUint32(8, BLOCK_LEN, true)
  view.setUint32(12, out.length, true)
  let at = start
  blocks.forEach((block, i) => {
    view.setUint32(16 + 4 * i, at, true)
    view.setUint32(at, block.length, true)
    out.set(block, at + 4)
    at += 4 + block.length
  })
  return out
}

/** All elements' first bits, then all second bits, and so on. */
function shuffledBits(bytes, typesize) {
  const count = bytes.length / typesize
  const out = new Uint8Array(bytes.length)
  for (let byte = 0; byte < typesize; byte++) {
    for (let element = 0; element < count; element++) {
      const value = bytes[element * typesize + byte]
      const at = (byte * 8 * count + element) >>> 3
      for (let bit = 0; bit < 8; bit++) {
        out[at + bit * (count >>> 3)] |= ((value >>> bit) & 1) << (element & 7)
      }
    }
  }
  return out
}
