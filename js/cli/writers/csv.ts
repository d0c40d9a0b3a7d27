// CSV (RFC 4180): a line for each row of the last dimension, with the indices of the others before it from three dimensions
// on. Records have a line each, and a heading with the names of their fields.
import type { Data } from '../../node.js'
import type { Result } from '../get.js'
import { product } from '../sizes.js'
import { elements } from './elements.js'
import { written } from './json.js'

export function csv(result: Result): string {
  const { data } = result
  const lines = Array.isArray(data) || ArrayBuffer.isView(data) ? rows(result, data) : records(result, data)
  return lines.map((line) => `${line.join(',')}\n`).join('')
}

type List = Parameters<typeof elements>[0]['data']

function rows(result: Result, data: List): string[][] {
  const { shape } = result
  const cells = elements({ ...result, data }).map(cell)
  if (shape.length < 2) return cells.map((value) => [value])
  const extent = shape[shape.length - 1]
  const outer = shape.slice(0, -1)
  return Array.from({ length: product(outer) }, (_, row) => {
    const values = cells.slice(row * extent, (row + 1) * extent)
    return outer.length < 2 ? values : [...place(row, outer), ...values]
  })
}

/** The indices of a row. */
function place(row: number, shape: readonly number[]): string[] {
  let rest = row
  return shape.map((_, axis) => {
    const below = product(shape.slice(axis + 1))
    const index = Math.floor(rest / below)
    rest -= index * below
    return String(index)
  })
}

function records(result: Result, data: Exclude<Data, List>): string[][] {
  const columns = leaves(data).map(([name, column]) => [
    cell(name),
    ...elements({ ...result, dtype: 'object', data: column }).map(cell),
  ])
  const count = product(result.shape) + 1
  return Array.from({ length: count }, (_, at) => columns.map((column) => column[at]))
}

function leaves(columns: Exclude<Data, List>): [name: string, List][] {
  return Object.entries(columns).flatMap(([name, column]): [string, List][] => {
    if (Array.isArray(column) || ArrayBuffer.isView(column)) return [[name, column]]
    return leaves(column as Exclude<Data, List>).map(([inner, list]) => [`${name}.${inner}`, list])
  })
}

function cell(value: unknown): string {
  const text = typeof value === 'string' ? value : written(value).replace(/^"(.*)"$/, '$1')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
