// `zarr-wasm get`: reads a part of an array and writes it down.
import { stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type {
  AsType,
  Chunk,
  Data,
  DataType,
  OrthogonalSelection,
  Selection,
  ZarrArray,
  ZarrError,
} from '../node.js'
import { type Given, openedArray, UsageError } from './options.js'
import { progressBar } from './progress.js'
import { parsedSelection, selectedCount } from './selection.js'
import { valuesPerElement } from './sizes.js'
import { csv } from './writers/csv.js'
import { json } from './writers/json.js'
import { npy, npyRefusal } from './writers/npy.js'
import { raw, rawRefusal } from './writers/raw.js'

/** A result, and what its elements are. */
export interface Result extends Chunk<Data> {
  dtype: DataType | AsType
}

const WRITERS: Record<string, (result: Result) => Uint8Array | string> = { npy, raw, csv, json }

const BINARY = ['npy', 'raw']

/** Why a format cannot have elements of a type, where that is so. */
const REFUSALS: Record<string, (dtype: DataType, as: AsType | undefined) => ZarrError | undefined> = {
  npy: npyRefusal,
  raw: rawRefusal,
}

/** Numbers or texts in one CSV or JSON: what is longer than 2^29 characters is no string of Node's. */
const MOST_IN_TEXT = 1 << 24

const ENDINGS: Record<string, string> = {
  '.npy': 'npy',
  '.raw': 'raw',
  '.bin': 'raw',
  '.csv': 'csv',
  '.json': 'json',
}

export async function get(given: Given, signal: AbortSignal): Promise<void> {
  const { out } = given
  const as = given.as as AsType | undefined
  const format = formatOf(given)
  if (BINARY.includes(format) && out === undefined && process.stdout.isTTY) {
    throw new UsageError(`${format} is not for terminals: name a file with --out, or redirect the output`)
  }
  if (out !== undefined) await checkFolder(out)
  const selection = parsedSelection(given.selection)
  const array = await openedArray(given, signal)
  checkFormat(format, array, selection, as)
  const result = await read(array, selection, { ...given, as }, signal)
  const written = WRITERS[format]({ ...result, dtype: as ?? array.dtype })
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

/** What is known to fail in the end fails before anything is read. */
async function checkFolder(out: string): Promise<void> {
  const folder = path.dirname(out)
  const found = await stat(folder).catch(() => undefined)
  if (!found?.isDirectory()) throw new UsageError(`--out is ${out}, and there is no folder ${folder}`)
}

function checkFormat(
  format: string,
  array: ZarrArray,
  selection: OrthogonalSelection,
  as: AsType | undefined,
): void {
  const refusal = REFUSALS[format]?.(array.dtype, as)
  if (refusal) throw refusal
  const values = selectedCount(selection, array.shape) * valuesPerElement(array.dtype, array.fields ?? [])
  if (BINARY.includes(format) || !(values > MOST_IN_TEXT)) return
  const other = npyRefusal(array.dtype, as) ? '' : 'write .npy, or '
  const most = `${format} is for at most ${MOST_IN_TEXT} numbers or texts`
  throw new UsageError(`${most}, and these are ${values}: ${other}select a part`)
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
