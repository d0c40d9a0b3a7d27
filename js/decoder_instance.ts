// A wasm instance that decodes, made of the same module as the engine's but without its glue.
//
// Some decoding code is other people's. If it traps, its instance is undefined from then on, so that instance is thrown
// away with all it held, the trap becomes an error of the one chunk, and the next chunk gets a fresh instance. The
// engine, which plans and retrieves, never notices.
import { type ErrorRecord, messageOf } from './errors.js'
import { parseExact } from './exact_json.js'
import type { Answer, Question } from './outside.js'
import type { Decoded } from './placing.js'

/** An instance whose memory has grown beyond this is not kept: wasm memory never shrinks. */
const MAX_KEPT_BYTES = 64 << 20

/** Exports of src/wasm/decoder.rs. */
interface DecoderExports {
  memory: WebAssembly.Memory
  decoder_input(length: number): number
  decoder_decode(specLength: number, packedLength: number, encodedLength: number): number
  decoder_place(innerChunk: number): void
  decoder_supply(length: number, failed: boolean): number
  decoder_check(specLength: number): void
  decoder_answer(): number
  decoder_answer_len(): number
  decoder_heap(): number
}

/** What a decoder is given: a read spec, packed chunks and their bytes, which lie one after the other in `parts`. */
export interface DecoderInput {
  parts: readonly Uint8Array[]
  specLength: number
  packedLength: number
  encodedLength: number
}

/** Names of codecs that are not among the spec's externals, and what is wrong with the chain. */
export type Checked = [missed: string[], error?: ErrorRecord]

/** Decoders of one module, of which one is alive. */
export class DecoderInstance {
  readonly #module: WebAssembly.Module
  #alive: DecoderExports | undefined

  constructor(module: WebAssembly.Module) {
    this.#module = module
  }

  /** What is to be copied, or what codecs must do before; valid until the next call. Throws an `ErrorRecord`. */
  decode(input: DecoderInput, answers: readonly Answer[] = []): Decoded | Question[] {
    return this.#guarded((decoder) => decodeIn(decoder, input, answers))
  }

  /** Whether chunks can be decoded by this spec; only of the wasm with the rare codecs. */
  check(spec: Uint8Array): Checked {
    return this.#guarded((decoder) => checkIn(decoder, spec))
  }

  /** What a call of the instance answers, or throws if that is an error; one that traps is the last. */
  #guarded<T>(call: (decoder: DecoderExports) => T | ErrorRecord): T {
    this.#alive ??= instantiate(this.#module)
    const decoder = this.#alive
    let answer: T | ErrorRecord
    try {
      answer = call(decoder)
      if (decoder.memory.buffer.byteLength > MAX_KEPT_BYTES) this.#alive = undefined
    } catch (trap) {
      this.#alive = undefined
      const message = `the decoder failed: ${messageOf(trap)}`
      throw { zarrError: true, code: 'corrupt-chunk', message, cause: trap } satisfies ErrorRecord
    }
    if (isError(answer)) throw answer
    return answer
  }
}

const isError = (answer: unknown): answer is ErrorRecord =>
  typeof answer === 'object' && answer !== null && 'zarrError' in answer

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
  { parts, specLength, packedLength, encodedLength }: DecoderInput,
  answers: readonly Answer[],
): Decoded | Question[] | ErrorRecord {
  const inputLength = specLength + packedLength + encodedLength
  let input = decoder.decoder_input(inputLength) >>> 0
  if (input === 0) return noMemory(inputLength)
  // Views are made anew after every call: memory that has grown detaches the old ones.
  const memory = new Uint8Array(decoder.memory.buffer)
  for (const part of parts) {
    memory.set(part, input)
    input += part.length
  }
  for (const { place, decoded, failure } of answers) {
    const bytes = decoded ?? new TextEncoder().encode(failure?.message)
    place.forEach(decoder.decoder_place)
    const address = decoder.decoder_supply(bytes.length, failure !== undefined) >>> 0
    if (address === 0) return noMemory(bytes.length)
    new Uint8Array(decoder.memory.buffer).set(bytes, address)
  }
  const status = decoder.decoder_decode(specLength, packedLength, encodedLength)
  const { buffer } = decoder.memory
  const answer = decoder.decoder_answer() >>> 0
  const length = decoder.decoder_answer_len() >>> 0
  if (status === 0) {
    const runs = new Float64Array(buffer, answer, length)
    return { runs, memory: new Uint8Array(buffer), heap: decoder.decoder_heap() >>> 0 }
  }
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
