// Decodes with the wasm that has the rare codecs, in an instance that is thrown away when it traps: as js/decoder.ts does.
import type { CodecInfo } from './codecs.js'
import { type ErrorRecord, messageOf, rethrow, ZarrError } from './errors.js'
import { stringifyExact } from './exact_json.js'
import type { ModuleSource } from './rare.js'

/** An instance whose memory has grown beyond this is not kept: wasm memory never shrinks. */
const MAX_KEPT_BYTES = 64 << 20

/** Exports of src/wasm/rare.rs. */
interface RareExports {
  memory: WebAssembly.Memory
  rare_input(length: number): number
  rare_decode(callLength: number, encodedLength: number): number
  rare_answer(): number
  rare_answer_len(): number
}

let loading: Promise<WebAssembly.Module> | undefined
let instance: RareExports | undefined

/** A codec's `decode`, once the wasm is here. */
export async function rareDecoder(name: string, source: ModuleSource) {
  loading ??= source().catch((error) => {
    loading = undefined
    throw error
  })
  const module = await loading
  return (encoded: Uint8Array, info: CodecInfo): Uint8Array => {
    const call = new TextEncoder().encode(stringifyExact({ name, ...info }))
    let answer: Uint8Array | ErrorRecord
    try {
      instance ??= new WebAssembly.Instance(module).exports as unknown as RareExports
      answer = decodeIn(instance, call, encoded)
      if (instance.memory.buffer.byteLength > MAX_KEPT_BYTES) instance = undefined
    } catch (trap) {
      instance = undefined
      throw new ZarrError('corrupt-chunk', `the decoder failed: ${messageOf(trap)}`, {}, { cause: trap })
    }
    return 'zarrError' in answer ? rethrow(answer) : answer
  }
}

function decodeIn(decoder: RareExports, call: Uint8Array, encoded: Uint8Array): Uint8Array | ErrorRecord {
  const inputLength = call.length + encoded.length
  const input = decoder.rare_input(inputLength) >>> 0
  if (input === 0) {
    const message = `no memory for a chunk of ${inputLength} bytes`
    return { zarrError: true, code: 'out-of-memory', message }
  }
  // Views are made anew after every call: memory that has grown detaches the old ones.
  const memory = new Uint8Array(decoder.memory.buffer)
  memory.set(call, input)
  memory.set(encoded, input + call.length)
  const failed = decoder.rare_decode(call.length, encoded.length) !== 0
  const answer = decoder.rare_answer() >>> 0
  const bytes = new Uint8Array(decoder.memory.buffer, answer, decoder.rare_answer_len() >>> 0)
  return failed ? { zarrError: true, ...JSON.parse(new TextDecoder().decode(bytes)) } : bytes.slice()
}
