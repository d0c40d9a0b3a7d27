// Decoding in workers: the same results and errors as without, and nothing is left behind.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { afterEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import * as library from 'zarr-wasm'
import { serve } from '../../scripts/serve.mjs'
import { arrayDocument, compressedObjects, GZIP, json } from './arrays.mjs'
import { failure } from './failure.mjs'
import { groups, judgeAll } from './golden.mjs'

const { configure, open, slice } = library

/** How many messages workers were sent since the last look. */
const sent = (() => {
  let count = 0
  const { postMessage } = Worker.prototype
  Worker.prototype.postMessage = function (...args) {
    count += 'input' in args[0] ? 1 : 0
    return postMessage.apply(this, args)
  }
  return () => {
    const seen = count
    count = 0
    return seen
  }
})()

afterEach(() => configure({ workers: 'auto' }))

/** With these, Node does not let a program start workers. */
const PERMISSIONS = [
  process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission',
  '--allow-fs-read=*',
]

/** Chunks of 1 MiB that are all the same, as `encode` makes them. */
const sevens = (members, encode, count = 65) => {
  const chunk = encode(new Uint8Array(new Uint16Array(1 << 19).fill(7).buffer))
  const document = json(arrayDocument([count, 1 << 19], [1, 1 << 19], members))
  const chunks = Array.from({ length: count }, (_, at) => [`/c/${at}/0`, chunk])
  return new Map([['/zarr.json', document], ...chunks])
}

const opened = (objects) => open(objects, { kind: 'array' })

/** What the whole of an array of this shape holds. */
const counting = (shape) =>
  Uint16Array.from({ length: shape.reduce((product, extent) => product * extent, 1) }, (_, at) => at)

