// Bodies that are long enough for Chromium to put them where they stay.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, afterEach, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { arrayDocument, json } from '../node/arrays.mjs'
import { answered, only, stalled, truncated } from '../servers/faults.mjs'
import { serveObjects } from '../servers/object_server.mjs'
import { answerOf } from '../servers/replies.mjs'
import { openPage } from './page.mjs'

const ELEMENTS = 1 << 21

/** Random, but every second byte is 0: by gzip it has some 0.63 of its length, and still more than 1 MiB. */
const CHUNK = randomBytes(2 * ELEMENTS).map((byte, at) => (at % 2 ? 0 : byte))
const DIGEST = createHash('sha256').update(CHUNK).digest('hex')

let site
before(async () => {
  site = await openPage()
})
after(() => site?.close())

let server
afterEach(() => server?.close())

/**
 * What a page has of the chunk: `{ length, digest }`, or `{ code, message }`, and how many bodies were read into memory that
 * was there for them. The server answers by `script` when it is asked for the chunk; `stream` is of what the body of a `fetch`
 * of the user's is a stream.
 */
async function read({ script = answered, stream, protocol = 'http/1.1' } = {}) {
  const objects = new Map([
    ['/zarr.json', json(arrayDocument([ELEMENTS], [ELEMENTS]))],
    ['/c/0', CHUNK],
  ])
  server = await serveObjects(objects, { cors: 'plain', protocol })
  server.script = only(({ key }) => key === '/c/0', script)
  const page = await site.fresh()
  const found = page.evaluate(
    async ({ origin, stream }) => {
      const { open } = await import('zarr-wasm')
      const { sha256 } = await import('/tests/node/golden.mjs')
      const { getReader } = ReadableStream.prototype
      let filled = 0
      ReadableStream.prototype.getReader = function (...how) {
        if (how[0]?.mode === 'byob') filled++
        return getReader.apply(this, how)
      }
      const streams = {
        // Streams that scripts make are of any values, not of bytes.
        values: (body) => body.pipeThrough(new TransformStream()),
        // Or of bytes, but they need not answer the read that finds their end.
        bytes(body) {
          const reader = body.getReader()
          const pull = async (controller) => {
            const { done, value } = await reader.read()
            if (done) controller.close()
            else controller.enqueue(value)
          }
          return new ReadableStream({ type: 'bytes', pull })
        },
      }
      const own = async (request) => {
        const { status, headers, body } = await fetch(request)
        return new Response(streams[stream](body), { status, headers })
      }
      const controller = new AbortController()
      globalThis.stop = () => controller.abort(new Error('enough'))
      try {
        const array = await open(origin, { kind: 'array', retry: { attempts: 1 }, fetch: stream && own })
        const { data } = await array.get(null, { signal: controller.signal })
        return { length: data.length, digest: await sha256(data), filled }
      } catch ({ code, message }) {
        return { code, message, filled }
      }
    },
    { origin: server.origin, stream },
  )
  return { page, found }
}

const CORRECT = { length: ELEMENTS, digest: DIGEST }

test('the body of an object is the object', async () => {
  const { found } = await read()
  assert.deepEqual(await found, { ...CORRECT, filled: 1 })
})

test('a body is longer than its header says, where the page cannot see that it was encoded', async () => {
  const encoded = gzipSync(CHUNK)
  assert.ok(encoded.length > 1 << 20 && encoded.length < CHUNK.length / 1.5, `${encoded.length}`)
  const { found } = await read({ script: () => answerOf(200, { 'content-encoding': 'gzip' }, encoded) })
  assert.deepEqual(await found, { ...CORRECT, filled: 1 })
})

for (const stream of ['values', 'bytes']) {
  test(`the body of a user's fetch may be a stream of ${stream}`, async () => {
    const { found } = await read({ stream })
    assert.deepEqual(await found, { ...CORRECT, filled: 0 })
  })
}

test('a body that ends early is an error', async () => {
  const { found } = await read({ script: truncated })
  const { code, message, filled } = await found
  assert.deepEqual([code, filled], ['store', 1])
  assert.match(message, /c\/0/)
})

test('no memory is made for a length that is only said', async () => {
  const { found } = await read({
    script: () => ({
      ...answerOf(200, { 'content-length': (64 << 20) + 1 }, CHUNK),
      cutAfter: CHUNK.length,
    }),
  })
  const { code, filled } = await found
  assert.deepEqual([code, filled], ['store', 0])
})

test('a body that is not wanted any more is given up', async () => {
  // Of a connection of HTTP/1.1 Chromium waits some seconds whether the rest is short.
  const { page, found } = await read({ script: stalled, protocol: 'h2' })
  await server.until(() => server.bytesSent > CHUNK.length / 4)
  await page.evaluate(() => globalThis.stop())
  assert.equal((await found).message, 'enough')
  await server.until(() => server.aborted === 1)
})
