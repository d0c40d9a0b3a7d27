// Archives and references in Chromium: from other origins, without preflights, and as files that a page was given.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { inRoot } from '../../scripts/run.mjs'
import { range, shardedObjects } from '../node/arrays.mjs'
import { zipOf } from '../node/zip_archive.mjs'
import { objectsBelow } from '../servers/folder.mjs'
import { serveObjects } from '../servers/object_server.mjs'
import { openPage } from './page.mjs'

const FOLDER = inRoot('tests/fixtures/stores')

/** As tests/fixtures/make_stores.py says: element (i, j) is 10 i + j, and the last chunk is missing. */
const EXPECTED = range(0, 30).map((at) => {
  const [row, column] = [Math.floor(at / 6), at % 6]
  return row === 4 && column > 3 ? -1 : 10 * row + column
})

let site
before(async () => {
  site = await openPage()
})
after(() => site?.close())

async function serving(t, objects, options) {
  const server = await serveObjects(objects, options)
  t.after(() => server.close())
  return server
}

/** What an array in a store is, read in a page: `{ data }`, or `{ code, message }` of the error. */
const read = (page, location, path) =>
  page.evaluate(
    async ({ location, path }) => {
      const { open } = await import('zarr-wasm')
      try {
        const array = await open(location, { kind: 'array', path })
        return { data: Array.from((await array.get()).data) }
      } catch ({ code, message }) {
        return { code, message }
      }
    },
    { location, path },
  )

for (const name of [
  'stored.zarr.zip',
  'deflated.ozx',
  'sharded.zarr.zip',
  'version0.json',
  'version1.json',
]) {
  for (const cors of ['plain', 'exposed']) {
    test(`${name} is read from another origin with CORS ${cors}, without preflights`, async (t) => {
      const server = await serving(t, new Map(objectsBelow(FOLDER, '/s')), { cors })
      const page = await site.fresh()
      assert.deepEqual(await read(page, `${server.origin}/s/${name}`, 'level/count'), { data: EXPECTED })
      assert.deepEqual(server.countedPreflights(), {})
    })
  }
}

test('parts of a stored shard are requested by themselves', async (t) => {
  const archive = zipOf(shardedObjects(64, 32, 4), { gap: 40_000 })
  const server = await serving(t, new Map([['/a.zip', archive]]), { cors: 'plain' })
  const page = await site.fresh()
  assert.deepEqual(await read(page, `${server.origin}/a.zip`, ''), { data: range(0, 64) })
  const bytes = server.requests.map(({ headers }) => /bytes=(\d+)-(\d+)/.exec(headers.range ?? ''))
  const most = Math.max(...bytes.map((match) => (match ? match[2] - match[1] + 1 : 0)))
  assert.ok(most < 40_000, `${most} bytes were asked for at once`)
})

test('a file that a page was given is read', async () => {
  const page = await site.fresh()
  for (const name of ['stored.zarr.zip', 'deflated.ozx', 'sharded.zarr.zip']) {
    const base64 = readFileSync(`${FOLDER}/${name}`).toString('base64')
    const found = await page.evaluate(
      async ({ name, base64 }) => {
        const { open } = await import('zarr-wasm')
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
        const group = await open(new File([bytes], name), { kind: 'group' })
        const array = await group.open('level/count', { kind: 'array' })
        return { tree: await group.tree(), data: Array.from((await array.get()).data) }
      },
      { name, base64 },
    )
    const tree = [
      { path: 'level', kind: 'group' },
      { path: 'level/count', kind: 'array' },
    ]
    assert.deepEqual(found, { tree, data: EXPECTED })
  }
})

test('references in Parquet say what they need where a page does not have it', async (t) => {
  const server = await serving(t, new Map(objectsBelow(FOLDER, '/s')), { cors: 'plain' })
  const page = await site.fresh()
  const { code, message } = await read(page, `${server.origin}/s/rows.parq`, 'level/count')
  assert.equal(code, 'unsupported')
  assert.match(message, /references in Parquet need the packages hyparquet and hyparquet-compressors/)
})
