// Selections as they are written on a command line: `[0, 10:20, :]`, with or without the brackets.
import { type OrthogonalSelection, type Selection, type SelectionEntry, slice } from '../node.js'
import { UsageError } from './options.js'
import { product } from './sizes.js'

type Entry = SelectionEntry | number[]

const INTEGER = /^[+-]?\d+$/

/** The entries, or `null` for all of the array. */
export function parsedSelection(text: string | undefined): OrthogonalSelection {
  const inner = text
    ?.trim()
    .replace(/^\[([\s\S]*)\]$/, (whole, inside) => (isOneList(inside) ? inside : whole))
  if (inner === undefined || inner.trim() === '') return null
  return split(inner, text ?? '').map((entry) => parsedEntry(entry.trim(), text ?? ''))
}

/** Whether brackets around this belong together: those of `[1], [2]` do not. */
function isOneList(inside: string): boolean {
  let depth = 0
  for (const character of inside) {
    if (character === '[') depth += 1
    if (character === ']') depth -= 1
    if (depth < 0) return false
  }
  return true
}

/** The parts between commas that are in no brackets. */
function split(inner: string, text: string): string[] {
  const parts = inner.match(/\[[^[\]]*\]|[^,[\]]+|,/g)
  if (!parts || parts.join('') !== inner) throw wrong(inner, text)
  const entries = parts.filter((part) => part !== ',' && part.trim() !== '')
  const commas = parts.filter((part) => part === ',')
  if (commas.length > entries.length || commas.length < entries.length - 1) throw wrong(inner, text)
  return entries
}

function parsedEntry(entry: string, text: string): Entry {
  if (entry === '...') return entry
  if (INTEGER.test(entry)) return Number(entry)
  if (entry.startsWith('['))
    return entry
      .slice(1, -1)
      .split(',')
      .filter(isNotBlank)
      .map((index) => listed(index, text))
  const bounds = entry.split(':')
  if (bounds.length < 2 || bounds.length > 3) throw wrong(entry, text)
  const [start, stop, step] = bounds.map((bound) => (isNotBlank(bound) ? listed(bound, text) : null))
  return slice(start, stop, step ?? null)
}

const isNotBlank = (text: string) => text.trim() !== ''

function listed(index: string, text: string): number {
  const trimmed = index.trim()
  if (!INTEGER.test(trimmed)) throw wrong(trimmed, text)
  return Number(trimmed)
}

const wrong = (part: string, text: string) =>
  new UsageError(`the selection ${text}: ${part} is no index, slice or list, as in '[0, 10:20, [1, 5], ...]'`)

/** A selection without lists, which is all that this command takes. */
export function basic(selection: OrthogonalSelection, command: string): Selection {
  if (selection?.some(Array.isArray)) throw new UsageError(`${command} takes no lists of indices`)
  return selection as Selection
}

/** How many elements are selected; what does not fit the shape is left to the read, which refuses it. */
export function selectedCount(selection: OrthogonalSelection, shape: readonly number[]): number {
  const entries = selection ?? []
  const dots = entries.indexOf('...')
  const before = dots < 0 ? entries : entries.slice(0, dots)
  const after = dots < 0 ? [] : entries.slice(dots + 1)
  const whole = shape.slice(before.length, shape.length - after.length)
  const extents = shape.slice(shape.length - after.length)
  return product([
    ...before.map((entry, axis) => countIn(entry as Entry, shape[axis])),
    ...whole,
    ...after.map((entry, axis) => countIn(entry as Entry, extents[axis])),
  ])
}

/** As `len(range(extent)[entry])` in Python. */
function countIn(entry: Entry, extent: number): number {
  if (Array.isArray(entry)) return entry.length
  if (entry === null || typeof entry !== 'object') return 1
  const step = Number(entry.step || 1)
  const [least, most] = step > 0 ? [0, extent] : [-1, extent - 1]
  const clamped = (bound: number) => Math.min(Math.max(bound < 0 ? bound + extent : bound, least), most)
  const [from, to] = step > 0 ? [least, most] : [most, least]
  const start = entry.start === null ? from : clamped(Number(entry.start))
  const stop = entry.stop === null ? to : clamped(Number(entry.stop))
  return Math.max(0, Math.ceil((stop - start) / step))
}
