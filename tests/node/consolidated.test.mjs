// Consolidated metadata of both formats: what they have takes no request, and for what they lack the store is asked.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { describe } from 'node:test'
import { open } from 'zarr-wasm'
import { arrayDocument, arrayObjects, DOCUMENTS, groupDocument, json, v2Document } from './arrays.mjs'
import { failure } from './failure.mjs'
import { it, serving } from './over_http.mjs'

const V2_GROUP = { zarr_format: 2 }

/** A group at `/g` with these documents consolidated, and the objects beside it. */
const v3Group = (metadata, objects = [], members = {}) =>
  new Map([
    ...objects,
    [
      '/g/zarr.json',
      json({
        ...groupDocument({ title: 'g' }),
        consolidated_metadata: { kind: 'inline', must_understand: false, metadata, ...members },
      }),
    ],
  ])

const v2Group = (metadata, objects = []) =>
  new Map([
    ...objects,
    ['/g/.zgroup', json(V2_GROUP)],
    ['/g/.zmetadata', json({ zarr_consolidated_format: 1, metadata: { '.zgroup': V2_GROUP, ...metadata } })],
  ])

const parsed = (bytes) => JSON.parse(new TextDecoder().decode(bytes))

/** The opened group, and the server, which has forgotten the opening. */
async function openedGroup(t, objects) {
  const server = await serving(t, objects)
  const group = await open(`${server.origin}/g`, { kind: 'group' })
  assert.deepEqual(
    server.asked(),
    DOCUMENTS.group.map((name) => `/g/${name}`),
  )
  server.requests.length = 0
  return { server, group }
}

const chunksOf = (name) =>
  new Map([...arrayObjects([4], [2], { name })].filter(([key]) => key.includes('/c/')))

describe('consolidated metadata of v3', () => {
  const metadata = {
    a: groupDocument({ level: 1 }),
    'a/b': { ...groupDocument(), consolidated_metadata: { kind: 'inline', metadata: {} } },
    'a/b/c': arrayDocument([4], [2]),
  }

  it('opens what is below without a request, and its chunks with one each', async (t) => {
    const { server, group } = await openedGroup(t, v3Group(metadata, chunksOf('/g/a/b/c')))
    const array = await group.open('a/b/c', { kind: 'array' })
    assert.equal(array.path, '/a/b/c')
    assert.deepEqual(server.requests, [])
    assert.deepEqual([...(await array.get()).data], [0, 1, 2, 3])
    assert.deepEqual(server.asked(), ['/g/a/b/c/c/0', '/g/a/b/c/c/1'])
  })

  it('of a group opened from them are its part of them', async (t) => {
    const { server, group } = await openedGroup(t, v3Group(metadata))
    const a = await group.open('/a/', { kind: 'group' })
    assert.deepEqual([a.path, a.attrs], ['/a', { level: 1 }])
    const b = await a.open('b', { kind: 'group' })
    assert.deepEqual((await b.open('c', { kind: 'array' })).shape, [4])
    assert.deepEqual(server.requests, [])
  })

  it('say what is right below, without a request', async (t) => {
    const { server, group } = await openedGroup(t, v3Group({ ...metadata, Z: arrayDocument([4], [2]) }))
    assert.deepEqual(await group.children(), [
      { path: 'Z', kind: 'array' },
      { path: 'a', kind: 'group' },
    ])
    const a = await group.open('a', { kind: 'group' })
    assert.deepEqual(await a.children(), [{ path: 'b', kind: 'group' }])
    const b = await a.open('b', { kind: 'group' })
    assert.deepEqual(await b.children(), [{ path: 'c', kind: 'array' }])
    assert.deepEqual(server.requests, [])
  })

  it('are needed to say what is below where nothing can be listed', async () => {
    const objects = new Map([['/zarr.json', json(groupDocument())]])
    const group = await open({ get: (key) => objects.get(key) }, { kind: 'group' })
    const error = await failure(group.children())
    assert.deepEqual([error.code, error.path], ['unsupported', '/'])
    assert.match(error.message, /no consolidated metadata/)
  })

  it('are a snapshot: what came later is opened all the same', async (t) => {
    const { server, group } = await openedGroup(
      t,
      v3Group(metadata, arrayObjects([4], [2], { name: '/g/a/later' })),
    )
    const a = await group.open('a')
    const later = await a.open('later')
    assert.deepEqual(
      server.asked(),
      DOCUMENTS.any.map((name) => `/g/a/later/${name}`),
    )
    assert.deepEqual([...(await later.get()).data], [0, 1, 2, 3])
    assert.equal((await failure(a.open('never'))).code, 'not-found')
  })

  it('keep int64 fill values beyond 2^53', async (t) => {
    const text = JSON.stringify({ n: arrayDocument([1], [1], { data_type: 'int64', fill_value: 0 }) })
    const objects = v3Group(JSON.parse(text))
    const document = new TextDecoder().decode(objects.get('/g/zarr.json'))
    const exact = document.replace('"fill_value":0', '"fill_value":9007199254740993')
    objects.set('/g/zarr.json', new TextEncoder().encode(exact))
    const { group } = await openedGroup(t, objects)
    const array = await group.open('n', { kind: 'array' })
    assert.equal(array.fillValue, 9007199254740993n)
    assert.deepEqual([...(await array.get()).data], [9007199254740993n])
  })

  it('that are not understood are ignored if they say so, and an error otherwise', async (t) => {
    const later = arrayObjects([4], [2], { name: '/g/a' })
    for (const members of [{ kind: 'parquet' }, { metadata: 7 }, { metadata: { '../a': {} } }]) {
      const { server, group } = await openedGroup(t, v3Group({ a: groupDocument() }, later, members))
      assert.deepEqual((await group.open('a', { kind: 'array' })).shape, [4])
      assert.equal(server.requests.length, 3)
      const strict = await serving(t, v3Group({}, [], { ...members, must_understand: true }))
      const error = await failure(open(`${strict.origin}/g`))
      assert.deepEqual([error.code, error.key], ['unsupported', 'zarr.json'])
    }
  })

  it('with a broken document are an error for its node alone', async (t) => {
    const { group } = await openedGroup(t, v3Group({ ...metadata, broken: { zarr_format: 3 } }))
    const error = await failure(group.open('broken'))
    assert.deepEqual([error.code, error.path, error.key], ['invalid-metadata', '/broken', 'zarr.json'])
    assert.match(error.message, /broken: the required member node_type is missing/)
    assert.deepEqual((await group.open('a/b/c', { kind: 'array' })).shape, [4])
  })
})

