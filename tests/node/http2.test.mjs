// Servers that have HTTP/2, over TLS, in Node.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as library from 'zarr-wasm'
import { fixtures, someGroups, someObjects } from '../servers/golden_data.mjs'
import { serveByNginx } from '../servers/nginx.mjs'
import { serveObjects } from '../servers/object_server.mjs'
import { judgeAll } from './golden.mjs'
import './over_http.mjs'

// The servers sign their certificates themselves. Node says once what that means.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'

const shards = someGroups.filter(([name]) => name === 'v3/shard').flatMap(([, group]) => group)

test('our own server is read from over HTTP/2', async (t) => {
  const server = await serveObjects(someObjects(), { protocol: 'h2' })
  t.after(() => server.close())
  assert.deepEqual(await judgeAll(library, server.origin, shards), [])
  assert.deepEqual([...new Set(server.requests.map(({ version }) => version))], ['2.0'])
  assert.equal(server.inFlight, 0)
})

test('nginx is read from over HTTP/2', async (t) => {
  const nginx = await serveByNginx(fixtures)
  t.after(() => nginx.stop())
  assert.deepEqual(await judgeAll(library, nginx.secureOrigin, shards), [])
  const requests = await nginx.stop()
  assert.deepEqual([...new Set(requests.map(({ version }) => version))], ['HTTP/2.0'])
})
