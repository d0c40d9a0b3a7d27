// What is done about failures that pass, and how requests can be changed, over real HTTP.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { configure, open, slice, stats } from 'zarr-wasm'
import { arrayObjects, range, shardedObjects } from './arrays.mjs'
import { fails, failure } from './failure.mjs'
import { AT_ONCE, it, opened, serving } from './over_http.mjs'

/** A script that does this to the first replies for each object and range. */
function failing(times, change) {
  const seen = new Map()
  return ({ key, range }, honest) => {
    const name = `${key} ${range}`
    seen.set(name, (seen.get(name) ?? 0) + 1)
    return seen.get(name) <= times ? change(honest) : honest
  }
}

const passing = {
  'a status 503': (honest) => ({ ...honest, status: 503 }),
  'a status 429 that says when': (honest) => ({
    ...honest,
    status: 429,
    headers: { ...honest.headers, 'retry-after': '0' },
  }),
  'a connection that is dropped': (honest) => ({ ...honest, drop: true }),
  'a body that is cut off': (honest) => ({ ...honest, cutAfter: 3 }),
}

it('what is there in place of what must be there is said with where', async (t) => {
  const server = await serving(t, arrayObjects([8], [2]))
  for (const [options, difference] of [
    [{ kind: 'group' }, 'found an array, expected group'],
    [{ dtype: 'int8' }, 'the data type is uint16, expected int8'],
  ]) {
    const error = await failure(open(`${server.origin}?key=secret`, options))
    assert.deepEqual([error.code, error.path, error.url], ['not-found', '/', `${server.origin}/`])
    assert.equal(error.message, `/: ${difference} (${server.origin}/)`)
  }
})

describe('a failure that passes', () => {
  for (const [what, change] of Object.entries(passing)) {
    it(`is not noticed: ${what}`, async (t) => {
      const { server, array } = await opened(t, arrayObjects([8], [2]))
      server.script = failing(2, change)
      assert.deepEqual([...(await array.get()).data], range(0, 8))
      assert.equal(server.requests.length, 12)
      assert.equal(stats().inFlight, 0)
    })

    it(`is counted: ${what}`, async (t) => {
      const { server, array } = await opened(t, arrayObjects([8], [2]))
      server.script = failing(2, change)
      const before = stats().retries
      for (const at of range(0, 8)) assert.deepEqual([...(await array.get([at])).data], [at])
      assert.equal(server.requests.length, 16)
      // What had no answer over a connection that had been kept is sent again by whoever kept it: here each chunk, once.
      assert.equal(stats().retries - before, what === 'a connection that is dropped' ? 4 : 8)
    })

    it(`is one of ranges, too: ${what}`, async (t) => {
      const { server, array } = await opened(t, shardedObjects(64, 32, 4))
      server.script = failing(1, change)
      assert.deepEqual([...(await array.get([slice(4, 8)])).data], range(4, 8))
      assert.deepEqual(server.asked(), [
        '/c/0 bytes=-128',
        '/c/0 bytes=-128',
        '/c/0 bytes=8-15',
        '/c/0 bytes=8-15',
      ])
    })
  }

  it('is an error after so many attempts', async (t) => {
    const server = await serving(t, arrayObjects([8], [2]))
    const array = await open(server.origin, { kind: 'array', retry: { ...AT_ONCE, attempts: 3 } })
    server.requests.length = 0
    server.script = failing(9, passing['a status 503'])
    const error = await failure(array.get([0]))
    assert.match(error.message, /^c\/0: after 3 attempts: status 503, expected/)
    assert.equal(server.requests.length, 3)
  })

  it('of a server that asks for a long pause is an error at once', async (t) => {
    const { server, array } = await opened(t, arrayObjects([8], [2]))
    server.script = (_, honest) => ({ ...honest, status: 503, headers: { 'retry-after': '3600' } })
    assert.equal((await failure(array.get([0]))).status, 503)
    assert.equal(server.requests.length, 1)
  })

  it('ends with an abort while it waits', async (t) => {
    const server = await serving(t, arrayObjects([8], [2]))
    const array = await open(server.origin, { kind: 'array', retry: { minDelay: 60_000, maxDelay: 60_000 } })
    server.script = (_, honest) => ({ ...honest, status: 503 })
    const controller = new AbortController()
    const before = server.requests.length
    const read = failure(array.get([0], { signal: controller.signal }))
    await server.until(() => server.requests.length === before + 1)
    await server.roundTrip()
    controller.abort('enough')
    assert.equal(await read, 'enough')
  })

  it('retry is checked', async () => {
    const wrong = [
      [{ attempts: 0 }, 'retry: attempts is 0, expected an integer from 1 to 100'],
      [{ minDelay: -1 }, 'retry: minDelay is -1, expected milliseconds'],
      [{ maxDelay: 2 ** 31 }, 'retry: maxDelay is 2147483648, expected milliseconds'],
      [{ maxDelay: '9' }, 'retry: maxDelay is "9", expected milliseconds'],
      [{ often: 1 }, 'retry: there is no option often'],
    ]
    for (const [retry, message] of wrong) {
      await fails(open('http://127.0.0.1:1', { retry }), message, { code: 'invalid-argument' })
    }
  })
})

