// What passes over connections to servers of HTTP/1.1, byte by byte, in Node.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createSecureServer as createHttp2Server } from 'node:http2'
import { createServer, Socket } from 'node:net'
import { describe } from 'node:test'
import { setImmediate as nextTask, setTimeout as pause } from 'node:timers/promises'
import { createServer as createSecureServer } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { configure, open, slice, stats } from 'zarr-wasm'
import { selfSigned } from '../servers/certificate.mjs'
import { arrayDocument, arrayObjects, FILL, json, range, shardedObjects } from './arrays.mjs'
import { failure } from './failure.mjs'
import { AT_ONCE, it } from './over_http.mjs'

// The server signs its certificate itself. Node says once what that means.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'

const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'
const LINE = '\r\n'

const headOf = (status, fields) =>
  `HTTP/1.1 ${status}${LINE}${fields.map((field) => field + LINE).join('')}${LINE}`

const plain = (body, ...fields) => [headOf('200 OK', [`Content-Length: ${body.length}`, ...fields]), body]

/** Pieces of an answer as one, so that they arrive together. */
const together = (...pieces) => Buffer.concat(pieces.map((piece) => Buffer.from(piece)))

const inChunks = (body, trailers = '') => {
  const half = body.length >> 1
  const chunks = [body.subarray(0, half), body.subarray(half)].filter(({ length }) => length > 0)
  const coded = chunks.flatMap((chunk) => [`${chunk.length.toString(16)};x=1${LINE}`, chunk, LINE])
  return [headOf('200 OK', ['Transfer-Encoding: chunked']), ...coded, `0${LINE}${trailers}${LINE}`]
}

/**
 * A server that answers documents as servers do, and chunks with the pieces that `answer` gives for their bytes: one
 * write each, after pauses where `isSlow`. A piece that is `null` closes the connection.
 */
async function serving(t, objects, answer, { isSlow = false, isSecure = false } = {}) {
  const server = { requests: [], sockets: new Set(), connections: 0, mostConnections: 0 }
  const serve = (socket) => {
    const number = server.connections++
    server.sockets.add(socket)
    server.mostConnections = Math.max(server.mostConnections, server.sockets.size)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => server.sockets.delete(socket))
    let received = ''
    socket.on('data', async (bytes) => {
      received += bytes.toString('latin1')
      while (received.includes(LINE + LINE)) {
        const [head] = received.split(LINE + LINE, 1)
        received = received.slice(head.length + 4)
        const [, key] = /^\w+ ([^ ?]+)/.exec(head)
        server.requests.push({ connection: number, head, key })
        const body = objects.get(key)
        const isChunk = key.startsWith('/c/')
        const pieces = body === undefined ? [NOT_FOUND] : isChunk ? await answer(body) : plain(body)
        for (const piece of pieces) {
          if (piece === null) socket.end()
          else socket.write(piece, 'latin1')
          if (isSlow) await pause(1)
        }
      }
    })
  }
  const listening = isSecure ? createSecureServer(selfSigned(), serve) : createServer(serve)
  await once(listening.listen(0, '127.0.0.1'), 'listening')
  server.stop = async () => {
    for (const socket of server.sockets) socket.destroy()
    await new Promise((resolve) => listening.close(resolve))
  }
  t.after(server.stop)
  server.origin = `http${isSecure ? 's' : ''}://127.0.0.1:${listening.address().port}`
  return server
}

const COUNT = 12

/** What an array of so many chunks of this length holds. */
const counting = (chunk = 40) => Uint16Array.from(range(0, COUNT * chunk))

/** Reads an array of chunks; answers the server, the array, and over which connections they came. */
async function readOver(t, answer, { attempts = 1, chunk = 40, concurrency = 1, ...others } = {}) {
  const server = await serving(t, arrayObjects([COUNT * chunk], [chunk]), answer, others)
  configure({ concurrency })
  const array = await open(server.origin, { kind: 'array', retry: { ...AT_ONCE, attempts } })
  server.requests.length = 0
  assert.deepEqual((await array.get()).data, counting(chunk))
  assert.equal(stats().inFlight, 0)
  return { server, array, connections: server.requests.map(({ connection }) => connection) }
}

