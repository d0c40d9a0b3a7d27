// Golden arrays in Chromium from servers of other origins: over HTTP/2 and HTTP/1.1, and from moto, which speaks S3.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fixtures, someGroups, someObjects } from '../servers/golden_data.mjs'
import { serveByNginx } from '../servers/nginx.mjs'
import { serveObjects } from '../servers/object_server.mjs'
import { serveS3 } from '../servers/s3.mjs'
import { openPage } from './page.mjs'

let opened
before(async () => {
  opened = await openPage()
})
after(() => opened?.close())

/** What the page finds wrong with the arrays below a URL. */
const judged = (base, groups = someGroups) =>
  opened.page.evaluate(
    async ({ base, groups }) => {
      const library = await import('zarr-wasm')
      const { judgeAll } = await import('/tests/node/golden.mjs')
      const wrong = []
      for (const [, group] of groups) wrong.push(...(await judgeAll(library, base, group)))
      return wrong
    },
    { base, groups },
  )

const shards = someGroups.filter(([name]) => name === 'v3/shard')

for (const [name, groups, exposed] of [
  ['with its headers exposed', someGroups, undefined],
  ['without exposed headers', shards, []],
]) {
  test(`nginx over HTTP/2 and HTTP/1.1, ${name}`, async () => {
    const nginx = await serveByNginx(fixtures, { exposed })
    try {
      assert.deepEqual(await judged(nginx.secureOrigin, groups), [])
      assert.deepEqual(await judged(nginx.origin, groups), [])
    } finally {
      const requests = await nginx.stop()
      assert.ok(requests.every(({ method }) => method !== 'OPTIONS'))
      const [over2, over1] = ['HTTP/2.0', 'HTTP/1.1'].map((wanted) => {
        const asked = requests
          .filter(({ version, method }) => version === wanted && method === 'GET')
          .map(({ path, range }) => `${path} ${range}`)
        // How often, and what without a body, is up to Chromium's cache, which does not keep what came by our certificates.
        return [...new Set(asked)].sort()
      })
      assert.ok(over2.length > 100)
      assert.deepEqual(over2, over1)
    }
  })
}

test('our own server over HTTP/2', async () => {
  const server = await serveObjects(someObjects(), { protocol: 'h2', cors: 'exposed' })
  try {
    assert.deepEqual(await judged(server.origin), [])
    assert.ok(server.requests.length > 100)
    assert.ok(server.requests.every(({ version }) => version === '2.0'))
    assert.deepEqual([server.inFlight, server.aborted], [0, 0])
    assert.deepEqual(server.countedPreflights(), {})
  } finally {
    server.close()
  }
})

test('moto', async () => {
  const s3 = await serveS3()
  try {
    await s3.createBucket('golden')
    await s3.upload('golden', someObjects())
    assert.deepEqual(await judged(`${s3.origin}/golden`), [])
  } finally {
    await s3.stop()
  }
})
