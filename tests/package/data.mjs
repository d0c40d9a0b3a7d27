// What the projects read: golden arrays of the usual codecs, in shards and not, and one that needs the wasm of rare codecs.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { inRoot } from '../../scripts/run.mjs'
import { serve } from '../../scripts/serve.mjs'

export const PATHS = ['v3/codec/gzip', 'v2/codec/zstd', 'v3/shard/inner-blosc', 'v3/codec/numcodecs.delta']

/** What `read` answers for them. */
export async function expected() {
  const { cases } = JSON.parse(await readFile(inRoot('tests/fixtures/manifest.json'), 'utf8'))
  const read = PATHS.map((path) => {
    const { dtype, full } = cases.find(({ id }) => id === path)
    if (dtype !== 'int32') throw new Error(`${path} has ${dtype}, expected int32`)
    return [path, Array.from(new Int32Array(Uint8Array.from(Buffer.from(full.base64, 'base64')).buffer))]
  })
  return { arrays: Object.fromEntries(read), warnings: [] }
}

/** Serves them; paths are below `origin`. */
export const serveData = () => serve({ folders: [['/', inRoot('tests/fixtures/data')]] })

/** The URL of a page that reads them. */
export const pageUrl = (page, { origin }) =>
  `${page}?${new URLSearchParams([['base', origin], ...PATHS.map((path) => ['path', path])])}`

/** What `read` answers where workers are not allowed: the same, and why, once. */
export async function assertWithoutWorkers({ arrays, warnings }) {
  assert.deepEqual({ arrays, warnings: [] }, await expected())
  assert.equal(warnings.length, 1)
  assert.match(warnings[0], /^zarr-wasm decodes without workers: /)
}
