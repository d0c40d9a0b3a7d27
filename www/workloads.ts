// What the readers of the bench read: the samples of this page over HTTP, arrays that are made in memory, and whatever
// address the visitor gives.
import { open } from 'zarr-wasm'
import * as zarrita from 'zarrita'
import type { Reader } from './contest.js'

export interface Workload {
  name: string
  about: string
  /** Made when it is its turn. */
  readers(): Promise<Reader[]>
}

/** Of larger arrays, a part of the first axes is read. */
const MOST_ELEMENTS = 1 << 24

/** Of both readers: nothing comes out of the browser's cache. */
const uncached = (request: Request) => fetch(request, { cache: 'no-store' })

export const SAMPLES: readonly Workload[] = [
  overHttp('data/ostia.zarr/surface_temperature', 'v3, zstd in shards, over HTTP'),
  overHttp('data/e1_north_america.zarr/air_temperature', 'v2, blosc with zstd, over HTTP'),
]

export const MADE: readonly Workload[] = [
  inMemory('large chunks', 'float32, 32 chunks of 1 MB, gzip, in memory', 32, 1 << 18, true),
  inMemory('small chunks', 'float32, 4096 chunks of 1 kB, not compressed, in memory', 4096, 1 << 8, false),
]

/** The array at an address, read by its URL. */
export function overHttp(address: string, about: string): Workload {
  const readers = async () => {
    const url = new URL(address.replace(/\/+$/, ''), document.baseURI).href
    const { shape } = await open(url, { kind: 'array', fetch: uncached })
    const selection = selectionWithin(shape)
    return [
      {
        name: 'zarr-wasm',
        read: async () => {
          const array = await open(url, { kind: 'array', fetch: uncached })
          return (await array.get(selection)).data as Iterable<unknown>
        },
      },
      {
        name: 'zarrita',
        read: async () => {
          const store = new zarrita.FetchStore(url, { fetch: uncached })
          return dataOf(await zarrita.get(await zarrita.open(store, { kind: 'array' }), selection))
        },
      },
    ]
  }
  const name = address
    .replace(/[?#].*$|\/+$/g, '')
    .split('/')
    .at(-1)
  return { name: name || address, about, readers }
}

function inMemory(
  name: string,
  about: string,
  chunks: number,
  length: number,
  isCompressed: boolean,
): Workload {
  const readers = async () => {
    const store = await makeStore(chunks, length, isCompressed)
    return [
      {
        name: 'zarr-wasm',
        read: async () => (await (await open(store, { kind: 'array' })).get()).data as Iterable<unknown>,
      },
      {
        name: 'zarrita',
        read: async () => dataOf(await zarrita.get(await zarrita.open(store, { kind: 'array' }))),
      },
    ]
  }
  return { name, about, readers }
}

const dataOf = (chunk: unknown) => (chunk as { data: Iterable<unknown> }).data

/** All of it, or as much of the first axes as is not too much. */
export function selectionWithin(shape: readonly number[]) {
  let elements = shape.reduce((product, extent) => product * extent, 1)
  return shape.map((extent) => {
    const kept = Math.max(1, Math.floor((extent * MOST_ELEMENTS) / Math.max(elements, MOST_ELEMENTS)))
    elements = (elements / Math.max(1, extent)) * kept
    return { start: 0, stop: Math.min(kept, extent), step: null }
  })
}

/** An array of one dimension: a wave with noise, of as many digits as measurements have. */
async function makeStore(chunks: number, length: number, isCompressed: boolean) {
  const metadata = {
    zarr_format: 3,
    node_type: 'array',
    shape: [chunks * length],
    data_type: 'float32',
    chunk_grid: { name: 'regular', configuration: { chunk_shape: [length] } },
    chunk_key_encoding: { name: 'default' },
    fill_value: 0,
    codecs: [
      { name: 'bytes', configuration: { endian: 'little' } },
      ...(isCompressed ? [{ name: 'gzip', configuration: { level: 6 } }] : []),
    ],
    attributes: {},
  }
  const store = new Map<`/${string}`, Uint8Array>()
  store.set('/zarr.json', new TextEncoder().encode(JSON.stringify(metadata)))
  let noise = 1
  for (let chunk = 0; chunk < chunks; chunk++) {
    const values = Float32Array.from({ length }, (_, i) => {
      noise = (noise * 16_807) % 2_147_483_647
      return Math.round(1000 * Math.sin((chunk * length + i) / 5000) + noise / 2 ** 28) / 16
    })
    const bytes = new Uint8Array(values.buffer)
    store.set(`/c/${chunk}`, isCompressed ? await gzipped(bytes) : bytes)
  }
  return store
}

async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
