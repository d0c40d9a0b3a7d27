// What Chromium asks servers of other origins for, to the last preflight.
import assert from 'node:assert/strict'
import path from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { inRoot } from '../../scripts/run.mjs'
import { arrayObjects, DOCUMENTS, range, shardedObjects } from '../node/arrays.mjs'
import { refused } from '../servers/faults.mjs'
import { objectsBelow } from '../servers/folder.mjs'
import { serveObjects } from '../servers/object_server.mjs'
import { openPage } from './page.mjs'

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' }

let site
before(async () => {
  site = await openPage()
})
after(() => site?.close())

const servers = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A server, and a page that has not heard of it. */
async function serving(objects, options) {
  const server = await serveObjects(objects, options)
  servers.push(server)
  return { server, page: await site.fresh() }
}

/** Reads from `start` to `stop` of an array in the page: `{ data }`, or `{ code, status, message }` of the error. */
const read = (page, origin, start, stop, options = {}) =>
  page.evaluate(
    async ({ origin, start, stop, options }) => {
      const { open, slice } = await import('zarr-wasm')
      try {
        const array = await open(origin, options)
        return { data: Array.from((await array.get([slice(start, stop)])).data) }
      } catch ({ code, status, message }) {
        return { code, status, message }
      }
    },
    { origin, start, stop, options },
  )

/** What opening asks for besides `/zarr.json`. */
const OTHERS = DOCUMENTS.any.filter((name) => name !== 'zarr.json').map((name) => `/${name}`)

test('the ranges that Chromium sends without asking are those with a first byte', async () => {
  const { server, page } = await serving(arrayObjects([8], [8]), { cors: 'plain' })
  const asking = (range) =>
    page.evaluate(
      async ({ url, range }) => (await fetch(url, { headers: { range }, cache: 'no-store' })).status,
      { url: `${server.origin}/c/0`, range },
    )
  for (const [range, preflights] of [
    ['bytes=0-3', {}],
    ['bytes=4-', {}],
    ['bytes=-4', { [`${site.origin} GET range`]: 1 }],
  ]) {
    server.forget()
    assert.equal(await asking(range), 206)
    assert.deepEqual(server.asked(), [`/c/0 ${range}`])
    assert.deepEqual(server.countedPreflights(), preflights)
  }
})

for (const protocol of ['http/1.1', 'h2']) {
  for (const cors of ['plain', 'exposed']) {
    test(`shards over ${protocol} with CORS ${cors} cost no preflight`, async () => {
      const { server, page } = await serving(shardedObjects(64, 32, 4), { protocol, cors })
      assert.deepEqual(await read(page, server.origin, 4, 8), { data: range(4, 8) })
      // 192 bytes, of which the last 128 are the shard index.
      assert.deepEqual(server.asked(), [
        ...OTHERS,
        '/c/0 bytes=64-191',
        '/c/0 bytes=8-15',
        '/zarr.json',
        'HEAD /c/0',
      ])
      assert.deepEqual(server.countedPreflights(), {})
      assert.ok(server.requests.every(({ version }) => version === (protocol === 'h2' ? '2.0' : '1.1')))
      assert.equal(server.inFlight, 0)
    })
  }
}

test('pages of the same origin ask for the end of a shard without knowing its length', async () => {
  const objects = new Map([
    ...shardedObjects(64, 32, 4),
    ...objectsBelow(inRoot('dist'), '/dist'),
    ...objectsBelow(inRoot('tests/browser'), '/page'),
  ])
  const { server, page } = await serving(objects, { protocol: 'h2' })
  server.script = ({ key }, honest) => {
    const type = TYPES[path.extname(key)]
    return type ? { ...honest, headers: { ...honest.headers, 'content-type': type } } : honest
  }
  await page.goto(`${server.origin}/page/golden.html`)
  await page.evaluate(() => import('zarr-wasm'))
  server.forget()
  assert.deepEqual(await read(page, server.origin, 4, 8), { data: range(4, 8) })
  const asked = server.asked().filter((what) => !what.startsWith('/dist/'))
  assert.deepEqual(asked, [...OTHERS, '/c/0 bytes=-128', '/c/0 bytes=8-15', '/zarr.json'])
  assert.deepEqual(server.countedPreflights(), {})
})

