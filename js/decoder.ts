// Decodes groups of chunks on the caller's thread.

import { definition } from './codecs.js'
import type { OutputColumn } from './columns.js'
import { type Checked, type DecoderInput, DecoderInstance } from './decoder_instance.js'
import { messageOf, shown, unloaded, ZarrError } from './errors.js'
import type { Answer } from './outside.js'
import { place } from './placing.js'
import { nextTurn } from './turn.js'

/** The output of one read. Nothing is written to it any more once the read has ended, whichever way. */
export interface Output {
  readonly columns: readonly OutputColumn[]
  ended: boolean
  /** Whether something was decoded to it. */
  isWritten?: boolean
  /** What others than this thread still write to it. */
  readonly writing: Set<Promise<unknown>>
}

export const outputOf = (columns: readonly OutputColumn[]): Output => ({
  columns,
  ended: false,
  writing: new Set(),
})

/** Decodes groups of chunks into outputs. */
export interface GroupDecoder {
  /** Groups of one read that may be in its hands at once. */
  readonly groupsAtOnce: number
  /**
   * Decodes chunks, of which `encoded` has the bytes of those that are not missing, and places them in the output; at once,
   * or later. Throws or rejects with an `ErrorRecord`.
   */
  decode(
    spec: Uint8Array,
    packed: Uint8Array,
    encoded: readonly Uint8Array[],
    output: Output,
  ): Promise<void> | undefined
}

/** The decoder of a read: see src/wasm/js_decoder.rs. */
export interface Decoder extends GroupDecoder {
  /** Decoded bytes of a group of several chunks, at most. */
  readonly mostGroupLength: number
  /** Nothing is to be decoded, but perhaps this task has worked long enough. */
  pause(): Promise<void> | undefined
}

/** Decodes one group after the other on the caller's thread, in turns with everything else there. */
export class InlineDecoder implements Decoder {
  readonly groupsAtOnce = 1
  /** What is decoded in one go must not keep the page waiting for long. */
  readonly mostGroupLength = 1 << 20

  readonly module: WebAssembly.Module
  readonly #instance: DecoderInstance

  constructor(module: WebAssembly.Module) {
    this.module = module
    this.#instance = new DecoderInstance(module)
  }

  decode(
    spec: Uint8Array,
    packed: Uint8Array,
    encoded: readonly Uint8Array[],
    output: Output,
  ): Promise<void> | undefined {
    return this.#decode(inputOf(spec, packed, encoded), output, [])
  }

  /** Whether chunks can be decoded by this spec; only of the wasm with the rare codecs. */
  check(spec: Uint8Array): Checked {
    return this.#instance.check(spec)
  }

  pause(): Promise<void> | undefined {
    return nextTurn()
  }

  /** Where registered codecs are needed it decodes again with the `answers` that they gave so far. */
  #decode(input: DecoderInput, output: Output, answers: readonly Answer[]): Promise<void> | undefined {
    if (output.ended) return undefined
    const later = nextTurn()
    if (later) return later.then(() => this.#decode(input, output, answers))
    const decoded = this.#instance.decode(input, answers)
    if (!Array.isArray(decoded)) {
      place(decoded, output.columns)
      return undefined
    }
    // Few readers need it.
    const means = { definition, messageOf, shown, ZarrError }
    const answered = import('./outside.js')
      .catch(unloaded)
      .then(({ answersTo }) => answersTo(decoded, answers, output, means))
    return answered.then((answers) => this.#decode(input, output, answers))
  }
}

export const inputOf = (
  spec: Uint8Array,
  packed: Uint8Array,
  encoded: readonly Uint8Array[],
): DecoderInput => ({
  parts: [spec, packed, ...encoded],
  specLength: spec.length,
  packedLength: packed.length,
  encodedLength: encoded.reduce((length, chunk) => length + chunk.length, 0),
})
