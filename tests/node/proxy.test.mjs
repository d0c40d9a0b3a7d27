// Proxies that the environment names, for the whole process: so in one of its own.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { open } from 'zarr-wasm'
import { arrayObjects, range } from './arrays.mjs'
import { it, serving } from './over_http.mjs'

describe('a proxy of the environment', () => {
  it('is asked for all of a URL, unless its host is excepted', async (t) => {
    const objects = arrayObjects([40], [2])
    const named = [...objects].map(([key, bytes]) => [`http://data.example${key}`, bytes])
    const proxy = await serving(t, new Map(named))
    const server = await serving(t, objects)
    process.env.HTTP_PROXY = proxy.origin.replace('//', '//user:secret@')
    process.env.NO_PROXY = '127.0.0.1'
    const read = async (url) => [...(await (await open(url, { kind: 'array' })).get()).data]
    assert.deepEqual(await read(server.origin), range(0, 40))
    assert.deepEqual(proxy.requests, [])
    server.forget()
    assert.deepEqual(await read('http://data.example/'), range(0, 40))
    assert.deepEqual(server.requests, [])
    const { headers } = proxy.requests[0]
    assert.deepEqual(
      [headers.host, headers['proxy-authorization']],
      ['data.example', `Basic ${btoa('user:secret')}`],
    )
  })
})
