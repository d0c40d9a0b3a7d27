// The golden cases over HTTP, in Node.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as library from 'zarr-wasm'
import { serve } from '../../scripts/serve.mjs'
import { groups, judgeAll } from './golden.mjs'

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url))
const { cases } = JSON.parse(await readFile(`${fixtures}/manifest.json`, 'utf8'))

let server
before(async () => {
  server = await serve({ folders: [['/', fixtures]] })
})
after(() => server.close())

test('there are cases of every kind', () => {
  const count = (matches) => cases.filter(matches).length
  assert.ok(count(({ expect }) => expect === 'ok') >= 350)
  assert.ok(count(({ expect }) => expect === 'error') >= 189)
  assert.ok(count(({ kind }) => kind === 'group') >= 13)
})

for (const [name, group] of groups(cases)) {
  test(`${name}, ${group.length} cases`, async () => {
    assert.deepEqual(await judgeAll(library, server.origin, group), [])
  })
}
