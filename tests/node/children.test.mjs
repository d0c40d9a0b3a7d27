// What is below a group without consolidated metadata: by listings of a Map, an object, a folder, and of buckets.
import assert from 'node:assert/strict'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { open } from 'zarr-wasm'
import { scripted } from 'zarr-wasm/testing'
import { serveS3 } from '../servers/s3.mjs'
import { arrayObjects, groupDocument, json, v2Document } from './arrays.mjs'
import { failure } from './failure.mjs'
import { AT_ONCE, it, serving } from './over_http.mjs'

const NAMES = ['a', 'a b&<c>', 'é+%2F']

/** A group of v3 at `prefix`, with groups of these names, each of which has an array, and what is no node. */
const hierarchy = (prefix = '') =>
  new Map([
    [`${prefix}/zarr.json`, json(groupDocument())],
    [`${prefix}/folder/file`, Uint8Array.of(1)],
    ...NAMES.flatMap((name) => [
      [`${prefix}/${name}/zarr.json`, json(groupDocument())],
      ...arrayObjects([2], [2], { name: `${prefix}/${name}/inner` }),
    ]),
  ])

const TREE = NAMES.flatMap((name) => [
  { path: name, kind: 'group' },
  { path: `${name}/inner`, kind: 'array' },
])

const V2_GROUP = json({ zarr_format: 2 })

/** A store that has `listDir`, and notes what it was called with. */
const listing = (objects) => ({
  folders: [],
  get: (key) => objects.get(key),
  listDir(folder, options) {
    this.folders.push(folder)
    assert.ok(options.signal === undefined || options.signal instanceof AbortSignal)
    const below = [...objects.keys()].filter((key) => key.startsWith(folder))
    return below.map((key) => key.slice(folder.length).replace(/\/.*/s, '/'))
  },
})

describe('the members of a group', () => {
  test('of v3 in a Map and in an object with listDir', async () => {
    const store = listing(hierarchy())
    for (const location of [hierarchy(), store, scripted(listing(hierarchy()))]) {
      const group = await open(location, { kind: 'group' })
      assert.deepEqual(
        await group.children(),
        NAMES.map((name) => ({ path: name, kind: 'group' })),
      )
      assert.deepEqual(await group.tree({ signal: new AbortController().signal }), TREE)
    }
    assert.deepEqual(store.folders, ['/', '/', ...NAMES.map((name) => `/${name}/`)])
  })

  test('of v2 are arrays and groups of v2', async () => {
    const objects = new Map([
      ['/g/.zgroup', V2_GROUP],
      ['/g/array/.zarray', v2Document({})],
      ['/g/array/0', Uint8Array.of(1, 0)],
      ['/g/group/.zgroup', V2_GROUP],
      ['/g/other/zarr.json', json(groupDocument())],
      ['/gone/.zgroup', V2_GROUP],
    ])
    const group = await open(objects, { path: 'g', kind: 'group' })
    assert.deepEqual(await group.children(), [
      { path: 'array', kind: 'array' },
      { path: 'group', kind: 'group' },
    ])
  })

  test('with a broken document are an error that names it', async () => {
    for (const [document, message] of [
      ['{', 'a/zarr.json: the document is not JSON'],
      ['{"node_type": "leaf"}', 'a/zarr.json: node_type is neither "array" nor "group"'],
    ]) {
      const objects = new Map([
        ['/zarr.json', json(groupDocument())],
        ['/a/zarr.json', new TextEncoder().encode(document)],
      ])
      const error = await failure((await open(objects, { kind: 'group' })).children())
      assert.deepEqual([error.code, error.key], ['invalid-metadata', 'a/zarr.json'])
      assert.equal(error.message, message)
    }
  })

  test('of a store that does not list them are an error of the store', async () => {
    const cause = new Error('no shelf')
    const objects = hierarchy()
    const listDir = () => Promise.reject(cause)
    const group = await open({ get: (key) => objects.get(key), listDir }, { kind: 'group' })
    const error = await failure(group.children())
    assert.deepEqual([error.code, error.cause], ['store', cause])
    assert.equal(error.message, 'the store did not list /: Error: no shelf')
  })

  test('are not asked for after an abort', async () => {
    const ofChild = (key) => NAMES.some((name) => key === `/${name}/zarr.json`)
    const store = scripted(hierarchy(), ({ key }) => ({ delay: ofChild(key) ? 1e9 : 0 }))
    store.listDir = () => NAMES
    const group = await open(store, { kind: 'group' })
    const controller = new AbortController()
    const listed = failure(group.children({ signal: controller.signal }))
    while (store.inFlight < 3) await new Promise(setImmediate)
    controller.abort('enough')
    assert.equal(await listed, 'enough')
    await new Promise(setImmediate)
    assert.equal(store.inFlight, 0)
    assert.equal((await failure(group.tree({ signal: 1 }))).code, 'invalid-argument')
  })
})

