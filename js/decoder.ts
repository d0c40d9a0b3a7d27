// Decodes chunks in a wasm instance of its own, made of the same module as the engine's but without its glue.
//
// Most decoding code is other people's. If it traps, its instance is undefined from then on, so that instance is thrown
// away with all it held, the trap becomes an error of the one chunk, and the next chunk gets a fresh instance. The
// engine, which plans and retrieves, never notices.
import type { OutputColumn, ValueColumn } from './columns.js'
import { type ErrorRecord, messageOf } from './errors.js'
import { parseExact } from './exact_json.js'
import { type Answer, answerAll, inOrder, type Question } from './outside.js'
import { Turn } from './turn.js'

/** An instance whose memory has grown beyond this is not kept: wasm memory never shrinks. */
const MAX_KEPT_BYTES = 64 << 20

/** Exports of src/wasm/decoder.rs. */
interface DecoderExports {
  memory: WebAssembly.Memory
  decoder_input(length: number): number
  decoder_decode(specLength: number, projectionLength: number, encodedLength: number): number
  decoder_fill(specLength: number, projectionLength: number): number
  decoder_place(innerChunk: number): void
  decoder_supply(length: number, failed: boolean): number
  decoder_check(specLength: number): void
  decoder_answer(): number
  decoder_answer_len(): number
  decoder_heap(): number
}

/** The output of one read. Nothing is written to it any more once the read has ended, whichever way. */
export interface Output {
  readonly columns: readonly OutputColumn[]
  ended: boolean
}

/** Names of codecs that are not among the spec's externals, and what is wrong with the chain. */
export type Checked = [missed: string[], error?: ErrorRecord]

/** Decodes one chunk after the other on the caller's thread. */
export class InlineDecoder {
  readonly #module: WebAssembly.Module
  readonly #turn = new Turn()
  #instance: DecoderExports | undefined

  constructor(module: WebAssembly.Module) {
    this.#module = module
  }

  /**
   * Decodes `encoded`, or the fill value where it is `undefined`, and places it in the output; at once, or in a later
   * task if this one has worked long enough. Throws or rejects with an `ErrorRecord`.
   *
   * Where registered codecs are needed it decodes again with the `answers` that they gave so far.
   */
  decode(
    spec: Uint8Array,
    projection: Uint8Array,
    encoded: Uint8Array | undefined,
    output: Output,
    answers: readonly Answer[] = [],
  ): Promise<void> | undefined {
    if (output.ended) return undefined
    const later = this.#turn.next()
    if (later) return later.then(() => this.decode(spec, projection, encoded, output, answers))
    const questions = this.#decodeNow(spec, projection, encoded, output.columns, answers)
    if (!questions) return undefined
    const again = (more: Answer[]) =>
      this.decode(spec, projection, encoded, output, inOrder([...answers, ...more]))
    const more = answerAll(questions, output)
    return more instanceof Promise ? more.then(again) : again(more)
  }

  /** Whether chunks can be decoded by this spec; only of the wasm with the rare codecs. */
  check(spec: Uint8Array): Checked {
    return this.#guarded((decoder) => checkIn(decoder, spec))
  }

  /** Nothing is to be decoded, but perhaps this task has worked long enough. */
  pause(): Promise<void> | undefined {
    return this.#turn.next()
  }

  #decodeNow(
    spec: Uint8Array,
    projection: Uint8Array,
    encoded: Uint8Array | undefined,
    columns: readonly OutputColumn[],
    answers: readonly Answer[],
  ): Question[] | undefined {
    const { decoder, answer } = this.#guarded((decoder) => ({
      decoder,
      answer: decodeIn(decoder, spec, projection, encoded, answers),
    }))
    if ('zarrError' in answer) throw answer
    if (Array.isArray(answer)) return answer
    place(answer, decoder, columns)
    return undefined
  }

  /** What a call of the instance answers; one that traps is the last. */
  #guarded<T>(call: (decoder: DecoderExports) => T): T {
    this.#instance ??= instantiate(this.#module)
    const decoder = this.#instance
    try {
      const answered = call(decoder)
      if (decoder.memory.buffer.byteLength > MAX_KEPT_BYTES) this.#instance = undefined
      return answered
    } catch (trap) {
      this.#instance = undefined
      const message = `the decoder failed: ${messageOf(trap)}`
      throw { zarrError: true, code: 'corrupt-chunk', message, cause: trap } satisfies ErrorRecord
    }
  }
}

/** Copies from the memory of a decoder, seven numbers each: see src/wasm/decoder.rs. */
type Runs = Float64Array

const RUN_NUMBERS = 7

/** Up to this many bytes a loop is faster than a copy of its own. */
const SHORT_ROW = 16

/** Bytes of a reference: offset and length, u32 each. */
const REFERENCE_LENGTH = 8

function place(runs: Runs, decoder: DecoderExports, columns: readonly OutputColumn[]): void {
  const memory = new Uint8Array(decoder.memory.buffer)
  for (let at = 0; at < runs.length; at += RUN_NUMBERS) {
    const column = columns[runs[at]]
    if ('values' in column) placeValues(runs, at, memory, decoder.decoder_heap() >>> 0, column)
    else placeBytes(runs, at, memory, column.bytes)
  }
}

