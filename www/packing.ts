// From the number that is stored to the one it stands for: CF packing (scale_factor, add_offset) and missing values.
// CF conventions 1.11, sections 8.1 and 2.5.1.
import type { ZarrArray } from 'zarr-wasm'

export interface Packing {
  /** The value in the array's units; NaN where it is missing. */
  unpack(stored: number | bigint): number
  /** Whether stored numbers are shown as they are. */
  identity: boolean
}

export function packingOf(array: ZarrArray): Packing {
  const { attrs } = array
  const scale = numberOr(attrs.scale_factor, 1)
  const offset = numberOr(attrs.add_offset, 0)
  // Attributes are decimal doubles: 1e20 is missing in a float32 array too, where it is stored as the nearest float32.
  const stored = array.dtype === 'float32' ? Math.fround : (value: number) => value
  const missing = new Set([attrs._FillValue, attrs.missing_value].flat().map(decodeFill).map(stored))
  // xarray moves _FillValue into a v2 array's fill_value; 0 is what other writers put there without meaning anything.
  if (array.zarrFormat === 2 && array.fillValue) missing.add(decodeFill(array.fillValue))
  // NumPy's NaT.
  if (/^(datetime|timedelta)64/.test(array.dtype)) missing.add(-(2 ** 63))
  return {
    identity: scale === 1 && offset === 0,
    unpack(value) {
      const number = Number(value)
      return missing.has(number) ? Number.NaN : number * scale + offset
    },
  }
}

/** xarray writes the _FillValue of a v3 array as the base64 of a little-endian float64. */
function decodeFill(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/]{11}=$/.test(value)) return Number.NaN
  const bytes = Uint8Array.from(atob(value), (character) => character.charCodeAt(0))
  return new DataView(bytes.buffer).getFloat64(0, true)
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise
}
