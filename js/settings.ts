import { shown, ZarrError } from './errors.js'

/**
 * Settings of the whole library.
 *
 * @example configure({ concurrency: 'auto', workers: 2, maxBytesInFlight: 64 << 20, cacheBytes: 256 << 20 })
 */
export interface Configuration {
  /**
   * Requests in flight at once, over all arrays and calls: 1 to 65536, or `"auto"`, the default: as many as are of use,
   * found by how long requests take, from 8 to 256. A store object that is not a URL has as many slots of its own, with
   * `"auto"` 64.
   */
  concurrency?: number | 'auto' | undefined
  /**
   * Bytes of the requests in flight, and of those that have arrived and are not yet decoded, but for those of streams that
   * wait for whoever takes their regions. The default is 64 MiB. A single object may be larger.
   */
  maxBytesInFlight?: number | undefined
  /**
   * Workers that decode, 0 to 64, or `"auto"`, the default: as many as a read is worth, by its length and its codecs, and not
   * more than there are cores, or than 8. Without them decoding takes turns with the event loop.
   */
  workers?: number | 'auto' | undefined
  /**
   * Parts of an object that lie no more than so many bytes apart are requested together, with what is between them. The
   * default is 32 KiB.
   */
  maxGapBytes?: number | undefined
  /**
   * Parts of an object are requested together up to so many bytes; one that alone has twice as many or more is requested in
   * pieces, side by side. The default is 8 MiB.
   */
  maxRangeBytes?: number | undefined
  /**
   * Bytes of decoded chunks that are kept, those that were used last, of all arrays: a later read of an array that is open
   * has from there what it can. The default is 0. Elements of variable length are not kept.
   */
  cacheBytes?: number | undefined
}

/** The least that each setting can be that counts bytes. */
export const LEAST_BYTES = { maxBytesInFlight: 1, maxGapBytes: 0, maxRangeBytes: 1, cacheBytes: 0 } as const

export type ByteSetting = keyof typeof LEAST_BYTES

export const byteSettings = Object.keys(LEAST_BYTES) as ByteSetting[]

/** Those that wasm knows. */
const CROSSING = ['maxBytesInFlight', 'maxGapBytes', 'maxRangeBytes'] as const

/** What was configured so far: wasm that is loaded later starts with it. */
export const settings: Configuration = {}

/** The settings in the form that crosses to wasm; what is not set is not finite. */
export const crossing = ({ concurrency, ...others }: Configuration): [number, Float64Array] => [
  concurrency === 'auto' ? 0 : (concurrency ?? Number.NaN),
  Float64Array.from(CROSSING, (name) => others[name] ?? Number.NaN),
]

/** Refuses what is no number of requests; `others` says what else there might have been. */
export function checkConcurrency(concurrency: unknown, others = ''): void {
  if (isInteger(concurrency, 65536)) return
  const message = `concurrency is ${shown(concurrency)}, expected an integer from 1 to 65536${others}`
  throw new ZarrError('invalid-argument', message)
}

export const isInteger = (value: unknown, most: number): boolean =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most