const oneConnection = (connections) => assert.equal(new Set(connections).size, 1)
const oneEach = (connections) => assert.equal(new Set(connections).size, connections.length)

it('a request says what it must', async (t) => {
  const server = await serving(t, arrayObjects([4], [4]), (body) => plain(body))
  const headers = { 'X-Name': 'wert äö', accept: 'a/b' }
  await (await open(`${server.origin}?key=a%20b`, { kind: 'array', headers })).get()
  const { head } = server.requests.find(({ key }) => key === '/c/0')
  assert.deepEqual(head.split(LINE), [
    'GET /c/0?key=a%20b HTTP/1.1',
    `host: ${server.origin.slice(7)}`,
    'accept: a/b',
    'x-name: wert äö',
    'connection: keep-alive',
  ])
})

describe('a connection', () => {
  const kept = [
    ['plain answers', (body) => plain(body)],
    [
      'answers of one byte at a time',
      (body) => Array.from(together(...plain(body)), (byte) => Buffer.of(byte)),
      { chunk: 4 },
    ],
    ['answers in chunks', (body) => inChunks(body)],
    ['answers in chunks with trailers', (body) => inChunks(body, `X-Sum: 1${LINE}`)],
    [
      'an answer before the answer',
      (body) => [`HTTP/1.1 103 Early Hints${LINE}Link: <x>${LINE}${LINE}`, ...plain(body)],
    ],
    ['a length that is said twice', (body) => plain(body, 'X-Other: 1', 'Vary: a', 'Vary: b')],
    [
      'spaces around values',
      (body) => [headOf('200', [`content-LENGTH:\t ${body.length} \t`, 'X-Empty:']), body],
    ],
    ['a time that is long enough', (body) => plain(body, 'Keep-Alive: max=9, timeout=5')],
  ]
  for (const [name, answer, options] of kept) {
    it(`is used again after ${name}`, async (t) => {
      oneConnection((await readOver(t, answer, options)).connections)
    })
    it(`is used again after ${name}, that come in pieces`, async (t) => {
      oneConnection((await readOver(t, answer, { ...options, isSlow: true })).connections)
    })
  }

  const ended = [
    ['its server says so', (body) => plain(body, 'Connection: Close')],
    [
      'its server says so, with an answer in chunks',
      ([...body]) => {
        const [head, ...rest] = inChunks(Buffer.from(body))
        return [head.replace(LINE, `${LINE}Connection: close${LINE}`), ...rest]
      },
    ],
    ['its server will have closed it', (body) => plain(body, 'Keep-Alive: timeout=1')],
    ['more came than the answer', (body) => [together(...plain(body), 'HTTP/1.1 200 OK')]],
    ['the answer ends with it', (body) => [headOf('200 OK', []), body, null]],
    [
      'the answer is of HTTP/1.0',
      (body) => [`HTTP/1.0 200 OK${LINE}Content-Length: ${body.length}${LINE}${LINE}`, body],
    ],
  ]
  for (const [name, answer] of ended) {
    it(`is not used again if ${name}`, async (t) => {
      oneEach((await readOver(t, answer)).connections)
    })
  }

  it('is given up if something comes that nobody asked for', async (t) => {
    const { server, array } = await readOver(t, (body) => plain(body))
    for (const socket of server.sockets) socket.write(NOT_FOUND)
    while (server.sockets.size > 0) await pause(1)
    assert.deepEqual((await array.get()).data, counting())
    assert.equal(server.connections, 2)
  })

  for (const isSecure of [false, true]) {
    it(`is not used again if more comes than a long body, ${isSecure ? 'encrypted' : 'as it is'}`, async (t) => {
      // What comes too much is an answer in itself, of another chunk.
      const wrong = plain(Buffer.alloc(100_000))
      const answer = (body) => [plain(body)[0], together(body, ...wrong)]
      for (const isSlow of [false, true])
        oneEach((await readOver(t, answer, { chunk: 50_000, isSecure, isSlow })).connections)
    })
  }

  it('that is being closed is not used', async (t) => {
    for (const end of [(socket) => socket.write(NOT_FOUND), (socket) => socket.end()]) {
      const { server, array } = await readOver(t, (body) => plain(body))
      const destroy = t.mock.method(Socket.prototype, 'destroy')
      const [socket] = server.sockets
      end(socket)
      while (destroy.mock.callCount() === 0) await nextTask()
      assert.deepEqual((await array.get()).data, counting())
      assert.equal(server.connections, 2)
      destroy.mock.restore()
    }
  })

  it('that its server closes is not used again, but others are', async (t) => {
    const { server, array } = await readOver(t, (body) => plain(body), { concurrency: 2 })
    assert.equal(server.connections, 2)
    const [socket] = server.sockets
    socket.end()
    while (server.sockets.size > 1) await pause(1)
    assert.deepEqual((await array.get()).data, counting())
    assert.equal(server.connections, 3)
  })

  it('that ends before the answer does is an error of the store', async (t) => {
    for (const cut of [0, 10, 60, 100]) {
      const answer = (body) => [together(...plain(body)).subarray(0, cut), null]
      const server = await serving(t, arrayObjects([40], [40]), answer)
      const array = await open(server.origin, { kind: 'array', retry: { ...AT_ONCE, attempts: 2 } })
      const { code, message } = await failure(array.get())
      assert.equal(code, 'store')
      assert.match(message, /^c\/0: after 2 attempts: /)
      // Where no answer came over a connection that had been kept, the same attempt is made over another.
      assert.equal(server.requests.filter(({ key }) => key === '/c/0').length, cut === 0 ? 3 : 2)
    }
  })

  it('that ends before the answer does is followed by another', async (t) => {
    const seen = new Set()
    const answer = (body) => {
      const isCut = seen.size % 3 === 1 && !seen.has(body)
      seen.add(body)
      return isCut ? [plain(body)[0], body.subarray(0, 7), null] : plain(body)
    }
    const { server, connections } = await readOver(t, answer, { attempts: 2 })
    assert.equal(server.requests.length, COUNT + COUNT / 3)
    assert.equal(new Set(connections).size, 1 + COUNT / 3)
  })
})

