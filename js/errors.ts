/** What went wrong, for programs: branch on `error.code`. The codes are stable. */
export type ErrorCode =
  /** There is no array or group, or not of the wanted kind or data type, at the path. */
  | 'not-found'
  /** A metadata document breaks the Zarr specification. */
  | 'invalid-metadata'
  /** Valid, but not understood by this library: a codec, a data type, an extension. */
  | 'unsupported'
  /** The selection does not fit the array. */
  | 'invalid-selection'
  /** An argument other than the selection is not what the function takes. */
  | 'invalid-argument'
  /** The bytes of a chunk or shard cannot be what the metadata say. */
  | 'corrupt-chunk'
  /** A value cannot be had in the form that was asked for, or that results of its type have. */
  | 'conversion'
  /** The store failed: network, HTTP status, or a reply that is not what was asked for. */
  | 'store'
  /** The result or a chunk needs more memory than there is. */
  | 'out-of-memory'

/** Where it went wrong, as far as it is known. */
export interface ErrorPlace {
  /** Path of the array or group within its store, with a leading slash. */
  path?: string
  /** Store key of the chunk, shard or metadata document. */
  key?: string
  /** Name of the codec. */
  codec?: string
  /** URL of the request, or of the store. */
  url?: string
  /** HTTP status of the reply. */
  status?: number
}

/**
 * Every failure of this library. The message says what, where, expected and found; `cause` is what another layer threw.
 * Only an abort is not one: it rejects with the reason of its signal.
 *
 * @example
 * try {
 *   await array.get([1000])
 * } catch (error) {
 *   if (!(error instanceof ZarrError)) throw error
 *   console.log(error.code, error.path, error.message) // invalid-selection /temperature …
 * }
 */
export class ZarrError extends Error implements ErrorPlace {
  /** @internal Minified, the class would have another. */
  static override readonly name = 'ZarrError'

  /** What went wrong. */
  readonly code: ErrorCode
  declare readonly path?: string
  declare readonly key?: string
  declare readonly codec?: string
  /** URL of the request, or of the store. */
  declare readonly url?: string
  declare readonly status?: number

  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ZarrError'
    this.code = code
    for (const member of ['path', 'key', 'codec', 'url', 'status'] as const) {
      if (place[member] !== undefined) Object.assign(this, { [member]: place[member] })
    }
  }
}

/** The form in which errors cross between JavaScript and wasm: see src/wasm/error.rs. */
export interface ErrorRecord extends ErrorPlace {
  zarrError: true
  code: ErrorCode
  message: string
  /** The message with the place in front of it. */
  text?: string
  cause?: unknown
}

export const isRecord = (thrown: unknown): thrown is ErrorRecord =>
  typeof thrown === 'object' && thrown !== null && 'zarrError' in thrown

/** Throws on whatever came out of wasm or of our stores, as a `ZarrError` if it is one of ours. */
export function rethrow(thrown: unknown): never {
  if (!isRecord(thrown)) throw thrown
  const { code, message, text = message, cause, ...place } = thrown
  throw new ZarrError(code, text, place, cause === undefined ? undefined : { cause })
}

/** The result of a call into wasm; what it throws becomes a `ZarrError`. */
export function calling<T>(call: () => T): T {
  try {
    return call()
  } catch (thrown) {
    return rethrow(thrown)
  }
}

/** A value as a message shows it: texts are told from numbers by their quotes. */
export const shown = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value) : String(value)

/** Whatever was thrown or answered, as a message shows it. */
export function described(value: unknown): string {
  if (value instanceof Error) {
    // Node's fetch says no more than that it failed, and keeps the reason one level down.
    const reason = value.cause instanceof Error ? value.cause.message : ''
    return reason === '' ? String(value) : `${value} (${reason})`
  }
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(Object(value)) === Object.prototype
  if (isPlain) return JSON.stringify(value)
  return typeof value === 'object' && value !== null ? value.constructor.name : shown(value)
}

/** What something that was thrown says. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown)

/** For scripts that are loaded when they are needed, and may be gone by then: a new version has others. */
export function unloaded(cause: unknown): never {
  const message = `a part of the library did not load: ${messageOf(cause)}`
  throw { zarrError: true, code: 'store', message, cause } satisfies ErrorRecord
}
