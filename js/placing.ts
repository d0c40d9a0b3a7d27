// Copies what was decoded to its places in the output.
import type { OutputColumn, ValueColumn } from './columns.js'
import type { ErrorRecord } from './errors.js'

/** Copies from the memory of a decoder, seven numbers each: see src/wasm/decoder.rs. */
export type Runs = Float64Array

/** What was decoded, until the decoder is called again. */
export interface Decoded {
  runs: Runs
  memory: Uint8Array
  /** Where in memory begins what references refer to. */
  heap: number
}

export const RUN_NUMBERS = 7

/** Up to this many bytes a loop is faster than a copy of its own. */
const SHORT_ROW = 16

/** Bytes of a reference: offset and length, u32 each. */
const REFERENCE_LENGTH = 8

export function place({ runs, memory, heap }: Decoded, columns: readonly OutputColumn[]): void {
  for (let at = 0; at < runs.length; at += RUN_NUMBERS) {
    const column = columns[runs[at]]
    if ('values' in column) placeValues(runs, at, memory, heap, column)
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
  let length = runs[at + 5]
  let rows = runs[at + 6]
  if (runs[at + 2] === length && runs[at + 4] === length) {
    length *= rows
    rows = 1
  }
  for (; rows > 0; rows--) {
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