describe('a connection that was kept, and that the server has forgotten,', () => {
  /** Answers one chunk over each connection, and closes it when the next one is asked for. */
  const eachOnce = (answered = new Set()) => {
    const answer = (body) => {
      const { connection } = answer.server.requests.at(-1)
      if (answered.has(connection)) return [null]
      answered.add(connection)
      return plain(body)
    }
    return answer
  }

  it('is not followed by another such', async (t) => {
    const answer = eachOnce()
    answer.server = await serving(t, arrayObjects([200], [1]), answer)
    const array = await open(answer.server.origin, { kind: 'array', retry: { attempts: 1 } })
    for (let read = 0; read < 10; read++) assert.deepEqual([...(await array.get()).data], range(0, 200))
    assert.equal(stats().inFlight, 0)
  })

  it('is followed by another, in the same attempt', async (t) => {
    const answer = eachOnce()
    answer.server = await serving(t, arrayObjects([COUNT * 40], [40]), answer)
    configure({ concurrency: 1 })
    const array = await open(answer.server.origin, { kind: 'array', retry: { attempts: 1 } })
    answer.server.requests.length = 0
    assert.deepEqual((await array.get()).data, counting())
    assert.equal(answer.server.requests.length, 2 * COUNT - 1)
  })

  it('takes with it all others that are idle', async (t) => {
    const answer = eachOnce()
    answer.server = await serving(t, arrayObjects([COUNT * 40], [40]), answer)
    configure({ concurrency: COUNT })
    const array = await open(answer.server.origin, { kind: 'array', retry: { attempts: 1 } })
    await array.get()
    configure({ concurrency: 1 })
    answer.server.requests.length = 0
    await array.get([slice(0, 40)])
    const connections = answer.server.requests.map(({ connection }) => connection)
    assert.equal(connections.length, 2)
    assert.ok(connections[1] >= COUNT)
    while (answer.server.sockets.size > 1) await pause(1)
  })
})

