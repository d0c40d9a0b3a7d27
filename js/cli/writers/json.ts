// JSON: `{ dtype, shape, data }`, the elements in nested lists. What JSON has no form for are texts, as in Zarr's metadata:
// "NaN", "Infinity", "-Infinity"; bytes are in base64. Complex numbers are pairs; integers are exact, however large.
import type { Data } from '../../node.js'
import type { Result } from '../get.js'
import { elements } from './elements.js'

export function json(result: Result): string {
  const { dtype, shape } = result
  return `{"dtype": ${JSON.stringify(dtype)}, "shape": ${JSON.stringify(shape)}, "data": ${values(result, result.data)}}\n`
}

function values(result: Result, data: Data): string {
  if (!Array.isArray(data) && !ArrayBuffer.isView(data)) {
    const fields = Object.entries(data).map(
      ([name, column]) => `${JSON.stringify(name)}: ${values({ ...result, dtype: 'object' }, column)}`,
    )
    return `{${fields.join(', ')}}`
  }
  return nested(elements({ ...result, data }).map(written), result.shape)
}

function nested(items: string[], shape: readonly number[]): string {
  if (shape.length === 0) return items[0]
  let level = items
  for (const extent of shape.slice(1).reverse()) {
    const rows = level.length / Math.max(extent, 1)
    level = Array.from(
      { length: rows },
      (_, row) => `[${level.slice(row * extent, (row + 1) * extent).join(', ')}]`,
    )
  }
  return `[${level.join(', ')}]`
}

export function written(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`
  if (ArrayBuffer.isView(value)) return `[${Array.from(value as Int8Array, written).join(', ')}]`
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${written(member)}`)
  return `{${members.join(', ')}}`
}
