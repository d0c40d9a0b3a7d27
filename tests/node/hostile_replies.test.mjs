// Replies that no good server sends: each is an error, in the end, and never something that is waited for in vain.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { gzipSync } from 'node:zlib'
import { open, stats } from 'zarr-wasm'
import { redirected } from '../servers/faults.mjs'
import { answerOf } from '../servers/replies.mjs'
import { arrayDocument, arrayObjects, json, range } from './arrays.mjs'
import { failure } from './failure.mjs'
import { AT_ONCE, it, opened, serving } from './over_http.mjs'

async function failed(array) {
  const error = await failure(array.get([0]))
  assert.equal(error.code, 'store')
  assert.equal(stats().inFlight, 0)
  return error.message
}

describe('a redirect', () => {
  for (const location of [
    'http://[',
    'http://',
    '//',
    'http://127.0.0.1:99999/',
    'data:,x',
    'ftp://host/x',
  ]) {
    it(`to ${location} is an error`, async (t) => {
      const { server, array } = await opened(t, arrayObjects([4], [2]))
      server.script = () => answerOf(302, { location })
      assert.match(
        await failed(array),
        /after 5 attempts: request failed: .*(Invalid URL|Protocol "(data|ftp):" not supported)/,
      )
    })
  }

  it('without end is an error', async (t) => {
    const { server, array } = await opened(t, arrayObjects([4], [2]))
    server.script = redirected(server.origin)
    assert.match(await failed(array), /status 302, expected/)
    assert.equal(server.requests.length, 11)
  })

  it('to another origin gets no credentials, and its own name', async (t) => {
    const target = await serving(t, arrayObjects([4], [2]))
    const server = await serving(t, new Map())
    server.script = redirected(target.origin)
    const headers = {
      authorization: 'a',
      cookie: 'b',
      'proxy-authorization': 'c',
      host: 'name.example',
      'x-other': 'd',
    }
    await open(server.origin, { kind: 'array', headers })
    const seen = ({ requests }) => Object.keys(headers).map((name) => requests[0].headers[name])
    assert.deepEqual(seen(server), Object.values(headers))
    assert.deepEqual(seen(target), [undefined, undefined, undefined, target.origin.slice(7), 'd'])
  })
})

describe('a content encoding', () => {
  for (const encoding of ['constructor', '__proto__', 'compress', 'gzip, br']) {
    it(`${encoding} is an error`, async (t) => {
      const { server, array } = await opened(t, arrayObjects([4], [2]))
      server.script = (_, { body }) => answerOf(200, { 'content-encoding': encoding }, body)
      assert.match(await failed(array), new RegExp(`the content encoding ${encoding} is not known`))
    })
  }

  it('may be written in any case', async (t) => {
    const { server, array } = await opened(t, arrayObjects([4], [2]))
    server.script = (_, { body }) => answerOf(200, { 'content-encoding': 'GZip' }, gzipSync(body))
    assert.deepEqual([...(await array.get()).data], range(0, 4))
  })

  it('is undone also of the largest chunks', async (t) => {
    const huge = arrayDocument([2 ** 30], [2 ** 29])
    const server = await serving(
      t,
      new Map([
        ['/zarr.json', json(huge)],
        ['/c/0', new Uint8Array(4)],
      ]),
    )
    const array = await open(server.origin, { kind: 'array', retry: AT_ONCE })
    server.script = (_, { body }) => answerOf(200, { 'content-encoding': 'gzip' }, gzipSync(body))
    assert.equal((await failure(array.get([0]))).code, 'corrupt-chunk')
  })
})
