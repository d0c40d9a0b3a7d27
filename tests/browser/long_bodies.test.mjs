// Bodies that are long enough for Chromium to put them where they stay.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, afterEach, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { arrayDocument, json } from '../node/arrays.mjs'
import { answered, truncated } from '../servers/faults.mjs'
import { serveObjects } from '../servers/object_server.mjs'
import { answerOf } from '../servers/replies.mjs'
import { openPage } from './page.mjs'

const ELEMENTS = 1 << 21

/** Random, but every second byte is 0: as many bytes are less than half as long by gzip, and more than 1 MiB. */
const CHUNK = randomBytes(2 * ELEMENTS).map((byte, at) => (at % 2 ? 0 : byte))
const DIGEST = createHash('sha256').update(CHUNK).digest('hex')

let site
before(async () => {
  site = await openPage()
})
after(() => site?.close())

let server
afterEach(() => server?.close())

/** What a page has of the chunk: `{ length, digest }`, or `{ code, message }`; `how` is which `fetch` it uses. */
async function read(script, how = 'its own') {
  const objects = new Map([
    ['/zarr.json', json(arrayDocument([ELEMENTS], [ELEMENTS]))],
    ['/c/0', CHUNK],
  ])
  server = await serveObjects(objects, { cors: 'plain' })
  if (script)
    server.script = (request, ...rest) => (request.key === '/c/0' ? script : answered)(request, ...rest)
  return site.page.evaluate(
    async ({ origin, how }) => {
      const { open } = await import('zarr-wasm')
      const inPieces = async (request) => {
        const { status, headers, body } = await fetch(request)
        // Streams that scripts make are of any values, not of bytes.
        return new Response(body.pipeThrough(new TransformStream()), { status, headers })
      }
      const options = how === 'in pieces' ? { fetch: inPieces } : {}
      try {
        const array = await open(origin, { kind: 'array', retry: { attempts: 1 }, ...options })
        const { data } = await array.get()
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data))
        return {
          length: data.length,
          digest: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''),
        }
      } catch ({ code, message }) {
        return { code, message }
      }
    },
    { origin: server.origin, how },
  )
}

test('the body of an object is the object', async () => {
  assert.deepEqual(await read(), { length: ELEMENTS, digest: DIGEST })
})

test('a body is longer than its header says, where the page cannot see that it was encoded', async () => {
  const encoded = gzipSync(CHUNK)
  assert.ok(encoded.length > 1 << 20 && encoded.length < CHUNK.length / 1.5, `${encoded.length}`)
  const found = await read(() => answerOf(200, { 'content-encoding': 'gzip' }, encoded))
  assert.deepEqual(found, { length: ELEMENTS, digest: DIGEST })
})

test("the body of a user's fetch may come in pieces", async () => {
  assert.deepEqual(await read(undefined, 'in pieces'), { length: ELEMENTS, digest: DIGEST })
})

test('a body that ends early is an error', async () => {
  const { code, message } = await read(truncated)
  assert.equal(code, 'store')
  assert.match(message, /c\/0/)
})
