// Memory of bodies that were received is lent to others, but never while anybody has a use for it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { Worker } from 'node:worker_threads'
import { configure, open, slice } from 'zarr-wasm'
import { arrayObjects, compressedObjects, shardedObjects } from './arrays.mjs'
import { failure } from './failure.mjs'
import { AT_ONCE, it, opened, serving } from './over_http.mjs'
import { zipOf } from './zip_archive.mjs'

/** Elements of a chunk: bodies that are shorter than 64 KiB are not worth it. No two chunks are the same. */
const CHUNK = 100_004

/** Bytes that are made for such a body. */
const MADE = 256 << 10

const CHUNKS = 48

const counting = (count) => Uint16Array.from({ length: count }, (_, at) => at)

/** How many pieces of memory for bodies were made while `work` went on. */
async function made(t, work) {
  const Platform = globalThis.ArrayBuffer
  let count = 0
  globalThis.ArrayBuffer = new Proxy(Platform, {
    construct(target, args) {
      count += args[0] === MADE ? 1 : 0
      return Reflect.construct(target, args)
    },
  })
  t.after(() => {
    globalThis.ArrayBuffer = Platform
  })
  await work()
  return count
}

it('memory of bodies is used again, by the same read and by others', async (t) => {
  const { array } = await opened(t, arrayObjects([CHUNKS * CHUNK], [CHUNK]))
  configure({ concurrency: 2 })
  const count = await made(t, async () => {
    for (let round = 0; round < 3; round++)
      assert.deepEqual((await array.get()).data, counting(CHUNKS * CHUNK))
  })
  assert.ok(count > 0 && count <= 8, `${count} were made`)
})

/** Reads `other`, which counts as `array` does, while what has arrived for a stream of that has to wait. */
async function readWhileOthersWait(array, other = array) {
  const expected = counting(array.shape[0])
  const regions = array.stream(null, { concurrency: CHUNKS })
  const check = ({ value: { data, offset } }) =>
    assert.deepEqual(data, expected.subarray(offset[0], offset[0] + data.length))
  check(await regions.next())
  assert.deepEqual((await other.get()).data, expected)
  assert.deepEqual(
    (await other.get([slice(5, null, 3)])).data,
    counting(expected.length).filter((_, at) => at % 3 === 2 && at > 4),
  )
  let count = 1
  for await (const value of regions) {
    check({ value })
    count++
  }
  return count
}

it('bodies that wait to be decoded are not lent to others', async (t) => {
  const { array } = await opened(t, arrayObjects([CHUNKS * CHUNK], [CHUNK]))
  assert.equal(await readWhileOthersWait(array), CHUNKS)
})

it('inner chunks that come together share their body until the last one is decoded', async (t) => {
  const { array } = await opened(t, shardedObjects(16 * CHUNK, 8 * CHUNK, CHUNK / 4))
  assert.equal(await readWhileOthersWait(array), 64)
})

it('bodies that workers decode stay what they are, also when these end before their time', async (t) => {
  t.after(() => configure({ workers: 'auto' }))
  configure({ workers: 2 })
  const { array } = await opened(t, compressedObjects([CHUNKS * CHUNK], [CHUNK]))
  assert.equal(await readWhileOthersWait(array), CHUNKS)
  t.mock.method(console, 'warn', () => {})
  t.mock.method(Worker.prototype, 'postMessage', function () {
    setImmediate(() => this.emit('error', new Error('out of patience')))
  })
  assert.equal(await readWhileOthersWait(array), CHUNKS)
})

it('bytes of an archive stay what they are', async (t) => {
  const objects = arrayObjects([CHUNKS * CHUNK], [CHUNK])
  const archives = new Map([
    ['/one.zip', zipOf(objects)],
    ['/other.zip', zipOf(objects, { gap: 100 })],
  ])
  const { origin } = await serving(t, archives)
  const [array, other] = await Promise.all(
    Array.from(archives.keys(), (key) => open(origin + key, { kind: 'array', retry: AT_ONCE })),
  )
  assert.equal(await readWhileOthersWait(array, other), CHUNKS)
})

it('reads that share a body, and that are aborted, get nothing of other bodies', async (t) => {
  const { array } = await opened(t, arrayObjects([CHUNKS * CHUNK], [CHUNK]))
  const expected = counting(CHUNKS * CHUNK)
  configure({ concurrency: 4 })
  for (let round = 0; round < 6; round++) {
    const controller = new AbortController()
    const aborted = array.get(null, { signal: controller.signal }).catch(() => {})
    const parts = Array.from({ length: 6 }, async (_, at) => {
      const { data } = await array.get([slice(at * CHUNK + at, (at + 8) * CHUNK)])
      assert.deepEqual(data, expected.subarray(at * CHUNK + at, (at + 8) * CHUNK))
    })
    setTimeout(() => controller.abort(), round)
    await Promise.all([aborted, ...parts])
  }
})

it('errors do not show what was received', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('this is a secret, and no HTTP'))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const location = `http://127.0.0.1:${server.address().port}`
  const error = await failure(open(location, { kind: 'array', retry: { attempts: 1 } }))
  assert.equal(error.code, 'store')
  assert.match(error.cause.message, /Parse Error/)
  assert.doesNotMatch(inspect(error, { depth: null }), /secret|rawPacket/)
})
