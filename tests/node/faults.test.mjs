// Thousands of reads from a server that fails at random, and as many that are aborted at random moments, over real HTTP.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { setImmediate as nextTask } from 'node:timers/promises'
import { open, slice, stats, ZarrError } from 'zarr-wasm'
import { arrayObjects, range, shardedObjects } from './arrays.mjs'
import { AT_ONCE, it, serving } from './over_http.mjs'

const READS = 2000

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function random(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A tenth of the replies are 503, a fiftieth are connections that are reset, another bodies that are cut off. */
function unreliable(chance) {
  return (_, honest) => {
    const number = chance()
    if (number < 0.1) return { ...honest, status: 503 }
    if (number < 0.12) return { ...honest, drop: true }
    return number < 0.14 ? { ...honest, cutAfter: Math.floor(chance() * honest.body.length) } : honest
  }
}

async function arrays(t, chance) {
  const objects = new Map([
    ...arrayObjects([64], [2], { name: '/plain' }),
    ...[...shardedObjects(64, 32, 4)].map(([key, bytes]) => [`/sharded${key}`, bytes]),
  ])
  const server = await serving(t, objects)
  const urls = ['plain', 'sharded'].map((name) => `${server.origin}/${name}`)
  const opened = await Promise.all(urls.map((url) => open(url, { kind: 'array', retry: AT_ONCE })))
  const one = () => {
    const start = Math.floor(chance() * 64)
    const stop = start + 1 + Math.floor(chance() * Math.min(12, 64 - start))
    return { array: opened[chance() < 0.5 ? 0 : 1], start, stop }
  }
  return { server, one }
}

const LONG = { timeout: 120_000 }

describe('reads from a server that fails at random', () => {
  it(
    'are right, or errors that say so',
    async (t) => {
      const chance = random(1)
      const { server, one } = await arrays(t, chance)
      server.script = unreliable(chance)
      let failed = 0
      for (let n = 0; n < READS; n++) {
        const { array, start, stop } = one()
        try {
          assert.deepEqual([...(await array.get([slice(start, stop)])).data], range(start, stop))
        } catch (error) {
          if (!(error instanceof ZarrError)) throw error
          assert.equal(error.code, 'store')
          assert.match(error.message, /after 5 attempts: /)
          failed += 1
        }
        assert.equal(stats().inFlight, 0)
        assert.equal(stats().bytesInFlight, 0)
      }
      // Five failures in a row are rare, but there are some.
      assert.ok(failed < READS / 100, `${failed} of ${READS}`)
    },
    LONG,
  )

  it(
    'end at any moment',
    async (t) => {
      const chance = random(2)
      const { server, one } = await arrays(t, chance)
      server.script = unreliable(chance)
      let aborted = 0
      for (let n = 0; n < READS; n++) {
        const { array, start, stop } = one()
        const controller = new AbortController()
        const read = array.get([slice(start, stop)], { signal: controller.signal }).then(
          ({ data }) => assert.deepEqual([...data], range(start, stop)),
          (error) => {
            if (error === 'enough') aborted += 1
            else assert.equal(error.code, 'store')
          },
        )
        for (let wait = Math.floor(chance() * 12); wait > 0; wait--) await nextTask()
        controller.abort('enough')
        await read
        assert.equal(stats().inFlight, 0)
        assert.equal(stats().bytesInFlight, 0)
      }
      assert.ok(aborted > READS / 4, `${aborted} of ${READS}`)
    },
    LONG,
  )
})
