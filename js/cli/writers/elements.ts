// Results element by element.
import type { Data } from '../../node.js'
import type { Result } from '../get.js'
import { product } from '../sizes.js'

type List = Exclude<Data, { readonly [field: string]: Data }>

/** Of a result that is one list: what takes several numbers is a list of these, raw bytes a `Uint8Array`. */
export function elements({ data, dtype, shape }: Omit<Result, 'data'> & { data: List }): unknown[] {
  const count = product(shape)
  const perElement = count === 0 ? 1 : data.length / count
  if (data instanceof Float32Array) return grouped(Array.from(data, shortest), perElement)
  if (dtype === 'bool') return Array.from(data as Uint8Array, Boolean)
  if (perElement === 1 || Array.isArray(data)) return Array.from<unknown>(data)
  return data instanceof Uint8Array
    ? Array.from({ length: count }, (_, at) => data.slice(at * perElement, (at + 1) * perElement))
    : grouped(Array.from<unknown>(data), perElement)
}

const grouped = (numbers: unknown[], perElement: number): unknown[] =>
  perElement === 1
    ? numbers
    : Array.from({ length: numbers.length / perElement }, (_, at) =>
        numbers.slice(at * perElement, (at + 1) * perElement),
      )

/** Digits that no float of 32 bits needs more of. */
const MOST_DIGITS = 9
const LEAST_DIGITS = 6

/** The number with the fewest digits that is the same in 32 bits: 0.1 for 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = LEAST_DIGITS; digits < MOST_DIGITS; digits++) {
    const shorter = Number(value.toPrecision(digits))
    if (Math.fround(shorter) === value) return shorter
  }
  return value
}
