// What the tests over HTTP have in common: a server for each, a limit for what waits for ever, and nothing left behind.
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { setImmediate as nextTask } from 'node:timers/promises'
import { configure, open } from 'zarr-wasm'
import { serveObjects } from '../servers/object_server.mjs'

/** Tests do not wait for a server to recover. */
export const AT_ONCE = { minDelay: 0, maxDelay: 0 }

/** Nothing takes longer unless something waits for ever. */
const LIMIT = { timeout: 10_000 }

export const it = (name, work, limit = LIMIT) => test(name, limit, work)

const stray = []
process.on('unhandledRejection', (reason) => stray.push(reason))

afterEach(async () => {
  configure({ concurrency: 'auto', maxBytesInFlight: 64 << 20 })
  await nextTask()
  assert.deepEqual(stray.splice(0), [])
})

/** A server of its own for a test. */
export async function serving(t, objects) {
  const server = await serveObjects(objects)
  t.after(() => server.close())
  return server
}

/** An opened array, and the server that has it and has forgotten the opening. */
export async function opened(t, objects, path = '') {
  const server = await serving(t, objects)
  const array = await open(`${server.origin}${path}`, { kind: 'array', retry: AT_ONCE })
  server.requests.length = 0
  server.maxInFlight = 0
  return { server, array }
}

export const isChunk = ({ key }) => key.includes('/c/')
