// Entries of archives that are no Zarr, byte for byte, where the shared fixtures are there: what other writers make of zip.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'
import { inRoot } from '../../scripts/run.mjs'

const FIXTURES = inRoot('../shared/fixtures')
const isThere = existsSync(FIXTURES)
const { cases } = isThere
  ? JSON.parse(readFileSync(path.join(FIXTURES, 'manifest.json'), 'utf8'))
  : { cases: [] }

/** Nothing of the package reads what is no Zarr. */
async function loaded() {
  const contents = "export * from './zip.js'; export * from './source.js'"
  const stdin = { contents, resolveDir: inRoot('js/stores') }
  const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', write: false })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}

test('entries are as Python reads them, or refused by name', { skip: !isThere }, async () => {
  const { openZip, blobSource } = await loaded()
  const archives = cases.filter(({ kind }) => kind === 'zipfile')
  assert.equal(archives.length, 6)
  let count = 0
  for (const { path: file, entries } of archives) {
    const store = await openZip(blobSource(new Blob([readFileSync(path.join(FIXTURES, file))])))
    for (const { name, size, method, sha256 } of entries.filter(({ name }) => !name.endsWith('/'))) {
      const reading = store.get(`/${name}`)
      if (method !== 0 && method !== 8) {
        await assert.rejects(reading, ({ code, message }) => code === 'unsupported' && message.includes(name))
        continue
      }
      const bytes = await reading
      assert.equal(bytes?.length, size, `${file}: ${name}`)
      assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256, `${file}: ${name}`)
      count += 1
    }
  }
  assert.ok(count >= 6, `${count} entries were read`)
})