it('what is encoded and too long is no part of the object', async (t) => {
  const fields = ['Content-Encoding: gzip', 'Content-Length: 80000000']
  const answer = (body) => [headOf('200 OK', fields), body]
  const objects = shardedObjects(8, 8, 4, { indexLocation: 'start' })
  const server = await serving(t, objects, answer)
  const array = await open(server.origin, { kind: 'array', retry: { attempts: 1 } })
  const { code, message } = await failure(array.get([slice(0, 4)]))
  assert.equal(code, 'store')
  assert.match(message, /were asked for, the server sends the whole object, of more than \d+ bytes/)
})

it('what is encoded may be large once it is decoded', async (t) => {
  const zeros = new Uint8Array(40 << 20)
  const objects = new Map([
    ['/zarr.json', json(arrayDocument([20 << 20], [20 << 20]))],
    ['/c/0', gzipSync(zeros)],
  ])
  const answer = (body) => plain(body, 'Content-Encoding: gzip')
  const server = await serving(t, objects, answer)
  const { data } = await (await open(server.origin, { kind: 'array' })).get()
  assert.equal(data.length, 20 << 20)
  assert.ok(data.every((value) => value === 0))
})

describe('an answer that is no object', () => {
  it('has the length of none', async (t) => {
    for (const status of [204, 304]) {
      const answer = () => [headOf(`${status} x`, ['Content-Length: 100'])]
      const server = await serving(t, arrayObjects([40], [40]), answer)
      const array = await open(server.origin, { kind: 'array', retry: { ...AT_ONCE, attempts: 2 } })
      server.requests.length = 0
      assert.equal((await failure(array.get())).status, status)
      assert.equal(server.requests.length, 1)
    }
  })

  const refusal = (status, ...fields) => [
    headOf(status, ['Content-Length: 9', ...fields]),
    'not there!'.slice(0, 9),
  ]

  for (const encoding of ['zstd', 'gzip', 'constructor']) {
    it(`says what it says, whatever its body is: ${encoding}`, async (t) => {
      const field = `Content-Encoding: ${encoding}`
      const statuses = ['404 Not Found', '403 Forbidden']
      const server = await serving(t, arrayObjects([80], [40]), () => refusal(statuses.shift(), field))
      configure({ concurrency: 1 })
      const array = await open(server.origin, { kind: 'array', retry: { attempts: 1 } })
      assert.deepEqual([...(await array.get([slice(0, 2)])).data], [FILL, FILL])
      assert.equal((await failure(array.get([slice(0, 2)]))).status, 403)
      assert.equal(new Set(server.requests.slice(-2).map(({ connection }) => connection)).size, 1)
    })
  }
})

for (const encoding of ['', 'identity, identity', 'aws-chunked', 'UTF-8', 'none', 'binary']) {
  it(`is not encoded: what says "${encoding}"`, async (t) => {
    const server = await serving(t, arrayObjects([40], [40]), (body) =>
      plain(body, `Content-Encoding: ${encoding}`),
    )
    const { data } = await (await open(server.origin, { kind: 'array' })).get()
    assert.deepEqual([...data], range(0, 40))
  })
}

