// What documents of references have in common.
import { parseHolding } from './exact_text.js'
import { failure, type Source } from './source.js'

/** Bytes of another object; `length` is absent where they are all of it. */
export interface Pointer {
  location: string
  offset: number
  length?: number | undefined
}

/** What references there are: one of two kinds of documents. */
export interface References {
  find(key: string): Promise<Uint8Array | Pointer | undefined>
  names(folder: string): Iterable<string>
}

/** The JSON object that the source has. */
export async function documentAt(
  source: Source,
  signal: AbortSignal | undefined,
): Promise<Record<string, unknown>> {
  const part = await source.read(0, Number.POSITIVE_INFINITY, signal)
  if (!part) throw failure('not-found', `there are no references at ${source.name}`)
  let document: unknown
  try {
    document = parseHolding(new TextDecoder('utf-8', { fatal: true }).decode(part[0]))
  } catch (cause) {
    throw failure('invalid-metadata', `${source.name} is not JSON`, {}, cause)
  }
  if (isObject(document)) return document
  throw failure('invalid-metadata', `${source.name} holds no JSON object`)
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const encodeText = (text: string): Uint8Array => new TextEncoder().encode(text)
