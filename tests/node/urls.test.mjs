// How keys become URLs, over real HTTP.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { open } from 'zarr-wasm'
import { arrayObjects, DOCUMENTS, FILL, groupDocument, json } from './arrays.mjs'
import { failure } from './failure.mjs'
import { it, serving } from './over_http.mjs'

describe('a URL', () => {
  it('keeps its query string on every request, and errors do not tell it', async (t) => {
    const objects = new Map([
      ...arrayObjects([4], [2], { name: '/s/a' }),
      ['/s/zarr.json', json(groupDocument())],
    ])
    objects.delete('/s/a/c/1')
    const server = await serving(t, objects)
    const query = '?X-Signature=a%2Fb+c&expires=9%20&a=/'
    const group = await open(`${server.origin}/s/${query}`, { kind: 'group' })
    const array = await group.open('a', { kind: 'array' })
    assert.deepEqual([...(await array.get()).data], [0, 1, FILL, FILL])
    assert.equal(server.requests.length, DOCUMENTS.group.length + DOCUMENTS.array.length + 2)
    for (const { url } of server.requests) assert.equal(url.slice(url.indexOf('?')), query)
    server.script = (_, honest) => ({ ...honest, status: 403 })
    const error = await failure(array.get([0]))
    assert.equal(error.url, `${server.origin}/s/a/c/0`)
    assert.ok(!error.message.includes('Signature'))
  })

  it('with a password in it is refused, and the password not repeated', async () => {
    const error = await failure(open('https://user:secret@data.example/a'))
    assert.equal(error.code, 'invalid-argument')
    assert.equal(error.message, 'the URL on data.example holds a user name or a password')
  })

  it('of a bucket that answers 403 for what it does not have opens if the user says so', async (t) => {
    const objects = arrayObjects([4], [2], { name: '/a' })
    objects.delete('/a/c/1')
    const server = await serving(t, objects)
    server.script = (_, honest) => (honest.status === 404 ? { ...honest, status: 403 } : honest)
    const url = `${server.origin}/a`
    const error = await failure((await open(url)).get())
    assert.match(error.message, /^c\/1: status 403, expected.*open the store with missing: \[403, 404\]/)
    assert.deepEqual([...(await (await open(url, { missing: [403, 404] })).get()).data], [0, 1, FILL, FILL])
  })

  it('may be a URL object, have a slash at its end, and a fragment', async (t) => {
    const server = await serving(t, arrayObjects([4], [2], { name: '/a' }))
    for (const url of [
      new URL('/a', server.origin),
      `${server.origin}/a/`,
      `${server.origin}/a#part`,
      `${server.origin}/a/?#part`,
    ]) {
      server.requests.length = 0
      assert.deepEqual([...(await (await open(url)).get()).data], [0, 1, 2, 3])
      assert.deepEqual(
        server.asked(),
        [...DOCUMENTS.any, 'c/0', 'c/1'].sort().map((name) => `/a/${name}`),
      )
      assert.ok(server.requests.every(({ url, key }) => url === key))
    }
  })

  for (const name of [
    'a b',
    'a#b',
    '100%',
    'a%41b',
    'a?b=c',
    'a:b',
    'a+b',
    'é',
    '文',
    'a&b;c=d@e',
    "(a)'!*",
  ]) {
    it(`reaches a node named ${name}`, async (t) => {
      const server = await serving(
        t,
        new Map([...arrayObjects([4], [2], { name: `/s/${name}` }), ['/s/zarr.json', json(groupDocument())]]),
      )
      const direct = await open(`${server.origin}/s/${encodeURIComponent(name)}`, { kind: 'array' })
      const group = await open(`${server.origin}/s`, { kind: 'group' })
      const below = await group.open(name, { kind: 'array' })
      assert.equal(below.path, `/${name}`)
      for (const array of [direct, below]) {
        server.requests.length = 0
        assert.deepEqual([...(await array.get()).data], [0, 1, 2, 3])
        assert.deepEqual(server.asked(), [`/s/${name}/c/0`, `/s/${name}/c/1`])
      }
      // Servers differ in what they make of other characters that stand in a path unescaped.
      for (const { url } of server.requests) assert.match(url, /^[\w\-.~%/]+$/)
    })
  }
})
