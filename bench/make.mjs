// Writes one of the arrays as a Zarr store, unless it is there.
//   node make.mjs FOLDER ARRAY full|quick
// Beside the store lies made.json: the checksum of what each workload must read, of the numbers as they were written.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ARRAYS, WORKLOADS } from './arrays.mjs'
import { arrayObjects } from './zarr_writer.mjs'

const SOURCES = ['arrays.mjs', 'contents.mjs', 'encoders.mjs', 'zarr_writer.mjs', 'make.mjs']

const [folder, name, size] = process.argv.slice(2)
const made = path.join(folder, 'made.json')
const recipe = createHash('sha256')
for (const file of SOURCES) recipe.update(readFileSync(new URL(file, import.meta.url)))
const hash = recipe.digest('hex')

if (!existsSync(made) || JSON.parse(readFileSync(made, 'utf8')).recipe !== hash) await make()

async function make() {
  rmSync(folder, { recursive: true, force: true })
  const array = ARRAYS[name]
  const shape = size === 'quick' ? array.quick : array.shape
  const contents = array.contents(shape)
  let storedBytes = 0
  for await (const [key, bytes] of arrayObjects({ ...array, shape }, contents)) {
    const file = path.join(folder, 'store', key)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, bytes)
    storedBytes += bytes.length
  }
  const checksums = {}
  for (const workload of WORKLOADS.filter((workload) => workload.array === name)) {
    checksums[workload.name] = checksum(selected(contents, shape, workload.selection))
  }
  const { dtype, chunks, shards } = array
  const facts = { dtype, shape, chunks, shards, decodedBytes: contents.byteLength, storedBytes }
  writeFileSync(made, JSON.stringify({ recipe: hash, checksums, ...facts }))
}

/** The elements of a selection: all, or those with one index along the first dimension. */
function selected(contents, shape, selection) {
  if (selection === null) return contents
  const plane = contents.length / shape[0]
  return contents.subarray(selection[0] * plane, (selection[0] + 1) * plane)
}

function checksum({ buffer, byteOffset, byteLength }) {
  return createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')
}
