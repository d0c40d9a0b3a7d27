// Selections as they are written on a command line: `[0, 10:20, :]`, with or without the brackets.
import { type OrthogonalSelection, type Selection, type SelectionEntry, slice } from '../node.js'
import { UsageError } from './options.js'

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
