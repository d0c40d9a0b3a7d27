// `zarr-wasm plan`: what a read would request.
import type { Plan, PlannedRequest } from '../node.js'
import { bytes, counted, table } from './format.js'
import { type Given, openedArray } from './options.js'
import { basic, parsedSelection } from './selection.js'

export async function plan(given: Given, signal: AbortSignal): Promise<void> {
  const selection = basic(parsedSelection(given.selection), 'plan')
  const array = await openedArray(given, signal)
  const planned = array.plan(selection)
  if (given.json) console.log(JSON.stringify(planned, null, 2))
  else console.log(text(planned).join('\n'))
}

function text({ requests, chunks, objects }: Plan): string[] {
  const known = requests.reduce((sum, { length = 0, suffixLength = 0 }) => sum + length + suffixLength, 0)
  const ranges = known === 0 ? '' : `, ${bytes(known)} of them by ranges`
  const asked = `${counted(requests.length, 'request')} to ${counted(objects, 'object')}`
  const total = `${asked}, ${counted(chunks, 'chunk')}${ranges}`
  if (requests.length === 0) return [total]
  const rows = requests.map((request) => [request.key, rangeOf(request), String(request.chunks)])
  return [...table([['key', 'bytes', 'chunks'], ...rows]), '', total]
}

function rangeOf({ offset, length, suffixLength, isUnlocated }: PlannedRequest): string {
  if (isUnlocated) return 'told by the index'
  if (suffixLength !== undefined) return `last ${suffixLength}`
  return offset === undefined || length === undefined ? 'all' : `${offset}–${offset + length - 1}`
}