describe('bytes that were damaged on their way', () => {
  const CODECS = [{ name: 'bytes', configuration: { endian: 'little' } }]

  it('are asked for again, once', async (t) => {
    const { server, array } = await opened(t, arrayObjects([8], [2], { codecs: CODECS }))
    server.script = failing(1, (honest) => ({ ...honest, headers: {}, body: honest.body.subarray(1) }))
    assert.deepEqual([...(await array.get([slice(0, 4)])).data], range(0, 4))
    assert.deepEqual(server.asked(), ['/c/0', '/c/0', '/c/1', '/c/1'])
  })

  it('are an error if they stay so', async (t) => {
    const { server, array } = await opened(t, arrayObjects([8], [2], { codecs: CODECS }))
    server.script = (_, honest) => ({ ...honest, headers: {}, body: honest.body.subarray(1) })
    const error = await failure(array.get([0]))
    assert.deepEqual([error.code, error.key, error.url], ['corrupt-chunk', 'c/0', `${server.origin}/c/0`])
    assert.ok(error.message.startsWith('c/0: ') && error.message.endsWith(` (${server.origin}/c/0)`))
    assert.equal(server.requests.length, 2)
  })

  it('are asked for again also where nothing else may be', async (t) => {
    const { server, array } = await opened(t, arrayObjects([400], [2], { codecs: CODECS }))
    server.script = (_, honest) => ({ ...honest, headers: {}, body: honest.body.subarray(1) })
    const read = async (reading) => assert.equal((await failure(reading)).code, 'corrupt-chunk')
    await read(array.get(null, { concurrency: 1 }))
    await read(array.stream().next())
    configure({ maxBytesInFlight: 1 })
    await read(array.get())
    assert.equal(stats().bytesInFlight, 0)
  })

  it('may be those of a shard index, which is asked for again as well', async (t) => {
    const { server, array } = await opened(t, shardedObjects(64, 32, 4))
    server.script = ({ range }, honest) => {
      if (range !== 'bytes=-128' || server.requests.length > 1) return honest
      const index = honest.body.slice()
      // The second half of entry 1 is its length, in bytes.
      new DataView(index.buffer, index.byteOffset).setBigUint64(24, 7n, true)
      return { ...honest, body: index }
    }
    assert.deepEqual([...(await array.get([slice(4, 8)])).data], range(4, 8))
    assert.deepEqual(
      server.requests.map(({ range }) => range),
      ['bytes=-128', 'bytes=8-14', 'bytes=-128', 'bytes=8-15'],
    )
    assert.deepEqual([...(await array.get([slice(4, 8)])).data], range(4, 8))
    assert.equal(server.requests.length, 5)
  })
})

describe('a shard index', () => {
  it('that cannot be true is asked for again, once', async (t) => {
    const objects = shardedObjects(64, 32, 4)
    const { server, array } = await opened(t, objects)
    let damages = 1
    server.script = ({ range }, honest) => {
      if (range !== 'bytes=-128' || damages-- <= 0) return honest
      return { ...honest, body: new Uint8Array(128).fill(1) }
    }
    assert.deepEqual([...(await array.get([slice(4, 8)])).data], range(4, 8))
    const asked = () => server.requests.splice(0).map(({ key, range }) => `${key} ${range ?? ''}`.trim())
    assert.deepEqual(asked(), ['/c/0 bytes=-128', '/c/0 bytes=-128', '/c/0 bytes=8-15'])
    damages = 9
    const error = await failure(array.get([slice(36, 40)]))
    assert.deepEqual([error.code, error.key, error.url], ['corrupt-chunk', 'c/1', `${server.origin}/c/1`])
    assert.deepEqual(asked(), ['/c/1 bytes=-128', '/c/1 bytes=-128'])
  })

  it('that comes with all of its shard is asked for again, too', async (t) => {
    const { server, array } = await opened(t, shardedObjects(64, 32, 4))
    server.script = ({ attempt }, honest) =>
      attempt > 1 ? honest : { ...honest, body: new Uint8Array(honest.body.length).fill(1) }
    assert.deepEqual([...(await array.get([slice(0, 32)])).data], range(0, 32))
    assert.deepEqual(server.asked(), ['/c/0', '/c/0'])
  })

  it('is forgotten when the shard has become another', async (t) => {
    const objects = shardedObjects(64, 32, 4)
    const { array } = await opened(t, objects)
    assert.deepEqual([...(await array.get([slice(4, 8)])).data], range(4, 8))
    objects.set('/c/0', shardedObjects(64, 32, 4, { missing: [0, 1, 2, 3, 4, 5, 6] }).get('/c/0'))
    assert.match(
      (await failure(array.get([slice(28, 32)]))).message,
      /^c\/0: inner chunk \[7\]: the shard has 136 bytes, it had 192 when its index was read/,
    )
    assert.deepEqual([...(await array.get([slice(28, 32)])).data], range(28, 32))
  })
})