describe('consolidated metadata of v2', () => {
  const array = parsed(v2Document({ fill_value: 7 }))
  const metadata = { 'a/.zgroup': V2_GROUP, 'a/b/.zarray': array, 'a/b/.zattrs': { units: 'K' } }

  it('open what is below without a request', async (t) => {
    const { server, group } = await openedGroup(t, v2Group(metadata))
    assert.deepEqual(await group.children(), [{ path: 'a', kind: 'group' }])
    const b = await (await group.open('a', { kind: 'group' })).open('b', { kind: 'array' })
    assert.deepEqual([b.path, b.zarrFormat, b.fillValue, b.attrs], ['/a/b', 2, 7, { units: 'K' }])
    assert.deepEqual(server.requests, [])
    assert.deepEqual([...(await b.get()).data], [7])
    assert.deepEqual(server.asked(), ['/g/a/b/0'])
  })

  it('are a snapshot: what came later is opened all the same', async (t) => {
    const { server, group } = await openedGroup(t, v2Group(metadata, [['/g/later/.zarray', v2Document({})]]))
    assert.deepEqual((await group.open('later', { kind: 'array' })).shape, [1])
    assert.deepEqual(
      server.asked(),
      DOCUMENTS.array.map((name) => `/g/later/${name}`),
    )
  })

  it('that are broken are ignored', async (t) => {
    const objects = v2Group({}, [['/g/a/.zarray', v2Document({})]])
    objects.set('/g/.zmetadata', new TextEncoder().encode('{"metadata": {"a/.zarr'))
    const { server, group } = await openedGroup(t, objects)
    assert.deepEqual((await group.open('a', { kind: 'array' })).shape, [1])
    assert.equal(server.requests.length, 3)
  })
})

describe('what zarr-python consolidated', () => {
  for (const format of [2, 3]) {
    it(`opens without a request, in format ${format}`, async (t) => {
      const folder = new URL(`../fixtures/data/v${format}/group/consolidated/`, import.meta.url)
      const files = readdirSync(folder, { recursive: true }).map((name) => [name, new URL(name, folder)])
      const objects = files
        .filter(([, file]) => statSync(file).isFile())
        .map(([name, file]) => [`/g/${name}`, readFileSync(file)])
      const { server, group } = await openedGroup(t, new Map(objects))
      assert.deepEqual(group.attrs, { 'beyond 2^53': 2n ** 53n + 1n })
      const inner = await group.open('inner', { kind: 'group' })
      assert.deepEqual(inner.attrs, { title: 'inner' })
      const array = await inner.open('data', { kind: 'array' })
      assert.deepEqual(server.requests, [])
      assert.equal(array.fillValue, 2n ** 62n + 1n)
      assert.deepEqual([...(await array.get()).data], [0n, 1n, 2n, 2n ** 62n + 1n, 2n ** 62n + 1n])
    })
  }
})

describe('opening', () => {
  it('an array by its URL asks for no consolidated metadata', async (t) => {
    const server = await serving(t, v2Group({}, [['/g/a/.zarray', v2Document({})]]))
    await open(`${server.origin}/g/a`, { kind: 'array' })
    assert.deepEqual(
      server.asked(),
      DOCUMENTS.array.map((name) => `/g/a/${name}`),
    )
  })
})
