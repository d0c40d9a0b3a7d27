// Decoding in memory: arrays of 64 chunks, by zarr-wasm and zarrita from a Map, planning and the copy into the result
// included, and by numcodecs.js, which zarrita uses, chunk by chunk. One thread, in turns, the first rounds not counted.
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Failure } from '../scripts/run.mjs'
import { chosen } from './choice.mjs'
import { field } from './contents.mjs'
import { blosc, gzip, lz4, zlib, zstd } from './encoders.mjs'
import { spread } from './figures.mjs'
import { machine } from './machine.mjs'
import { versions } from './peers.mjs'
import { arrayObjects } from './zarr_writer.mjs'

const CODECS = {
  zstd,
  gzip,
  zlib,
  lz4,
  'blosc-lz4': blosc('lz4'),
  'blosc-lz4-bits': blosc('lz4', 2),
  'blosc-zstd': blosc('zstd'),
  'blosc-blosclz': blosc('blosclz'),
}
const CHUNKS = 64
const CHUNK_BYTES = { '64 KiB': 1 << 16, '1 MiB': 1 << 20 }
const WARM_ROUNDS = 2
const READERS = ['zarr-wasm', 'zarrita', 'numcodecs.js']

export async function codecsReport({ quick, only, repeat, readers: wanted }) {
  const place = machine()
  const readers = chosen('reader', READERS, wanted)
  const sizes = Object.entries(CHUNK_BYTES).slice(0, quick ? 1 : undefined)
  const roundBytes = (quick ? 4 : 64) << 20
  const cases = chosen('codec', Object.keys(CODECS), only).flatMap((name) =>
    sizes.map(([size, bytes]) => ({ name: `${name}, ${size}`, codec: CODECS[name], elements: bytes / 4 })),
  )
  const measurements = []
  for (const one of cases) {
    console.log(`\n==> ${one.name}`)
    measurements.push(...(await measured(one, { repeat, readers, roundBytes })))
  }
  const lines = [
    place,
    `${versions(['zarrita', 'numcodecs']).join(', ')}; ${new Date().toISOString().slice(0, 10)}`,
    `${CHUNKS} chunks of float32, one thread, median (least–most) of ${repeat} interleaved rounds in one process, each of ${roundBytes >> 20} MiB`,
    'every result is equal to what was written',
  ]
  return { title: 'Decoding in memory, in Node', unit: 'decoded MB/s', lines, measurements }
}

async function measured({ name, codec, elements }, { repeat, readers: names, roundBytes }) {
  const array = { format: 2, dtype: 'float32', shape: [CHUNKS * elements], chunks: [elements], codec }
  const contents = field([1, CHUNKS, elements])
  const store = new Map()
  for await (const [key, bytes] of arrayObjects(array, contents)) store.set(`/${key}`, new Uint8Array(bytes))
  const expected = checksum([contents])
  const functions = await readersOf(store, codec)
  const readers = names.map((reader) => [reader, functions[reader]])
  const rates = new Map(readers.map(([reader]) => [reader, []]))
  for (let round = -WARM_ROUNDS; round < repeat; round++) {
    for (const [reader, read] of readers) {
      await pause(0)
      if (round === -WARM_ROUNDS && checksum(await read()) !== expected)
        throw new Failure(`${reader} decodes ${name} to something else`)
      const times = roundBytes / contents.byteLength
      const started = performance.now()
      for (let time = 0; time < times; time++) await read()
      const seconds = (performance.now() - started) / 1000
      if (round >= 0) rates.get(reader).push((times * contents.byteLength) / 1e6 / seconds)
    }
  }
  for (const [reader, list] of rates) console.log(`    ${reader}: ${spread(list).median.toFixed(0)} MB/s`)
  return [...rates].map(([reader, values]) => ({ group: name, reader, values }))
}

/** Functions that decode everything in the store, by their names: each answers the parts of the result. */
async function readersOf(store, codec) {
  const [ours, theirs] = [await import('../dist/node.js'), await import('zarrita')]
  const { default: Codec } = await import(`numcodecs/${codec.v2.id}`)
  const decoder = Codec.fromConfig(codec.v2)
  const chunks = Array.from({ length: CHUNKS }, (_, i) => store.get(`/${i}`))
  ours.configure({ workers: 0 })
  return {
    'zarr-wasm': async () => [(await (await ours.open(store, { kind: 'array' })).get()).data],
    zarrita: async () => [(await theirs.get(await theirs.open.v2(store, { kind: 'array' }))).data],
    'numcodecs.js': async () => {
      const parts = []
      for (const chunk of chunks) parts.push(await decoder.decode(chunk))
      return parts
    },
  }
}

function checksum(parts) {
  const hash = createHash('sha256')
  for (const { buffer, byteOffset, byteLength } of parts)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  return hash.digest('hex')
}
