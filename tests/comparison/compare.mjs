// Reads the arrays of make.py through the package, and compares: shapes, and SHA-256 of canonical bytes.
//
//     node tests/comparison/compare.mjs FOLDER
//
// Every selection is right, different, or refused: an error where data were expected. Exits with 1 unless all are right.
import { createHash } from 'node:crypto'
import { open as openFile, readFile } from 'node:fs/promises'
import path from 'node:path'
import { open, slice } from 'zarr-wasm'
import { canonical } from './canonical.mjs'

/** Differences and kinds of refusals that are listed. */
const LISTED = 20

const folder = process.argv[2]
const lines = (await readFile(path.join(folder, 'manifest.jsonl'), 'utf8')).trimEnd().split('\n')
const started = performance.now()
const counts = { right: 0, different: 0, refused: 0 }
const mix = new Map()
const differences = []
const refusals = new Map()

for (const [number, line] of lines.entries()) {
  const expected = JSON.parse(line)
  for (const feature of expected.features) mix.set(feature, (mix.get(feature) ?? 0) + 1)
  const array = await open(store(path.join(folder, expected.folder), number % 2 === 0)).catch(
    (error) => error,
  )
  for (const selection of expected.selections) {
    const found = await result(array, expected, selection)
    counts[found.outcome] += 1
    if (found.outcome === 'different') differences.push(`${expected.folder}: ${found.what}`)
    if (found.outcome === 'refused') {
      const known = refusals.get(found.what) ?? { folder: expected.folder, count: 0 }
      refusals.set(found.what, { ...known, count: known.count + 1 })
    }
  }
}

console.log(
  `${[...mix]
    .sort()
    .map(([feature, count]) => `${feature} ${count}`)
    .join(', ')}\n`,
)
for (const difference of differences.slice(0, LISTED)) console.log(`different: ${difference}`)
const commonest = [...refusals].sort(([, a], [, b]) => b.count - a.count)
for (const [what, { folder, count }] of commonest.slice(0, LISTED))
  console.log(`refused ${count} (${folder}): ${what}`)
const seconds = ((performance.now() - started) / 1000).toFixed(1)
const { right, different, refused } = counts
const judged = `${right} right, ${different} different, ${refused} refused`
console.log(`${lines.length} arrays, ${right + different + refused} selections: ${judged}, ${seconds} s`)
if (different + refused > 0 || right === 0) process.exitCode = 1

async function result(array, { type, features }, { kind, selection, shape, sha256 }) {
  const about = () => `${kind} ${JSON.stringify(selection)} of ${features.join(' ')}`
  let read
  try {
    if (array instanceof Error) throw array
    read = await get(array, kind, selection)
  } catch (error) {
    return { outcome: 'refused', what: `${error.code}: ${error.message}` }
  }
  if (JSON.stringify(read.shape) !== JSON.stringify(shape)) {
    return {
      outcome: 'different',
      what: `${about()}: shape ${JSON.stringify(read.shape)}, expected ${JSON.stringify(shape)}`,
    }
  }
  try {
    const bytes = canonical(
      type,
      read.data,
      shape.reduce((count, extent) => count * extent, 1),
    )
    if (createHash('sha256').update(bytes).digest('hex') === sha256) return { outcome: 'right' }
    return { outcome: 'different', what: `${about()}: other elements` }
  } catch (error) {
    return { outcome: 'different', what: `${about()}: ${error.message}` }
  }
}

function get(array, kind, selection) {
  const entry = (entry) => {
    if (entry?.mask) return entry.mask.map(Boolean)
    const isSlice = entry !== null && typeof entry === 'object' && !Array.isArray(entry)
    return isSlice ? slice(entry.start, entry.stop, entry.step) : entry
  }
  switch (kind) {
    case 'basic':
      return array.get(selection.map(entry))
    case 'orthogonal':
      return array.oindex.get(selection.map(entry))
    case 'coordinate':
      return array.vindex.get(selection)
    case 'mask':
      return array.vindex.get({ data: Uint8Array.from(selection), shape: array.shape })
    case 'block':
      return array.blocks.get(selection.map(entry))
  }
  throw new Error(`no selection is ${kind}`)
}

/** Files below a folder; with ranges or without. */
function store(folder, hasRanges) {
  const missing = (error) => {
    if (error.code === 'ENOENT' || error.code === 'EISDIR' || error.code === 'ENOTDIR') return undefined
    throw error
  }
  const get = (key) => readFile(folder + key).catch(missing)
  if (!hasRanges) return { get }
  const getRange = async (key, { offset, length, suffixLength }) => {
    const file = await openFile(folder + key).catch(missing)
    if (!file) return undefined
    const { size } = await file.stat()
    const start = suffixLength === undefined ? offset : Math.max(0, size - suffixLength)
    const bytes = new Uint8Array(Math.min(length ?? suffixLength, size - start))
    await file.read(bytes, 0, bytes.length, start).finally(() => file.close())
    return bytes
  }
  return { get, getRange }
}
