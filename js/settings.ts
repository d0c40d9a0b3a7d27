/** Settings of the whole library. */
export interface Configuration {
  /**
   * Requests in flight at once, over all arrays and calls: 1 to 65536, or `"auto"`, the default: as many as are of use,
   * found by how long requests take, from 8 to 256. A store object that is not a URL has as many slots of its own, with
   * `"auto"` 64.
   */
  concurrency?: number | 'auto' | undefined
  /**
   * Bytes of the requests in flight, and of those that have arrived and are not yet decoded. The default is 128 MiB. A
   * single object may be larger.
   */
  maxBytesInFlight?: number | undefined
}

/** What was configured so far: wasm that is loaded later starts with it. */
export const settings: Configuration = {}

/** The settings in the form that crosses to wasm; what is not set is not finite. */
export const crossing = ({ concurrency, maxBytesInFlight }: Configuration): [number, number] => [
  concurrency === 'auto' ? 0 : (concurrency ?? Number.NaN),
  maxBytesInFlight ?? Number.NaN,
]