function placeBytes(runs: Runs, at: number, memory: Uint8Array, out: Uint8Array): void {
  if (out.length === 0) {
    const message = 'the output was detached while it was read into'
    throw { zarrError: true, code: 'invalid-argument', message } satisfies ErrorRecord
  }
  let source = runs[at + 1]
  let target = runs[at + 3]
  const length = runs[at + 5]
  for (let row = runs[at + 6]; row > 0; row--) {
    if (length <= SHORT_ROW) {
      for (let byte = 0; byte < length; byte++) out[target + byte] = memory[source + byte]
    } else {
      out.set(memory.subarray(source, source + length), target)
    }
    source += runs[at + 2]
    target += runs[at + 4]
  }
}

/** Makes values of what lies where the references say. */
function placeValues(
  runs: Runs,
  at: number,
  memory: Uint8Array,
  heap: number,
  { values, read }: ValueColumn,
): void {
  const references = new DataView(memory.buffer)
  let source = runs[at + 1]
  let target = runs[at + 3] / REFERENCE_LENGTH
  const count = runs[at + 5] / REFERENCE_LENGTH
  // A fill value is one reference many times, and perhaps long: texts need not be made anew, they cannot be changed.
  let [lastOffset, lastLength, last]: [number, number, unknown] = [-1, -1, undefined]
  for (let row = runs[at + 6]; row > 0; row--) {
    for (let item = 0; item < count; item++) {
      const offset = heap + references.getUint32(source + item * REFERENCE_LENGTH, true)
      const length = references.getUint32(source + item * REFERENCE_LENGTH + 4, true)
      if (offset !== lastOffset || length !== lastLength || typeof last !== 'string') {
        last = read(memory.subarray(offset, offset + length))
        lastOffset = offset
        lastLength = length
      }
      values[target + item] = last
    }
    source += runs[at + 2]
    target += runs[at + 4] / REFERENCE_LENGTH
  }
}

/** The decoder's exports call nothing outside, so that every import can be a refusal. */
function instantiate(module: WebAssembly.Module): DecoderExports {
  const imports: Record<string, Record<string, () => never>> = {}
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {}
    imports[from][name] = () => {
      throw new Error(`a decoder called ${name}`)
    }
  }
  try {
    return new WebAssembly.Instance(module, imports).exports as unknown as DecoderExports
  } catch (cause) {
    // The module is valid and has its imports: what can be missing is memory.
    const message = `no decoder can be made: ${messageOf(cause)}`
    throw { zarrError: true, code: 'out-of-memory', message, cause } satisfies ErrorRecord
  }
}

/** What src/wasm/decoder.rs answers beside 0, which is done, and 1, which is an error. */
const ASKING = 2
const FAILED_OUTSIDE = 3

/** What is to be copied, or what codecs must do before, or why not. Valid until the next call. */
function decodeIn(
  decoder: DecoderExports,
  spec: Uint8Array,
  projection: Uint8Array,
  encoded: Uint8Array | undefined,
  answers: readonly Answer[],
): Runs | Question[] | ErrorRecord {
  const header = spec.length + projection.length
  const inputLength = header + (encoded?.length ?? 0)
  const input = decoder.decoder_input(inputLength) >>> 0
  if (input === 0) return noMemory(inputLength)
  // Views are made anew after every call: memory that has grown detaches the old ones.
  const memory = new Uint8Array(decoder.memory.buffer)
  memory.set(spec, input)
  memory.set(projection, input + spec.length)
  if (encoded) memory.set(encoded, input + header)
  for (const { place, decoded, failure } of answers) {
    const bytes = decoded ?? new TextEncoder().encode(failure?.message)
    place.forEach(decoder.decoder_place)
    const address = decoder.decoder_supply(bytes.length, failure !== undefined) >>> 0
    if (address === 0) return noMemory(bytes.length)
    new Uint8Array(decoder.memory.buffer).set(bytes, address)
  }
  const status = encoded
    ? decoder.decoder_decode(spec.length, projection.length, encoded.length)
    : decoder.decoder_fill(spec.length, projection.length)
  const { buffer } = decoder.memory
  const answer = decoder.decoder_answer() >>> 0
  const length = decoder.decoder_answer_len() >>> 0
  if (status === 0) return new Float64Array(buffer, answer, length)
  const text = new TextDecoder().decode(new Uint8Array(buffer, answer, length))
  if (status === ASKING) return questions(parseExact(text), buffer)
  const error: ErrorRecord = { zarrError: true, ...JSON.parse(text) }
  if (status !== FAILED_OUTSIDE) return error
  // In the order of decoding, so that it is the first one that ended it.
  const failed = answers.find(({ failure }) => failure)
  return { ...error, code: failed?.failure?.code ?? error.code, cause: failed?.cause }
}

function checkIn(decoder: DecoderExports, spec: Uint8Array): Checked {
  const input = decoder.decoder_input(spec.length) >>> 0
  if (input === 0) return [[], noMemory(spec.length)]
  new Uint8Array(decoder.memory.buffer).set(spec, input)
  decoder.decoder_check(spec.length)
  const answer = decoder.decoder_answer() >>> 0
  const bytes = new Uint8Array(decoder.memory.buffer, answer, decoder.decoder_answer_len() >>> 0)
  const { missed, error } = JSON.parse(new TextDecoder().decode(bytes))
  return error ? [missed, { zarrError: true, ...error }] : [missed]
}

type Asked = Omit<Question, 'encoded'> & { address: number; length: number }

const questions = (asked: Asked[], memory: ArrayBufferLike): Question[] =>
  asked.map(({ place, call, address, length }) => ({
    place,
    call,
    encoded: new Uint8Array(memory.slice(address >>> 0, (address >>> 0) + length)),
  }))

const noMemory = (bytes: number): ErrorRecord => ({
  zarrError: true,
  code: 'out-of-memory',
  message: `no memory for a chunk of ${bytes} bytes`,
})
