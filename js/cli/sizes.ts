// How many bytes elements have when they are decoded.
import type { Field, ZarrArray } from '../node.js'

/** Of all elements; `undefined` where they differ in length. */
export function sizeOf({ dtype, fields, shape }: ZarrArray): number | undefined {
  const element = elementSize(dtype, fields ?? [])
  return element === undefined ? undefined : product(shape) * element
}

export const product = (extents: readonly number[]): number =>
  extents.reduce((all, extent) => all * extent, 1)

export function elementSize(dtype: string, fields: readonly Field[] = []): number | undefined {
  if (dtype === 'struct') {
    const sizes = fields.map((field) => {
      const size = elementSize(field.dtype, field.fields)
      return size === undefined ? undefined : size * product(field.shape ?? [])
    })
    return sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0)
  }
  if (dtype === 'bool') return 1
  if (/^(datetime|timedelta)64/.test(dtype)) return 8
  const length = /^(?:fixed_length_utf32|null_terminated_bytes|raw_bytes)\[(\d+)\]$/.exec(dtype)?.[1]
  if (length !== undefined) return Number(length)
  const pair = /^complex_(.+)$/.exec(dtype)?.[1]
  if (pair !== undefined) return 2 * (elementSize(pair) ?? 0)
  const bits = /^(?:u?int|b?float|complex)(\d+)/.exec(dtype)?.[1]
  return bits === undefined ? undefined : Math.max(1, Number(bits) / 8)
}

/** Numbers or texts that are written for each element. */
export function valuesPerElement(dtype: string, fields: readonly Field[] = []): number {
  if (dtype.startsWith('complex')) return 2
  if (dtype !== 'struct') return 1
  const counts = fields.map(
    (field) => valuesPerElement(field.dtype, field.fields) * product(field.shape ?? []),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}
