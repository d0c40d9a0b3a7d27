// Archives, references and folders that others wrote (tests/fixtures/make_stores.py): by path, over HTTP and as Blobs.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { open, slice } from 'zarr-wasm'
import { objectsBelow } from '../servers/folder.mjs'
import { it, serving } from './over_http.mjs'

const FOLDER = fileURLToPath(new URL('../fixtures/stores/', import.meta.url))

const STORES = [
  'stored.zarr.zip',
  'deflated.ozx',
  'sharded.zarr.zip',
  'version0.json',
  'version1.json',
  'rows.parq',
  'folder.zarr',
]

/** Element (i, j) is 10 i + j, but the last chunk is missing. */
const EXPECTED = Array.from({ length: 30 }, (_, at) => {
  const [row, column] = [Math.floor(at / 6), at % 6]
  return row === 4 && column > 3 ? -1 : 10 * row + column
})

async function isRight(group, { isListed = true } = {}) {
  assert.deepEqual(group.attrs, { title: 'stores' })
  const array = await group.open('level/count', { kind: 'array' })
  assert.deepEqual([array.shape, array.dtype], [[5, 6], 'int32'])
  assert.deepEqual([...(await array.get()).data], EXPECTED)
  assert.deepEqual([...(await array.get([3, slice(1, 3)])).data], [31, 32])
  if (!isListed) return
  assert.deepEqual(await group.children(), [{ path: 'level', kind: 'group' }])
  assert.deepEqual(await group.tree(), [
    { path: 'level', kind: 'group' },
    { path: 'level/count', kind: 'array' },
  ])
}

describe('what others wrote', () => {
  for (const name of STORES) {
    test(`is read in the file system: ${name}`, async () => {
      const file = path.join(FOLDER, name)
      for (const location of [file, path.relative('.', file), pathToFileURL(file)]) {
        await isRight(await open(location, { kind: 'group' }))
      }
      const array = await open(file, { kind: 'array', path: '/level/count' })
      assert.deepEqual([...(await array.get([4])).data], [40, 41, 42, 43, -1, -1])
    })

    it(`is read over HTTP: ${name}`, async (t) => {
      const { origin } = await serving(t, new Map(objectsBelow(FOLDER, '/s')))
      await isRight(await open(`${origin}/s/${name}`, { kind: 'group' }), {
        isListed: name !== 'folder.zarr',
      })
    })
  }

  for (const name of STORES.filter((name) => /zip|ozx/.test(name))) {
    test(`is read from a Blob: ${name}`, async () => {
      await isRight(await open(new Blob([readFileSync(path.join(FOLDER, name))]), { kind: 'group' }))
    })
  }

  test('has integers beyond 2^53 as they were', async () => {
    for (const name of STORES.filter((name) => !name.startsWith('sharded'))) {
      const { attrs } = await open(path.join(FOLDER, name), { path: 'level' })
      assert.deepEqual(attrs, { big: 2n ** 60n + 1n }, name)
    }
  })
})