describe('workers', () => {
  const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url))

  test('read the golden cases', async (t) => {
    configure({ workers: 2 })
    const { cases } = JSON.parse(await readFile(`${fixtures}/manifest.json`, 'utf8'))
    const server = await serve({ folders: [['/', fixtures]] })
    t.after(() => server.close())
    sent()
    for (const [name, group] of groups(cases))
      assert.deepEqual(await judgeAll(library, server.origin, group), [], name)
    assert.ok(sent() > 500)
  })

  test('put chunks together, in whatever order they come', async () => {
    configure({ workers: 2 })
    const shape = [12, 10, 21]
    const objects = compressedObjects(shape, [5, 10, 4])
    let seed = 7
    const next = () => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31
      return seed / 2 ** 31
    }
    const store = {
      async get(key) {
        await new Promise((resolve) => setTimeout(resolve, 20 * next()))
        return objects.get(key)
      },
    }
    const array = await open(store, { kind: 'array' })
    const { data } = await array.get()
    assert.deepEqual(data, counting(shape))
    const part = await array.get([slice(10, 1, -3), 4, slice(1, 20, 2)])
    const expected = [10, 7, 4].flatMap((z) =>
      Array.from({ length: 10 }, (_, x) => (z * 10 + 4) * 21 + 1 + 2 * x),
    )
    assert.deepEqual([...part.data], expected)
  })

  test('are used for reads that are worth it, and not for others', async () => {
    const [small, large, raw] = await Promise.all([
      opened(compressedObjects([64], [16])),
      opened(sevens({ codecs: GZIP }, gzipSync)),
      opened(sevens({}, (bytes) => bytes)),
    ])
    const areSevens = async (array) => (await array.get()).data.every((value) => value === 7)
    sent()
    await small.get()
    assert.equal(sent(), 0)
    assert.ok(await areSevens(large))
    assert.ok(sent() > 0)
    assert.ok(await areSevens(raw))
    assert.equal(sent(), 0)
    configure({ workers: 0 })
    assert.ok(await areSevens(large))
    assert.equal(sent(), 0)
  })

  test('are as many as the work is worth', async (t) => {
    const { mock } = t.mock.method(Worker.prototype, 'postMessage')
    const workersOf = async (objects) => {
      configure({ workers: 'auto' })
      mock.resetCalls()
      assert.equal((await (await opened(objects)).get()).data.at(-1), 7)
      return new Set(mock.calls.map((call) => call.this)).size
    }
    // Of these, decoding 128 MiB is worth one.
    assert.equal(await workersOf(sevens({ codecs: GZIP }, gzipSync, 128)), 1)
    assert.equal(
      await workersOf(sevens({ codecs: GZIP }, gzipSync, 129)),
      Math.min(2, availableParallelism()),
    )
  })

  test('say which chunk is wrong, of all that they were given at once', async () => {
    configure({ workers: 1 })
    const objects = compressedObjects([8, 8], [8, 1])
    objects.set('/c/0/5', gzipSync(new Uint8Array(15)))
    const error = await failure((await opened(objects)).get())
    assert.equal(error.code, 'corrupt-chunk')
    assert.equal(error.key, 'c/0/5')
    assert.equal(error.codec, 'gzip')
    assert.match(error.message, /expected 16/)
  })

  test('write to shared memory themselves, and not after the read has ended', async () => {
    configure({ workers: 2 })
    const shape = [64, 256]
    const array = await opened(compressedObjects(shape, [4, 32]))
    const out = new Uint16Array(new SharedArrayBuffer(2 * 64 * 256))
    const { data } = await array.get(null, { out })
    assert.equal(data, out)
    assert.deepEqual(out.slice(), Uint16Array.from(counting(shape)))
    for (let round = 0; round < 30; round++) {
      out.fill(9)
      const controller = new AbortController()
      const read = array.get(null, { out, signal: controller.signal })
      setTimeout(() => controller.abort(), round / 10)
      await read.catch((reason) => assert.equal(reason, controller.signal.reason))
      const left = out.slice()
      await new Promise((resolve) => setTimeout(resolve, 5))
      assert.deepEqual(out.slice(), left)
    }
  })

  test('write nothing to shared memory when a read has ended for which they were to be started', async () => {
    const array = await opened(compressedObjects([64, 256], [4, 32]))
    const left = new Map()
    for (let ticks = 0; ticks < 40; ticks++) {
      // After this they are started anew.
      configure({ workers: 1 })
      const out = new Uint16Array(new SharedArrayBuffer(2 * 64 * 256))
      const controller = new AbortController()
      const read = failure(array.get(null, { out, signal: controller.signal }))
      for (let tick = 0; tick < ticks; tick++) await undefined
      controller.abort()
      assert.equal(await read, controller.signal.reason)
      left.set(out, out.slice())
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
    for (const [out, before] of left) assert.deepEqual(out.slice(), before)
  })

  test('give back what they decode as it is asked for: parts as they come, progress, an abort', async () => {
    configure({ workers: 2 })
    const array = await opened(compressedObjects([32, 32], [8, 8]))
    const seen = []
    await array.get(null, { onProgress: ({ chunks }) => seen.push(chunks) })
    assert.deepEqual(
      seen,
      Array.from({ length: 16 }, (_, at) => at + 1),
    )
    let count = 0
    for await (const { data, offset } of array.stream()) {
      assert.equal(data[0], offset[0] * 32 + offset[1])
      count += data.length
    }
    assert.equal(count, 1024)
    const controller = new AbortController()
    const read = array.get(null, { signal: controller.signal })
    controller.abort(new Error('enough'))
    assert.equal((await failure(read)).message, 'enough')
    assert.equal((await array.get([31, 31])).data[0], 1023)
  })

  test('may be configured anew while they are at work', async () => {
    const shape = [64, 16]
    const objects = compressedObjects(shape, [8, 16])
    let asked = 0
    const store = {
      async get(key) {
        if (key.startsWith('/c/') && ++asked % 2 === 0) configure({ workers: asked === 4 ? 2 : 1 })
        await new Promise((resolve) => setTimeout(resolve, 5 * asked))
        return objects.get(key)
      },
    }
    configure({ workers: 1 })
    const array = await open(store, { kind: 'array' })
    for (let round = 0; round < 3; round++) {
      const read = array.get()
      configure({ workers: 2 })
      assert.deepEqual((await read).data, counting(shape))
      asked = 0
    }
  })

  test('that end before their time have their work done without them, which is said once', async (t) => {
    configure({ workers: 2 })
    const warnings = []
    t.mock.method(console, 'warn', (message) => warnings.push(message))
    const ending = t.mock.method(Worker.prototype, 'postMessage', function () {
      setImmediate(() => this.emit('error', new Error('out of patience')))
    })
    const array = await opened(compressedObjects([32, 32], [8, 8]))
    assert.deepEqual((await array.get()).data, counting([32, 32]))
    assert.ok(ending.mock.callCount() > 0)
    assert.deepEqual((await array.get()).data, counting([32, 32]))
    assert.deepEqual(warnings, ['zarr-wasm decodes without workers: out of patience'])
  })

  test('that are ended by somebody else have their work done without them', async (t) => {
    configure({ workers: 2 })
    const warnings = []
    t.mock.method(console, 'warn', (message) => warnings.push(message))
    t.mock.method(Worker.prototype, 'postMessage', function () {
      this.terminate()
    })
    const array = await opened(compressedObjects([32, 32], [8, 8]))
    assert.deepEqual((await array.get()).data, counting([32, 32]))
    assert.deepEqual(warnings, ['zarr-wasm decodes without workers: a worker has ended'])
  })
})

describe('a program', () => {
  const program = (configuration) => `
    import { configure, open } from 'zarr-wasm'
    import { gzipSync } from 'node:zlib'
    configure(${configuration})
    const objects = new Map([
      ['/zarr.json', Buffer.from(JSON.stringify({
        zarr_format: 3, node_type: 'array', shape: [64], data_type: 'uint8', fill_value: 0,
        chunk_grid: { name: 'regular', configuration: { chunk_shape: [32] } },
        chunk_key_encoding: { name: 'default' },
        codecs: ${JSON.stringify(GZIP)},
      }))],
      ['/c/0', gzipSync(Buffer.alloc(32, 1))],
      ['/c/1', gzipSync(Buffer.alloc(32, 2))],
    ])
    const { data } = await (await open(objects)).get()
    console.log(data.reduce((sum, value) => sum + value))
  `
  const run = (configuration, ...options) =>
    promisify(execFile)(
      process.execPath,
      [...options, '--input-type=module', '--eval', program(configuration)],
      {
        cwd: fileURLToPath(new URL('../..', import.meta.url)),
        timeout: 20_000,
      },
    )

  test('ends when it is done, although there are workers', async () => {
    assert.deepEqual(await run('{ workers: 3 }'), { stdout: '96\n', stderr: '' })
  })

  test('that must not start workers reads without them', async () => {
    const { stdout, stderr } = await run('{ workers: 2 }', ...PERMISSIONS)
    assert.equal(stdout, '96\n')
    assert.match(stderr, /zarr-wasm decodes without workers: /)
  })
})
