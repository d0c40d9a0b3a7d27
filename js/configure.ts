import { chunkCache } from './chunk_cache.js'
import { shown, ZarrError } from './errors.js'
import {
  type ByteSetting,
  byteSettings,
  type Configuration,
  checkConcurrency,
  crossing,
  isInteger,
  LEAST_BYTES,
  settings,
} from './settings.js'
import type { Stats } from './types.js'
import { loadedLibrary } from './wasm.js'
import { forgetWorkers } from './workers/workers.js'

const MOST_WORKERS = 64

/**
 * Changes settings, at any time; members that are absent stay as they are.
 *
 * @throws ZarrError `invalid-argument`
 * @example configure({ concurrency: 16 })
 */
export function configure(configuration: Configuration = {}): void {
  const { concurrency, workers, ...counts } = configuration
  for (const [name, value] of Object.entries(counts)) {
    const least = Object.hasOwn(LEAST_BYTES, name) ? LEAST_BYTES[name as ByteSetting] : undefined
    if (least === undefined) throw new ZarrError('invalid-argument', `there is no setting ${name}`)
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least)) {
      throw new ZarrError('invalid-argument', `${name} is ${shown(value)}, expected a number of bytes`)
    }
  }
  if (concurrency !== undefined && concurrency !== 'auto') checkConcurrency(concurrency, ', or "auto"')
  if (workers !== undefined && workers !== 'auto' && workers !== 0 && !isInteger(workers, MOST_WORKERS)) {
    const message = `workers is ${shown(workers)}, expected an integer from 0 to ${MOST_WORKERS}, or "auto"`
    throw new ZarrError('invalid-argument', message)
  }
  settings.concurrency = concurrency ?? settings.concurrency
  for (const name of byteSettings) settings[name] = counts[name] ?? settings[name]
  if (workers !== undefined) {
    settings.workers = workers
    forgetWorkers()
  }
  chunkCache.resize(settings.cacheBytes ?? 0)
  loadedLibrary()?.engine.configure(...crossing(settings))
}

const NONE: Counted = {
  requests: 0,
  bytes: 0,
  retries: 0,
  inFlight: 0,
  maxInFlight: 0,
  bytesInFlight: 0,
  maxBytesInFlight: 0,
  concurrency: 64,
}

/** Of `Stats` what wasm counts. */
type Counted = Omit<Stats, 'cacheHits' | 'cacheMisses' | 'cachedBytes'>

/**
 * Counters since the library was loaded: see `Stats`.
 *
 * @example const { requests, bytes } = stats()
 */
export function stats(): Stats {
  const counted: Counted = loadedLibrary()?.engine.stats() ?? NONE
  const { hits: cacheHits, misses: cacheMisses, length: cachedBytes } = chunkCache
  return { ...counted, cacheHits, cacheMisses, cachedBytes }
}
