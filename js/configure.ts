import { shown, ZarrError } from './errors.js'
import { type Configuration, settings } from './settings.js'
import type { Stats } from './types.js'
import { loadedLibrary } from './wasm.js'

/**
 * Changes settings, at any time; members that are absent stay as they are.
 *
 * @throws ZarrError `invalid-argument`
 * @example configure({ concurrency: 16 })
 */
export function configure(configuration: Configuration = {}): void {
  const { concurrency, ...unknown } = configuration
  const [name] = Object.keys(unknown)
  if (name !== undefined) throw new ZarrError('invalid-argument', `there is no setting ${name}`)
  if (concurrency === undefined) return
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 65536) {
    throw new ZarrError(
      'invalid-argument',
      `concurrency is ${shown(concurrency)}, expected an integer from 1 to 65536`,
    )
  }
  settings.concurrency = concurrency
  loadedLibrary()?.engine.configure(settings)
}

/**
 * Counters since the library was loaded: requests, bytes, requests in flight now and at most.
 *
 * @example const { requests, bytes } = stats()
 */
export function stats(): Stats {
  return loadedLibrary()?.engine.stats() ?? { requests: 0, bytes: 0, inFlight: 0, maxInFlight: 0 }
}
