/** Settings of the whole library. */
export interface Configuration {
  /**
   * Requests in flight at once, over all arrays and calls: 1 to 65536. The default is 64. A store object that is not a URL
   * has as many slots of its own.
   */
  concurrency?: number
}

/** What was configured so far: wasm that is loaded later starts with it. */
export const settings: Configuration = {}