test('a folder is read by its path: an archive by its name, and what is in no place is not found', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'zarr-wasm-'))
  t.after(() => rm(folder, { recursive: true }))
  const source = fileURLToPath(new URL('../fixtures/stores/folder.zarr', import.meta.url))
  const named = path.join(folder, 'a folder.zip')
  await cp(source, named, { recursive: true })
  const group = await open(named, { kind: 'group' })
  assert.deepEqual(await group.children(), [{ path: 'level', kind: 'group' }])
  const error = await failure(open(path.join(folder, 'none')))
  const message = 'there is no array or group: none of zarr.json, .zarray and .zgroup exists'
  assert.deepEqual([error.code, error.message], ['not-found', `${message} (${folder}${path.sep}none)`])
  const below = await failure(group.open('none'))
  assert.equal(below.message, `/none: ${message} (${named})`)
})

test('what the location or the store may not be is invalid-argument', async () => {
  for (const [location, options, message] of [
    [new Map(), { store: 'tar' }, 'store is "tar", expected "directory", "zip" or "reference"'],
    [new Map(), { store: 'zip' }, 'store is "zip", for which the location must be a URL, a path or a Blob'],
    [new Blob([]), { store: 'directory' }, 'the Blob is one file, and no directory'],
    [new Map(), { path: 5 }, 'path is 5, expected a string'],
    [new Map(), { signal: 5 }, 'signal is 5, expected an AbortSignal'],
  ]) {
    const error = await failure(open(location, options))
    assert.deepEqual([error.code, error.message], ['invalid-argument', message])
  }
})