test('headers of the user cost one preflight for each object', async () => {
  const objects = arrayObjects([8], [2])
  const { server, page } = await serving(objects, { cors: 'exposed' })
  const options = { headers: { authorization: 'Bearer of news' } }
  assert.deepEqual(await read(page, server.origin, 0, 8, options), { data: range(0, 8) })
  const count = DOCUMENTS.any.length + 4
  assert.deepEqual(server.countedPreflights(), { [`${site.origin} GET authorization`]: count })
  assert.equal(server.requests.length, count)
  assert.ok(server.requests.every(({ headers }) => headers.authorization === 'Bearer of news'))
})

test('headers of the user cost one preflight for each shard, however often parts of it are read', async () => {
  const { server, page } = await serving(shardedObjects(640, 320, 4), { cors: 'exposed' })
  server.preflightAge = 600
  await page.evaluate(async (origin) => {
    const { open, slice } = await import('zarr-wasm')
    const array = await open(origin, { kind: 'array', headers: { authorization: 'Bearer of news' } })
    for (let start = 0; start < 640; start += 40) await array.get([slice(start, start + 4)])
  }, server.origin)
  // For each shard its length, its index, and eight parts.
  assert.equal(server.requests.length, DOCUMENTS.array.length + 2 * (1 + 1 + 8))
  const preflighted = server.preflights.map(({ key }) => key).sort()
  assert.deepEqual(preflighted, [...DOCUMENTS.array.map((name) => `/${name}`), '/c/0', '/c/1'].sort())
})

test('parts of a shard that are wanted at once do not wait for each other, and cost a preflight each but for one', async () => {
  const bytes = { name: 'bytes', configuration: { endian: 'little' } }
  const pad = (chunk) => Buffer.concat([chunk, Buffer.alloc(40_000)])
  // Far apart from each other, and cut short by a codec: so they are not requested together.
  const objects = shardedObjects(64, 64, 4, { codecs: [bytes, { name: 'padded' }], encode: pad })
  const { server, page } = await serving(objects, { cors: 'exposed', protocol: 'h2' })
  server.preflightAge = 600
  await page.evaluate(async (origin) => {
    const { open, registerCodec } = await import('zarr-wasm')
    registerCodec('padded', () => ({ kind: 'bytes-to-bytes', decode: (bytes) => bytes.slice(0, 8) }))
    const array = await open(origin, { kind: 'array', headers: { authorization: 'Bearer of news' } })
    globalThis.read = () => array.oindex.get([[0, 8, 16, 24]])
    await array.get([0])
  }, server.origin)
  server.forget()
  server.holds = () => true
  const reading = page.evaluate(async () => Array.from((await globalThis.read()).data))
  await server.until(() => server.inFlight === 4)
  server.release()
  assert.deepEqual(await reading, [0, 8, 16, 24])
  assert.equal(server.preflights.length, 3)
})

test('a server without CORS is a network error that tells where', async () => {
  const { server, page } = await serving(arrayObjects([8], [2]))
  const { code, status, message } = await read(page, server.origin, 0, 8, { retry: { attempts: 1 } })
  assert.deepEqual([code, status], ['store', undefined])
  assert.match(
    message,
    /TypeError: Failed to fetch \(the server does not answer, or does not let pages of this origin read \(CORS\)\)/,
  )
  assert.ok(message.includes(server.origin))
})

test('a status of another origin can be told from none', async () => {
  const { server, page } = await serving(arrayObjects([8], [2]), { cors: 'plain' })
  server.script = refused(403)
  const { code, status } = await read(page, server.origin, 0, 8)
  assert.deepEqual([code, status], ['store', 403])
})