describe('requests', () => {
  it('have headers, fixed ones or those of a function that is asked each time', async (t) => {
    const server = await serving(t, arrayObjects([4], [2]))
    const seen = []
    server.script = ({ headers }, honest) => {
      seen.push(headers.authorization)
      return honest
    }
    await (await open(server.origin, { kind: 'array', headers: { authorization: 'fixed' } })).get()
    assert.deepEqual([...new Set(seen)], ['fixed'])
    seen.length = 0
    let count = 0
    const headers = async () => [['Authorization', `token ${++count}`]]
    await (await open(server.origin, { kind: 'array', headers })).get()
    assert.deepEqual(
      seen.sort(),
      range(1, 6).map((n) => `token ${n}`),
    )
  })

  it('may be sent by a fetch of the user', async (t) => {
    const server = await serving(t, shardedObjects(64, 32, 4))
    const urls = []
    const own = (request) => {
      urls.push([request.url.slice(server.origin.length), request.headers.get('range')])
      return fetch(request)
    }
    const array = await open(server.origin, { kind: 'array', fetch: own })
    urls.length = 0
    assert.deepEqual([...(await array.get([5])).data], [5])
    assert.deepEqual(urls, [
      ['/c/0', 'bytes=-128'],
      ['/c/0', 'bytes=8-15'],
    ])
  })

  it('to buckets go to where these are', async () => {
    const elsewhere = { endpoint: 'https://host/s3/' }
    const forms = [
      ['s3://bucket/a b/c', {}, 'https://bucket.s3.amazonaws.com/a%20b/c/zarr.json'],
      ['s3://buck.et/a', {}, 'https://s3.amazonaws.com/buck.et/a/zarr.json'],
      ['s3://Bucket/a', {}, 'https://s3.amazonaws.com/Bucket/a/zarr.json'],
      ['s3://my_bucket/a+b', {}, 'https://my_bucket.s3.amazonaws.com/a%2Bb/zarr.json'],
      ['s3://bucket/a', elsewhere, 'https://host/s3/bucket/a/zarr.json'],
      ['gs://bucket/a/?key=1+1', {}, 'https://storage.googleapis.com/bucket/a/zarr.json?key=1+1'],
    ]
    for (const [location, options, expected] of forms) {
      const urls = []
      const own = async ({ url }) => {
        urls.push(url)
        return new Response(null, { status: 404 })
      }
      assert.equal((await failure(open(location, { ...options, fetch: own }))).code, 'not-found')
      assert.equal(urls[0], expected)
    }
  })

  it('go to buckets only where one is named', async () => {
    for (const location of [
      's3:bucket/a',
      's3:///a',
      's3://',
      's3://bucket:80/a',
      's3://a%2Fb/c',
      'gs:///a',
    ]) {
      const { protocol, href } = new URL(location)
      await fails(
        open(`${location}?key=1`),
        `"${href}" does not name a bucket as ${protocol}//bucket/key does`,
        {
          code: 'invalid-argument',
        },
      )
    }
    for (const endpoint of ['localhost:9000', '', 'ftp://host', 5]) {
      const message = `endpoint is ${JSON.stringify(endpoint)}, expected the URL of a server`
      await fails(open('s3://bucket/a', { endpoint }), message, { code: 'invalid-argument' })
    }
  })

  it('to s3 may go elsewhere', async (t) => {
    const server = await serving(t, arrayObjects([4], [2], { name: '/bucket/a' }))
    const array = await open('s3://bucket/a', { kind: 'array', endpoint: server.origin })
    assert.deepEqual([...(await array.get()).data], range(0, 4))
  })

  it('follow redirects', async (t) => {
    const target = await serving(t, arrayObjects([4], [2]))
    const server = await serving(t, new Map())
    server.script = ({ url }) => ({
      status: 307,
      headers: { location: target.origin + url },
      body: new Uint8Array(),
    })
    const array = await open(server.origin, { kind: 'array' })
    assert.deepEqual([...(await array.get()).data], range(0, 4))
  })
})
