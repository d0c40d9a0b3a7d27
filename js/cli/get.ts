// `zarr-wasm get`: reads a part of an array and writes it down.
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { AsType, Chunk, Data, DataType, OrthogonalSelection, Selection, ZarrArray } from '../node.js'
import { type Given, openedArray, UsageError } from './options.js'
import { progressBar } from './progress.js'
import { parsedSelection } from './selection.js'
import { csv } from './writers/csv.js'
import { json } from './writers/json.js'
import { npy } from './writers/npy.js'
import { raw } from './writers/raw.js'

/** A result, and what its elements are. */
export interface Result extends Chunk<Data> {
  dtype: DataType | AsType
}

const WRITERS: Record<string, (result: Result) => Uint8Array | string> = { npy, raw, csv, json }

const BINARY = ['npy', 'raw']

const ENDINGS: Record<string, string> = {
  '.npy': 'npy',
  '.raw': 'raw',
  '.bin': 'raw',
  '.csv': 'csv',
  '.json': 'json',
}

export async function get(given: Given, signal: AbortSignal): Promise<void> {
  const { out, as } = given
  const format = formatOf(given)
  if (BINARY.includes(format) && out === undefined && process.stdout.isTTY) {
    throw new UsageError(`${format} is not for terminals: name a file with --out, or redirect the output`)
  }
  const selection = parsedSelection(given.selection)
  const array = await openedArray(given, signal)
  const result = await read(array, selection, { ...given, as: as as AsType | undefined }, signal)
  const written = WRITERS[format]({ ...result, dtype: (as as AsType | undefined) ?? array.dtype })
  if (out === undefined) process.stdout.write(written)
  else await writeFile(out, written)
}

function formatOf({ format, out, json }: Given): string {
  const chosen = format ?? (json ? 'json' : ENDINGS[path.extname(out ?? '').toLowerCase()])
  if (chosen === undefined && out !== undefined && path.extname(out) !== '') {
    throw new UsageError(`the ending of ${out} is no format: add --format npy, raw, csv or json`)
  }
  if (chosen === undefined) return 'json'
  if (chosen in WRITERS) return chosen
  throw new UsageError(`--format is ${chosen}, expected npy, raw, csv or json`)
}

/** Lists are for every dimension by itself. */
export async function read(
  array: ZarrArray,
  selection: OrthogonalSelection,
  { as, quiet, json }: { as?: AsType | undefined; quiet: boolean; json: boolean },
  signal: AbortSignal,
): Promise<Chunk<Data>> {
  const bar = progressBar(quiet || json)
  const options = { signal, onProgress: bar.update, ...(as !== undefined && { as }) }
  try {
    if (selection?.some(Array.isArray)) return await array.oindex.get(selection, options)
    return await array.get(selection as Selection, options)
  } finally {
    bar.end()
  }
}
