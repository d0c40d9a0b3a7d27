import type { IndexList, ShapedList } from './index_arrays.js'

/** Python's `slice(start, stop, step)`; `null` is the natural end for the sign of the step. */
export interface Slice {
  /** The first index, negative ones from the end. */
  readonly start: number | bigint | null
  /** Where it ends, before that index. */
  readonly stop?: number | bigint | null
  /** From one index to the next; 1 unless told. */
  readonly step?: number | bigint | null
}

/** What is selected along one dimension: an index (which drops the dimension), a slice, or all of it. */
export type SelectionEntry = number | bigint | Slice | null | '...'

/** One entry for each dimension; missing ones mean all of it. `null` is the whole array. */
export type Selection = readonly SelectionEntry[] | null

/**
 * What is selected along one dimension by itself: also a list of indices, or a mask as long as the dimension.
 *
 * A mask is an array of booleans: a `Uint8Array` is a list of indices, also where it came out of a bool array. Write
 * `Array.from(data, Boolean)` there.
 *
 * @example
 * const isWanted = Array.from({ length: 20 }, (_, at) => at % 3 === 0)
 * const { shape } = await array.oindex.get([[3, 1, 1], isWanted, slice(0, 5)]) // [3, 7, 5]
 */
export type OrthogonalEntry =
  | SelectionEntry
  | IndexList
  | readonly boolean[]
  | ShapedList<IndexList | readonly boolean[]>

/** As `Selection`, and with lists of indices and masks. */
export type OrthogonalSelection = readonly OrthogonalEntry[] | null

/** The coordinates of points: one array of indices for each dimension, broadcast against each other. */
export type Coordinates = readonly (number | bigint | IndexList | ShapedList<IndexList>)[]

/**
 * True where an element is selected: of the array's shape. What comes has one dimension, in C order.
 *
 * @example
 * const { data, shape } = await array.get()
 * const warm = await array.vindex.get({ data: Array.from(data, (value) => value > 7000), shape })
 */
export type MaskSelection = ShapedList<readonly boolean[] | Uint8Array>

/**
 * A range with a step, as in NumPy: negative bounds count from the end, bounds beyond it are clipped, and a negative step
 * walks backwards. With one argument it is the stop.
 *
 * @example slice(10, 20)          // 10 … 19
 * @example slice(null, null, -1)  // everything, backwards
 */
export function slice(stop: number | bigint | null): Slice
export function slice(
  start: number | bigint | null,
  stop: number | bigint | null,
  step?: number | bigint | null,
): Slice
export function slice(
  first: number | bigint | null,
  ...rest: [stop?: number | bigint | null, step?: number | bigint | null]
): Slice {
  if (rest.length === 0) return { start: null, stop: first, step: null }
  return { start: first, stop: rest[0] ?? null, step: rest[1] ?? null }
}
