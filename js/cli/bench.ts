// `zarr-wasm bench`: how fast this store is over this network.
import { type Selection, slice, stats, type ZarrArray } from '../node.js'
import { bytes, seconds, table } from './format.js'
import { read } from './get.js'
import { type Given, openedArray } from './options.js'
import { basic, parsedSelection } from './selection.js'
import { elementSize, product } from './sizes.js'

/** Decoded bytes of what is read if nothing is selected. */
const CORNER_BYTES = 64 << 20

/** Of elements that differ in length, as a guess. */
const SOME_BYTES = 16

interface Run {
  milliseconds: number
  requests: number
  retries: number
  received: number
  decoded: number
}

export async function bench(given: Given, signal: AbortSignal): Promise<void> {
  const started = performance.now()
  const array = await openedArray(given, signal)
  const opening = performance.now() - started
  const selected = basic(parsedSelection(given.selection), 'bench')
  const selection = selected ?? corner(array)
  const runs: Run[] = []
  while (runs.length < given.repeat) runs.push(await measured(array, selection, given, signal))
  const { maxInFlight } = stats()
  if (given.json) {
    const { path, shape, dtype } = array
    console.log(JSON.stringify({ path, shape, dtype, selection, opening, maxInFlight, runs }, null, 2))
    return
  }
  console.log(report(opening, maxInFlight, runs).join('\n'))
}

async function measured(
  array: ZarrArray,
  selection: Selection,
  given: Given,
  signal: AbortSignal,
): Promise<Run> {
  const before = stats()
  const started = performance.now()
  const { shape } = await read(array, selection, { quiet: given.quiet, json: given.json }, signal)
  const milliseconds = performance.now() - started
  const after = stats()
  const element = elementSize(array.dtype, array.fields ?? []) ?? SOME_BYTES
  return {
    milliseconds,
    requests: after.requests - before.requests,
    retries: after.retries - before.retries,
    received: after.bytes - before.bytes,
    decoded: product(shape) * element,
  }
}

/** Whole chunks at the beginning, as many as make up so many bytes: first along the last dimension. */
function corner({ shape, chunks, shards, dtype, fields }: ZarrArray): Selection {
  const parts = shards ?? chunks ?? shape
  const extents = shape.map((extent, axis) => Math.min(extent, parts[axis]))
  const element = elementSize(dtype, fields ?? []) ?? SOME_BYTES
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const fitting = Math.floor(CORNER_BYTES / (Math.max(1, product(extents)) * element))
    extents[axis] = Math.min(shape[axis], extents[axis] * Math.max(1, fitting))
    if (extents[axis] < shape[axis]) break
  }
  return extents.map((extent) => slice(0, extent))
}

function report(opening: number, maxInFlight: number, runs: readonly Run[]): string[] {
  const perSecond = (count: number, { milliseconds }: Run) =>
    bytes((count / Math.max(milliseconds, 1)) * 1000)
  const rows = runs.map((run, at) => [
    `read ${at + 1}`,
    seconds(run.milliseconds),
    String(run.requests),
    bytes(run.received),
    perSecond(run.received, run),
    perSecond(run.decoded, run),
  ])
  const retries = runs.reduce((sum, run) => sum + run.retries, 0)
  return [
    `opening ${seconds(opening)}`,
    ...table([['', 'time', 'requests', 'received', 'received/s', 'decoded/s'], ...rows]),
    `at most ${maxInFlight} requests at once, ${retries} sent again`,
  ]
}