describe('a bucket', () => {
  /** A reply to ListObjectsV2, two names a page. */
  const listed = (objects, url) => {
    const { searchParams } = new URL(url)
    const [prefix, token] = ['prefix', 'continuation-token'].map((name) => searchParams.get(name) ?? '')
    const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&#62;')
    const keys = [...objects.keys()].map((key) => key.slice(1)).filter((key) => key.startsWith(prefix))
    const names = [...new Set(keys.map((key) => key.slice(prefix.length).replace(/\/.*/s, '/')))]
    const from = Number(token)
    const parts = names.slice(from, from + 2).map((name) => {
      const key = `<Key>${escaped(prefix + name)}</Key>`
      const isFolder = name.endsWith('/')
      return isFolder
        ? `<CommonPrefixes>${key.replace(/Key>/g, 'Prefix>')}</CommonPrefixes>`
        : `<Contents>${key}<Size>1</Size></Contents>`
    })
    const next = from + 2 < names.length ? `<NextContinuationToken>${from + 2}</NextContinuationToken>` : ''
    const body = `<?xml version="1.0"?>\n<ListBucketResult xmlns="x"><Prefix>${prefix}</Prefix>${parts.join('')}${next}</ListBucketResult>`
    return new Response(body)
  }

  /** A `fetch` of a bucket whose objects have URLs that begin so, and that lists if it may. */
  const bucketOf = (base, objects, { mayList = true } = {}) => {
    const asked = []
    const fetch = async ({ url }) => {
      asked.push(url)
      const isListing = mayList && new URL(url).searchParams.get('list-type') === '2'
      if (isListing && url.split('?')[0].replace(/\/$/, '') === base) return listed(objects, url)
      const found = objects.get(decodeURIComponent(url.slice(base.length)))
      return new Response(found, { status: found ? 200 : url.includes('?') ? 400 : 404 })
    }
    return { asked, fetch }
  }

  const places = [
    ['s3://bucket/some/group', 'https://bucket.s3.amazonaws.com'],
    ['s3://a.bucket/some/group/', 'https://s3.amazonaws.com/a.bucket'],
    ['s3://bucket/some/group', 'https://other.example/bucket', { endpoint: 'https://other.example' }],
    ['gs://bucket/some/group', 'https://storage.googleapis.com/bucket'],
    ['https://bucket.s3.eu-west-1.amazonaws.com/some/group', 'https://bucket.s3.eu-west-1.amazonaws.com'],
    ['https://s3.eu-west-1.amazonaws.com/bucket/some/group', 'https://s3.eu-west-1.amazonaws.com/bucket'],
    ['https://storage.googleapis.com/bucket/some/group', 'https://storage.googleapis.com/bucket'],
    ['https://minio.example:9000/bucket/some/group', 'https://minio.example:9000/bucket'],
    ['https://bucket.example/some/group', 'https://bucket.example'],
  ]
  for (const [location, base, options] of places) {
    test(`is listed, page by page: ${location}${options ? ', with an endpoint' : ''}`, async () => {
      const { fetch } = bucketOf(base, hierarchy('/some/group'))
      const group = await open(location, { kind: 'group', fetch, ...options })
      assert.deepEqual(await group.tree(), TREE)
    })
  }

  test('that is at the root of its URL is listed', async () => {
    const { fetch, asked } = bucketOf('https://bucket.s3.amazonaws.com', hierarchy())
    assert.deepEqual(await (await open('s3://bucket', { kind: 'group', fetch })).tree(), TREE)
    assert.ok(asked.includes('https://bucket.s3.amazonaws.com/?list-type=2&delimiter=%2F&prefix='))
    assert.ok(!asked.includes('https://bucket.s3.amazonaws.com/zarr.json/zarr.json'))
  })

  test('that may not be listed says so, and so does a server that is none', async () => {
    const base = 'https://bucket.s3.amazonaws.com'
    const { fetch } = bucketOf(base, hierarchy(), { mayList: false })
    const known = await failure(
      (await open('s3://bucket', { kind: 'group', fetch, retry: AT_ONCE })).children(),
    )
    assert.equal(known.code, 'unsupported')
    assert.match(known.message, /its server lists nothing: .*endpoint \(s3:\/\/bucket\)$/)
    for (const other of ['https://other.example/s', 'https://other.example']) {
      const { fetch } = bucketOf(other, hierarchy(), { mayList: false })
      const group = await open(other, { kind: 'group', fetch, retry: AT_ONCE })
      const error = await failure(group.children())
      assert.equal(error.code, 'unsupported')
      assert.match(
        error.message,
        /no consolidated metadata, and its server lists nothing: .*endpoint \(https:/,
      )
    }
  })

  test('is listed up to what is not closed', async () => {
    const base = 'https://bucket.s3.amazonaws.com'
    const { fetch } = bucketOf(base, hierarchy())
    const part = (name) => `<CommonPrefixes><Prefix>${name}/</Prefix></CommonPrefixes>`
    const rest = `<CommonPrefixes>${'<Prefix>'.repeat(1 << 20)}</CommonPrefixes>${'<CommonPrefixes>'.repeat(1 << 20)}`
    const body = `<ListBucketResult>${part('a')}<Contents></Contents>${part('folder')}${part(NAMES[2])}${rest}`
    const group = await open('s3://bucket', {
      kind: 'group',
      fetch: (request) => (request.url.includes('list-type') ? new Response(body) : fetch(request)),
    })
    const paths = (await group.children()).map(({ path }) => path)
    assert.deepEqual(paths, ['a', NAMES[2]])
  })

  it('is no server that answers with a page', async (t) => {
    const server = await serving(t, hierarchy('/s'))
    server.script = (request, honest) =>
      request.url.includes('?') ? { status: 200, headers: {}, body: Buffer.from('<html>') } : honest
    const group = await open(`${server.origin}/s`, { kind: 'group' })
    assert.equal((await failure(group.children())).code, 'unsupported')
  })
})

describe('a bucket of moto', () => {
  let s3
  before(async () => {
    s3 = await serveS3()
    await s3.createBucket('listed')
    await s3.upload('listed', hierarchy('/some/group'))
  })
  after(() => s3?.stop())

  test('is listed by its URL and as s3:', async () => {
    const { headers } = s3
    const options = { kind: 'group', headers }
    const byUrl = await open(`${s3.origin}/listed/some/group`, options)
    assert.deepEqual(await byUrl.tree(), TREE)
    const byKey = await open('s3://listed/some/group', { ...options, endpoint: s3.origin })
    assert.deepEqual(await byKey.tree(), TREE)
  })
})
