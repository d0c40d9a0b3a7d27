// The bench in Chromium, on little data: the library reads in its page what was written. No time is judged.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { inRoot, run } from '../../scripts/run.mjs'

let folder
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zarr-wasm-bench-'))
})
after(() => rm(folder, { recursive: true }))

test('a page reads what was written', async () => {
  const options = ['--browser', '--quick', '--offline', '--repeat', '1', '--latency', '1']
  const chosen = ['--only', 'many', '--readers', 'zarr-wasm,fetching', '--data', folder, '--out', folder]
  await run('node', [inRoot('bench/run.mjs'), ...options, ...chosen], { quiet: true })
  const { measurements } = JSON.parse(await readFile(path.join(folder, 'browser.json'), 'utf8'))
  assert.deepEqual(
    measurements.map(({ reader, error, details }) => [reader, error, details?.requests]),
    [
      ['zarr-wasm', undefined, '403'],
      ['fetching', undefined, '402'],
    ],
  )
})
