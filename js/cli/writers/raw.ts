// The numbers as they lie in memory: in C order, little-endian as everywhere WebAssembly is.
import { type AsType, type DataType, ZarrError } from '../../node.js'
import type { Result } from '../get.js'

export function raw({ data, dtype }: Result): Uint8Array {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  throw refusal(dtype)
}

/** Why results are not written: only typed arrays are, as `bytes` are those of fixed length. */
export function rawRefusal(dtype: DataType, as: AsType | undefined): ZarrError | undefined {
  if (as === 'bytes' && dtype !== 'bytes') return undefined
  const wanted = as ?? dtype
  const isNone = /^(string|fixed_length_utf32|null_terminated_bytes|bytes|list|object|struct)\b/.test(wanted)
  return isNone ? refusal(wanted) : undefined
}

const refusal = (dtype: string) =>
  new ZarrError('unsupported', `elements of ${dtype} are no numbers, which is what raw has: try json`)
