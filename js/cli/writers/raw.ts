// The numbers as they lie in memory: in C order, little-endian as everywhere WebAssembly is.
import { ZarrError } from '../../node.js'
import type { Result } from '../get.js'

export function raw({ data, dtype }: Result): Uint8Array {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  throw new ZarrError('unsupported', `elements of ${dtype} are no numbers, which is what raw has: try json`)
}
