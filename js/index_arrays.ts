// Index arrays and masks, in the one form that crosses to wasm.
import { shown, ZarrError } from './errors.js'
import type { TypedArray } from './types.js'

/** Indices one by one; negative ones count from the end. */
export type IndexList =
  | readonly number[]
  | readonly bigint[]
  | Exclude<TypedArray, Float32Array | Float64Array>

/** Indices, or the truth values of a mask, of any shape; in C order, as results of this library are. */
export interface ShapedList<List> {
  /** In C order. */
  readonly data: List
  /** Extents in elements. */
  readonly shape: readonly number[]
}

export interface Indices {
  indices: Float64Array
  shape: number[]
}

export interface Mask {
  mask: Uint8Array
  shape: number[]
}

const isShaped = (value: unknown): value is ShapedList<unknown> =>
  typeof value === 'object' && value !== null && 'data' in value && 'shape' in value

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))

/** Whether an entry of a selection is a list, and not one of those that every selection may have. */
export const isIndexArray = (value: unknown): boolean => isShaped(value) || isList(value)

/** A list of truth values as a mask, any other as indices. */
export function toIndices(value: unknown): Indices | Mask {
  const { data, shape } = toShaped(value)
  const items = Array.isArray(data) ? data : []
  if (items.length > 0 && items.every((item) => typeof item === 'boolean')) {
    return { mask: Uint8Array.from(items, Number), shape }
  }
  // A typed array is copied as it is; going through its elements would make a list of them first.
  const isNumeric =
    ArrayBuffer.isView(data) && !(data instanceof BigInt64Array || data instanceof BigUint64Array)
  const indices = isNumeric ? new Float64Array(data as ArrayLike<number>) : Float64Array.from(data, toNumber)
  return { indices, shape }
}

/** A list for a single axis. */
export function toAxisIndices(value: unknown): Indices | Mask {
  const list = toIndices(value)
  const { length } = 'mask' in list ? list.mask : list.indices
  if (list.shape.length === 1 && list.shape[0] === length) return list
  throw new ZarrError(
    'invalid-selection',
    `a list of ${length} entries and shape [${list.shape}], expected one dimension as long as the list`,
  )
}

function toNumber(item: unknown, at: number): number {
  if (typeof item === 'number' || typeof item === 'bigint') return Number(item)
  throw new ZarrError('invalid-selection', `index ${at} of a list is ${shown(item)}, expected an integer`)
}

/** Truth values, or numbers of which 0 is false. */
export function toMask(value: unknown): Mask {
  const { data, shape } = toShaped(value)
  const mask = data instanceof Uint8Array ? data : Uint8Array.from(data, (item) => Number(Boolean(item)))
  return { mask, shape }
}

function toShaped(value: unknown): { data: ArrayLike<unknown>; shape: number[] } {
  if (isShaped(value) && isList(value.data) && Array.isArray(value.shape)) {
    return { data: value.data, shape: value.shape.map(Number) }
  }
  if (isList(value)) return { data: value, shape: [value.length] }
  if (typeof value === 'number' || typeof value === 'bigint') return { data: [value], shape: [] }
  throw new ZarrError(
    'invalid-selection',
    `${String(value)} is no index array: expected numbers, or { data, shape }`,
  )
}