it('a body that is too short over HTTP/2 is asked for again', async (t) => {
  const objects = arrayObjects([80], [40])
  const cuts = new Map([
    ['/zarr.json', 50],
    ['/c/0', 0],
    ['/c/1', 30],
  ])
  const requested = []
  const server = createHttp2Server(selfSigned())
  server.on('stream', (stream, { ':path': path }) => {
    requested.push(path)
    stream.on('error', () => {})
    const body = objects.get(path)
    if (!body) return stream.respond({ ':status': 404 }, { endStream: true })
    stream.respond({ ':status': 200, 'content-length': body.length })
    if (!cuts.has(path)) return stream.end(body)
    stream.write(body.subarray(0, cuts.get(path)))
    cuts.delete(path)
    setTimeout(() => stream.destroy(), 20)
  })
  const sessions = new Set()
  server.on('session', (session) => sessions.add(session))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  const url = `https://127.0.0.1:${server.address().port}`
  const array = await open(url, { kind: 'array', retry: AT_ONCE })
  assert.deepEqual([...(await array.get()).data], range(0, 80))
  const asked = (path) => requested.filter((other) => other === path).length
  assert.deepEqual(['/zarr.json', '/c/0', '/c/1'].map(asked), [2, 2, 2])
})

describe('an answer', () => {
  const refused = [
    ['no HTTP', () => ['nonsense and more of it\r\n\r\n', null]],
    [
      'two lengths',
      (body) => [headOf('200 OK', [`Content-Length: ${body.length}`, 'Content-Length: 3']), body, null],
    ],
    ['a length that is none', (body) => [headOf('200 OK', ['Content-Length: 0x50']), body, null]],
    ['a negative length', (body) => [headOf('200 OK', ['Content-Length: -1']), body, null]],
    [
      'a length and chunks',
      (body) => [
        headOf('200 OK', [`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked']),
        body,
        null,
      ],
    ],
    [
      'a field without a name',
      (body) => [headOf('200 OK', [': x', `Content-Length: ${body.length}`]), body, null],
    ],
    [
      'a zero in a field',
      (body) => [headOf('200 OK', ['X: a\0b', `Content-Length: ${body.length}`]), body, null],
    ],
    [
      'a head without end',
      () => [`HTTP/1.1 200 OK${LINE}${`X: ${'y'.repeat(1000)}${LINE}`.repeat(200)}`, null],
    ],
    ['a head that is too long', (body) => plain(body, `X: ${'y'.repeat(17_000)}`)],
    ['no content, and a length', () => [headOf('204 No Content', ['Content-Length: 5'])]],
    ['no news, and a length', () => [headOf('304 Not Modified', ['Content-Length: 5'])]],
    ['chunks that are none', () => [headOf('200 OK', ['Transfer-Encoding: chunked']), 'zz\r\n', null]],
    [
      'another protocol',
      () => [headOf('101 Switching Protocols', ['Upgrade: x', 'Connection: upgrade']), null],
    ],
  ]
  for (const [name, answer] of refused) {
    it(`with ${name} is an error of the store`, async (t) => {
      const server = await serving(t, arrayObjects([40], [40]), answer)
      const array = await open(server.origin, { kind: 'array', retry: { attempts: 1 } })
      const { code, key } = await failure(array.get())
      assert.deepEqual([code, key], ['store', 'c/0'])
      assert.equal(stats().inFlight, 0)
    })
  }

  it('may be long and encoded', async (t) => {
    const answer = (body) => plain(gzipSync(body, { level: 0 }), 'Content-Encoding: gzip')
    oneConnection((await readOver(t, answer, { chunk: 50_000 })).connections)
  })

  it('may be long and in chunks', async (t) => {
    oneConnection((await readOver(t, (body) => inChunks(body), { chunk: 50_000 })).connections)
  })

  it('may be long and in chunks, with others beside it', async (t) => {
    const { server } = await readOver(t, (body) => inChunks(body), {
      chunk: 50_000,
      concurrency: COUNT,
      isSlow: true,
    })
    assert.equal(server.connections, COUNT)
  })

  it('may be more than what was asked for, with others beside it', async (t) => {
    // Indices of a megabyte, and objects that are too long to be kept: they are given up behind the index.
    const objects = shardedObjects(4 * 65_536, 65_536, 1, { indexLocation: 'start' })
    const server = await serving(t, objects, (body) => [
      together(plain({ length: 1 << 30 })[0], body),
      Buffer.alloc(1 << 20),
    ])
    const array = await open(server.origin, { kind: 'array', retry: { attempts: 1 } })
    const { data } = await array.get([slice(100, null, 60_000)])
    assert.deepEqual([...data], [100, 60_100, 54_564, 49_028, 43_492])
  })

  it('may be long and come over TLS', async (t) => {
    oneConnection((await readOver(t, (body) => plain(body), { chunk: 50_000, isSecure: true })).connections)
  })

  it('may come over TLS in pieces', async (t) => {
    const answer = (body) => [
      plain(body)[0],
      ...[0, 1, 2].map((at) => body.subarray(at * 30_000, (at + 1) * 30_000)),
      body.subarray(90_000),
    ]
    oneConnection((await readOver(t, answer, { chunk: 50_000, isSecure: true, isSlow: true })).connections)
  })
})

it('what is for the library to say is not for its caller', async (t) => {
  const server = await serving(t, arrayObjects([4], [4]), (body) => plain(body))
  const headers = {
    'Content-Length': '5',
    'Transfer-Encoding': 'chunked',
    Connection: 'close',
    Te: 'trailers',
  }
  await (await open(server.origin, { kind: 'array', headers: { ...headers, Expect: '100-continue' } })).get()
  for (const { head } of server.requests)
    assert.deepEqual(head.split(LINE).slice(1), [`host: ${server.origin.slice(7)}`, 'connection: keep-alive'])
})

it('a header with a character that none can have is an error', async (t) => {
  const server = await serving(t, arrayObjects([4], [4]), (body) => plain(body))
  const opening = open(server.origin, {
    kind: 'array',
    headers: { 'x-name': 'a\x01b' },
    retry: { attempts: 1 },
  })
  assert.match((await failure(opening)).message, /the header x-name has a character that no header can have/)
  assert.equal(server.requests.length, 0)
})

it('a certificate that nobody has vouched for is an error', async (t) => {
  const server = await serving(t, arrayObjects([4], [4]), (body) => plain(body), { isSecure: true })
  t.after(() => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  })
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
  const error = await failure(open(server.origin, { kind: 'array', retry: { attempts: 1 } }))
  assert.equal(error.code, 'store')
  assert.match(error.message, /self-signed certificate/)
})

it('a server that is gone fails all that waits for it', async (t) => {
  const server = await serving(t, arrayObjects([400], [1]), (body) => plain(body))
  const array = await open(server.origin, { kind: 'array', retry: { attempts: 1 } })
  await server.stop()
  configure({ concurrency: 400 })
  assert.match((await failure(array.get())).message, /ECONNREFUSED/)
  assert.equal(stats().inFlight, 0)
})

it('there are 256 connections at most', async (t) => {
  const held = []
  const hold = (body) => new Promise((resolve) => held.push(() => resolve(plain(body))))
  const server = await serving(t, arrayObjects([300], [1]), hold)
  const array = await open(server.origin, { kind: 'array' })
  configure({ concurrency: 300 })
  const read = array.get()
  while (held.length < 256) await pause(1)
  assert.equal(stats().inFlight, 300)
  for (let at = 0; at < 300; at++) {
    while (held.length <= at) await pause(1)
    held[at]()
  }
  assert.deepEqual([...(await read).data], range(0, 300))
  assert.equal(server.mostConnections, 256)
})

it('a request that is aborted ends its connection, and no other', async (t) => {
  const server = await serving(t, arrayObjects([200_000], [50_000]), (body) => [
    plain(body)[0],
    body.subarray(0, 60_000),
  ])
  const array = await open(server.origin, { kind: 'array' })
  const controller = new AbortController()
  const read = failure(array.get(null, { signal: controller.signal }))
  while (server.requests.filter(({ key }) => key.startsWith('/c/')).length < 4) await pause(1)
  controller.abort(new Error('enough'))
  assert.equal((await read).message, 'enough')
  while (server.sockets.size > 0) await pause(1)
  assert.equal(stats().inFlight, 0)
})
