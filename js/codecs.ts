// The door for codecs that the library does not have: they are JavaScript, and are found by their names when an array
// that uses them is opened.
import { BUILT_IN } from './built_in.js'
import { type ErrorRecord, messageOf, shown, ZarrError } from './errors.js'

/** What a codec does: its kind, in the words of Zarr v3. */
export type CodecKind = 'array-to-array' | 'array-to-bytes' | 'bytes-to-bytes'

/** What a codec is told of the bytes that it decodes. */
export interface CodecInfo {
  /** The codec's configuration in the metadata; of Zarr v2 all members but `id`. Integers beyond 2⁵³ are `bigint`s. */
  readonly configuration: { readonly [name: string]: unknown }
  /** Bytes of the decoded side, where they are known. */
  readonly decodedLength?: number
  /** No more bytes than this can be right. The same as `decodedLength` where that is known. */
  readonly maxDecodedLength: number
  /** Extents of the elements to decode to; not of `bytes-to-bytes`. */
  readonly shape?: readonly number[]
  /** Their data type, such as `float32`; not of `bytes-to-bytes`. */
  readonly dtype?: string
}

/** Bytes, as a codec may answer them. */
export type CodecAnswer = Uint8Array | ArrayBuffer

/**
 * A codec.
 *
 * - `bytes-to-bytes`: a compressor or checksum.
 * - `array-to-bytes`: answers the elements of a chunk in C order, packed, little-endian; texts and bytes of variable length
 *   as the codec `vlen-bytes` lays them out (u32 count, then for each element its u32 length and its bytes), objects so in
 *   MessagePack.
 * - `array-to-array`: receives and answers elements so, of the same shape and data type.
 *
 * @example
 * // Elements of one byte, each stored twice.
 * const twice = {
 *   kind: 'array-to-bytes',
 *   decode: (bytes, { decodedLength }) => Uint8Array.from({ length: decodedLength }, (_, at) => bytes[2 * at]),
 * }
 * registerCodec('example.twice', () => twice)
 */
export interface CodecDefinition {
  /** What goes in and what comes out. */
  kind: CodecKind
  /**
   * Decodes the bytes of one chunk, at once or later. `bytes` are a copy, which the codec may change, keep or transfer. It
   * is a function of its arguments alone: it may be called more than once for a chunk, and for several at a time.
   *
   * Whatever it throws makes the read fail with `corrupt-chunk`, and is the error's cause; only a `ZarrError` keeps its own
   * code and message.
   */
  decode(bytes: Uint8Array, info: CodecInfo): CodecAnswer | Promise<CodecAnswer>
}

/** Makes a codec, or loads it. */
export type CodecFactory = () => CodecDefinition | Promise<CodecDefinition>

interface Registered {
  readonly factory: CodecFactory
  loading?: Promise<Loaded>
}

/** The number of its kind, and its id: `External` of src/codec/external.rs. */
export type Loaded = readonly [kind: number, id: number]

/** In the order of src/wasm/js_codecs.rs. */
export const KINDS: readonly CodecKind[] = ['array-to-array', 'array-to-bytes', 'bytes-to-bytes']

const registered = new Map<string, Registered>()

/** What was loaded, by id: arrays keep the codecs that they were opened with. */
const definitions: CodecDefinition[] = []

/**
 * Registers a codec under its Zarr v3 name. A filter or compressor of Zarr v2 with the id `x` is looked for as
 * `numcodecs.x`, then as `x`.
 *
 * `factory` is called when the first array that uses the codec is opened, and once only, unless it fails. Registering a
 * name again replaces its codec, for arrays that are opened from then on. Codecs of the library itself cannot be replaced,
 * except for those that it loads on first use.
 *
 * @throws ZarrError `invalid-argument`
 * @example
 * registerCodec('example.not', () => ({
 *   kind: 'bytes-to-bytes',
 *   decode: (bytes) => bytes.map((byte) => ~byte),
 * }))
 */
export function registerCodec(name: string, factory: CodecFactory): void {
  if (typeof name !== 'string' || name === '')
    throw new ZarrError('invalid-argument', `the name is ${shown(name)}, expected a codec's name`)
  if (BUILT_IN.has(name))
    throw new ZarrError('invalid-argument', `${name} is a codec of the library, which cannot be replaced`)
  if (typeof factory !== 'function')
    throw new ZarrError(
      'invalid-argument',
      `the factory of ${name} is ${shown(factory)}, expected a function`,
    )
  registered.set(name, { factory })
}

/** The codec that is registered under exactly this name, loaded. Rejects with an `ErrorRecord`. */
export function loadRegistered(name: string): Promise<Loaded> | undefined {
  const codec = registered.get(name)
  if (!codec) return undefined
  codec.loading ??= start(name, codec.factory).catch((thrown) => {
    codec.loading = undefined
    throw loadingError(thrown)
  })
  return codec.loading
}

async function start(name: string, factory: CodecFactory): Promise<Loaded> {
  const definition = await factory()
  if (typeof definition?.decode !== 'function') {
    throw new ZarrError(
      'invalid-argument',
      `the factory of ${name} answered no codec: it has no method decode`,
    )
  }
  const { kind } = definition
  if (!KINDS.includes(kind)) {
    const expected = KINDS.map(shown).join(', ')
    throw new ZarrError(
      'invalid-argument',
      `the kind of ${name} is ${shown(kind)}, expected one of ${expected}`,
    )
  }
  return [KINDS.indexOf(kind), definitions.push(definition) - 1]
}

/** The codec that an array was opened with. */
export const definition = (id: number): CodecDefinition => definitions[id]

/** Why there is no codec. */
export function loadingError(thrown: unknown): ErrorRecord {
  if (thrown instanceof ZarrError) {
    const { code, message, url, status } = thrown
    return { zarrError: true, code, message, url, status, cause: thrown }
  }
  const message = `the codec did not load: ${messageOf(thrown)}`
  return { zarrError: true, code: 'store', message, cause: thrown }
}
