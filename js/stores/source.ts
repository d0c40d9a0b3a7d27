// Objects that are read in parts, wherever they are: what stores of several objects in one are built on.
//
// Files of this folder import nothing of the library but types: so they can be loaded when they are first needed, and
// what every page needs stays one file.
import type { ErrorCode, ErrorPlace, ErrorRecord } from '../errors.js'

/** Bytes of an object, and how many it has: NaN where that is not known. */
export type Part = [bytes: Uint8Array<ArrayBuffer>, length: number]

/** One object. */
export interface Source {
  /** What a person may look for. */
  readonly name: string
  /**
   * Bytes from `start` to `stop`, its last ones from a negative start, all of them from 0 to infinity; `undefined` where
   * there is no such object.
   */
  read(start: number, stop: number, signal?: AbortSignal): Promise<Part | undefined>
}

/** What a request failed with, with the object that was asked for. */
export function located(thrown: unknown, place: { key?: string; url?: string }): unknown {
  if (typeof thrown !== 'object' || thrown === null || !('zarrError' in thrown)) return thrown
  const error = thrown as ErrorRecord
  const [before, behind] = [place.key && `${place.key}: `, place.url && ` (${place.url})`]
  return { ...error, ...place, text: `${before ?? ''}${error.message}${behind ?? ''}` }
}

/** A URL without its query, where credentials may stand. */
export const shownUrl = ({ protocol, host, pathname }: URL): string => `${protocol}//${host}${pathname}`

/** An error in the form in which they cross to wasm; `rethrow` makes a `ZarrError` of it. */
export const failure = (
  code: ErrorCode,
  message: string,
  place: ErrorPlace = {},
  cause?: unknown,
): ErrorRecord => ({ zarrError: true, code, message, ...place, ...(cause === undefined ? {} : { cause }) })

/** A file that a page was given. */
export const blobSource = (blob: Blob): Source => ({
  name: 'name' in blob ? String(blob.name) : 'the Blob',
  async read(start, stop) {
    const part = stop < Number.POSITIVE_INFINITY ? blob.slice(start, stop) : blob.slice(start)
    return [new Uint8Array(await part.arrayBuffer()), blob.size]
  },
})

/** Exactly these bytes of an object that is there. */
export async function bytesOf(
  source: Source,
  start: number,
  stop: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (start === stop) return new Uint8Array(0)
  const part = await source.read(start, stop, signal)
  if (part === undefined) throw failure('store', `there is no ${source.name}`)
  const [bytes] = part
  if (bytes.length === stop - start) return bytes
  const message = `${source.name}: bytes ${start}..${stop} were asked for, ${bytes.length} came`
  throw failure('store', message)
}
