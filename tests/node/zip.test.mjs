// Zip archives: every form in which entries may stand in them, over HTTP and as Blobs, and what is wrong with hostile ones.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { crc32 } from 'node:zlib'
import { open, slice, stats } from 'zarr-wasm'
import { arrayObjects, FILL, groupDocument, json, range, shardedObjects } from './arrays.mjs'
import { failure } from './failure.mjs'
import { AT_ONCE, it, serving } from './over_http.mjs'
import { wideField, zipOf } from './zip_archive.mjs'

const opened = (objects, options, path = '') =>
  open(new Blob([zipOf(objects, options)]), { kind: 'array', path })

const hierarchy = () =>
  new Map([
    ['/zarr.json', json(groupDocument({ title: 'root' }))],
    ['/a/zarr.json', json(groupDocument())],
    ...arrayObjects([6], [2], { name: '/a/b' }),
    ...arrayObjects([4], [2], { name: '/c' }),
  ])

describe('an archive', () => {
  const all = { deflate: true, descriptor: true, wide: true }
  const text = new TextEncoder().encode('an archive of PK\x05\x06 things')
  for (const [name, options] of Object.entries({
    'of stored entries': {},
    'of deflated entries': { deflate: true },
    'with lengths behind the bytes': { descriptor: true },
    'of ZIP64': { wide: true },
    'of ZIP64 where nothing needs it': { wide: true, fits: true },
    'with fields that its directory does not have': { extra: Buffer.from('\x99\x99\x04\x00abcd', 'latin1') },
    'with fields longer than supposed': { extra: Buffer.alloc(1000) },
    'behind a program that unpacks it': { before: new Uint8Array(1000).fill(80) },
    'with a comment': { comment: text },
    'with a long comment': { comment: new Uint8Array(0xffff).fill(7) },
    'with gaps between its entries': { gap: 100_000 },
    'of all kinds at once': { ...all, comment: text },
  })) {
    test(`${name} is read`, async () => {
      const array = await opened(hierarchy(), options, 'a/b')
      assert.deepEqual([...(await array.get()).data], range(0, 6))
      const sharded = await opened(shardedObjects(32, 16, 4), options)
      assert.deepEqual([...(await sharded.get([slice(6, 10)])).data], range(6, 10))
      assert.deepEqual([...(await sharded.get()).data], range(0, 32))
    })
  }

  test('in which a shard has longer fields than the entries before it is read', async () => {
    const change = ({ local, central }) => {
      if (central.name.toString() === 'c/0') local.extra = Buffer.alloc(100)
    }
    const sharded = await opened(shardedObjects(32, 16, 4), { gap: 1000, change })
    assert.deepEqual([...(await sharded.get([slice(6, 10)])).data], range(6, 10))
    assert.deepEqual([...(await sharded.get([slice(22, 26)])).data], range(22, 26))
  })

  test('has members, which need no consolidated metadata', async () => {
    const group = await open(new Blob([zipOf(hierarchy())]), { kind: 'group' })
    assert.deepEqual(group.attrs, { title: 'root' })
    assert.deepEqual(await group.tree(), [
      { path: 'a', kind: 'group' },
      { path: 'a/b', kind: 'array' },
      { path: 'c', kind: 'array' },
    ])
    assert.deepEqual(await (await group.open('a')).children(), [{ path: 'b', kind: 'array' }])
  })

  test('has the fill value where an entry is missing', async () => {
    const objects = arrayObjects([4], [2])
    objects.delete('/c/1')
    assert.deepEqual([...(await (await opened(objects)).get()).data], [0, 1, FILL, FILL])
  })

  test('in which an object was written again has the last one', async () => {
    const objects = [...arrayObjects([2], [2]), ['/c/0', Uint8Array.of(7, 0, 8, 0)]]
    assert.deepEqual([...(await (await opened(objects)).get()).data], [7, 8])
  })

  test('without entries, or with folders alone, has nothing', async () => {
    for (const objects of [[], [['/a/', new Uint8Array(0)]]]) {
      assert.equal((await failure(opened(objects))).code, 'not-found')
    }
  })

  test('has names in UTF-8, in code page 437, and in the field for them', async () => {
    const named = (name, flags, extra) => ({
      change: ({ local, central }) => {
        if (!central.name.toString().startsWith('x/')) return
        const renamed = Buffer.concat([name, central.name.subarray(1)])
        const unicode = extra && Buffer.concat([extra, central.name.subarray(1)])
        for (const said of [local, central]) Object.assign(said, { name: renamed, flags })
        if (unicode) {
          const field = Buffer.alloc(9)
          field.writeUInt16LE(0x7075, 0)
          field.writeUInt16LE(5 + unicode.length, 2)
          field.writeUInt32LE(crc32(renamed), 5)
          central.extra = Buffer.concat([field, unicode])
        }
      },
    })
    const objects = arrayObjects([2], [2], { name: '/x' })
    for (const options of [
      named(Buffer.from('文'), 1 << 11),
      named(Buffer.from([0xff, 0x80]), 0, Buffer.from('文')),
    ]) {
      assert.deepEqual([...(await (await opened(objects, options, '文')).get()).data], [0, 1])
    }
    const array = await opened(objects, named(Buffer.from([0x80, 0x9a]), 0), 'ÇÜ')
    assert.deepEqual([...(await array.get()).data], [0, 1])
  })
})

describe('an archive over HTTP', () => {
  const serve = async (t, objects, options, name = '/s/x.zarr.zip') => {
    const server = await serving(t, new Map([[name, zipOf(objects, options)]]))
    return { server, url: `${server.origin}${name}` }
  }

  it('is recognised by its name, and takes one request for each object', async (t) => {
    for (const name of ['/x.zarr.zip', '/x.ozx', '/x.ZIP']) {
      const { server, url } = await serve(t, arrayObjects([4], [2]), { gap: 40_000 }, name)
      const array = await open(`${url}?signature=1`, { kind: 'array', retry: AT_ONCE })
      assert.deepEqual(
        server.requests.map(({ method, headers }) => [method, /^bytes=/.test(headers.range)]),
        Array(3).fill(['GET', true]),
        'the end, the directory, a document',
      )
      server.requests.length = 0
      assert.deepEqual([...(await array.get([slice(0, 2)])).data], [0, 1])
      assert.deepEqual([server.requests.length, server.requests[0].url], [1, `${name}?signature=1`])
    }
  })

  it('has the requests for neighbours merged, and not those for others', async (t) => {
    for (const [gap, expected] of [
      [0, 1],
      [40_000, 3],
    ]) {
      const { server, url } = await serve(t, arrayObjects([6], [2]), { gap })
      const array = await open(url, { kind: 'array' })
      const { requests } = stats()
      server.requests.length = 0
      assert.deepEqual([...(await array.get()).data], range(0, 6))
      assert.equal(server.requests.length, expected)
      assert.equal(stats().requests - requests, expected)
    }
  })

  it('has parts of stored shards read alone, and their headers once', async (t) => {
    const { server, url } = await serve(t, shardedObjects(32, 16, 4), {
      gap: 40_000,
      extra: Buffer.alloc(12),
    })
    const array = await open(url, { kind: 'array' })
    assert.deepEqual([...(await array.get([slice(6, 10)])).data], range(6, 10))
    server.requests.length = 0
    assert.deepEqual([...(await array.get([slice(10, 12)])).data], range(10, 12))
    assert.equal(server.requests.length, 1)
    const [, first, last] = /bytes=(\d+)-(\d+)/.exec(server.requests[0].headers.range)
    assert.equal(last - first + 1, 8)
  })

  it('that is not there is not found', async (t) => {
    const { server } = await serve(t, new Map())
    const error = await failure(open(`${server.origin}/none.zip`))
    assert.deepEqual(
      [error.code, error.message],
      ['not-found', `there is no archive ${server.origin}/none.zip`],
    )
  })

  it('from a server that ignores ranges is received once', async (t) => {
    const objects = arrayObjects([400], [2])
    const { server, url } = await serve(t, objects)
    server.script = () => ({ status: 200, headers: {}, body: zipOf(objects) })
    const array = await open(url, { kind: 'array' })
    assert.deepEqual([...(await array.get()).data], range(0, 400))
    assert.equal(server.requests.length, 1)
  })

  it('has failures that pass tried again, and others told with its URL', async (t) => {
    const { server, url } = await serve(t, arrayObjects([4], [2]))
    server.script = ({ attempt }, honest) => (attempt === 1 ? { ...honest, status: 503 } : honest)
    const array = await open(url, { kind: 'array', retry: AT_ONCE })
    assert.deepEqual([...(await array.get()).data], [0, 1, 2, 3])
    server.script = (_, honest) => ({ ...honest, status: 403 })
    const error = await failure(array.get([1]))
    assert.deepEqual([error.code, error.key, error.status, error.url], ['store', 'c/0', 403, url])
  })

  it('ends its requests when the read is aborted', async (t) => {
    const { server, url } = await serve(t, arrayObjects([4], [2]), { gap: 40_000 })
    const array = await open(url, { kind: 'array' })
    server.holds = () => true
    const controller = new AbortController()
    const reading = failure(array.get(null, { signal: controller.signal }))
    while (server.inFlight < 2) await new Promise(setImmediate)
    controller.abort('enough')
    assert.equal(await reading, 'enough')
    while (server.aborted < 2) await new Promise(setImmediate)
    assert.equal(stats().inFlight, 0)
  })

  it('of another name is one if it is asked for, and a folder with such a name is one', async (t) => {
    const { url } = await serve(t, arrayObjects([4], [2]), {}, '/download')
    const array = await open(url, { store: 'zip', kind: 'array' })
    assert.deepEqual(array.shape, [4])
    const server = await serving(t, arrayObjects([4], [2], { name: '/x.zip' }))
    assert.deepEqual((await open(`${server.origin}/x.zip`, { store: 'directory', kind: 'array' })).shape, [4])
  })
})

test('an archive in the file system is read by its path and its URL', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'zarr-wasm-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'a b#.zarr.zip')
  await writeFile(file, zipOf(shardedObjects(32, 16, 4)))
  for (const location of [file, pathToFileURL(file), pathToFileURL(file).href]) {
    const array = await open(location, { kind: 'array' })
    assert.deepEqual([...(await array.get([slice(6, 10)])).data], range(6, 10))
  }
  const error = await failure(open(path.join(folder, 'none.zip')))
  assert.deepEqual(
    [error.code, error.message],
    ['not-found', `there is no archive ${folder}${path.sep}none.zip`],
  )
})

describe('a broken archive', () => {
  const broken = async (bytes, message) => {
    const error = await failure(open(new Blob([bytes])))
    assert.equal(error.message, `the Blob is not a valid zip archive: ${message}`)
    assert.equal(error.code, 'store')
  }
  const objects = arrayObjects([4], [2])
  const { length } = zipOf(objects)

  test('that is cut off, or none at all, says so', async () => {
    await broken(new Uint8Array(10), 'it has 10 bytes')
    const missing = 'it does not end with an end record: perhaps it is cut off'
    await broken(new Uint8Array(1000), missing)
    await broken(zipOf(objects).subarray(0, -1), missing)
    await broken(zipOf(objects, { end: { commentLength: 1 } }), missing)
  })

  test('whose directory is not where or what it should be says so', async () => {
    const directory = (length, start, stop) =>
      `its directory of ${length} bytes at ${start} does not end at ${stop}`
    const stop = length - 22
    await broken(zipOf(objects, { end: { length: 1e9 } }), directory(1e9, stop - 3 * 46 - 9 - 6, stop))
    await broken(zipOf(objects, { end: { start: 1e9 } }), directory(3 * 46 + 9 + 6, 1e9, stop))
    await broken(zipOf(objects, { end: { count: 2 } }), 'its directory has 3 entries, expected 2')
    await broken(zipOf(objects, { end: { length: 100 } }), 'its directory has no record at byte 0')
    await broken(
      zipOf(objects, { wide: true, end: { count: 2 ** 40 } }),
      `its directory has 3 entries, expected ${2 ** 40}`,
    )
    await broken(zipOf(objects, { wide: true, end: { length: 2n ** 60n } }), 'a number in it is beyond 2^53')
    await broken(
      zipOf(objects, { wide: true, end: { place: 2n ** 50n } }),
      'its ZIP64 record is not before its locator',
    )
    await broken(zipOf(objects, { wide: true, end: { place: 0 } }), 'there is no ZIP64 record at byte 0')
  })

  test('of several parts is refused', async () => {
    const error = await failure(open(new Blob([zipOf(objects, { end: { disk: 1 } })])))
    assert.deepEqual(
      [error.code, error.message],
      ['unsupported', 'the Blob is one of several parts of a zip archive'],
    )
  })

  test('with entries that overlap each other or the directory is refused', async () => {
    const change = (said) => ({ change: ({ central }) => central.name.toString() === 'c/0' && said(central) })
    const zip = (said) => zipOf(objects, change(said))
    const start = 30 + 9 + objects.get('/zarr.json').length
    await broken(
      zip((central) => Object.assign(central, { start: 0 })),
      'two entries overlap at byte 0',
    )
    await broken(
      zip((central) => Object.assign(central, { compressedLength: 1000 })),
      `two entries overlap at byte ${start + 30 + 3 + 4}`,
    )
    await broken(
      zip((central) => Object.assign(central, { start: 0x7fffffff })),
      `an entry ends at byte ${0x7fffffff + 30 + 3 + 4}, in its directory, which begins at ${start + 2 * 37}`,
    )
  })

  test('with numbers that are not in their field is refused', async () => {
    const change = ({ central }) => Object.assign(central, { length: 0xffffffff, extra: wideField([]) })
    await broken(zipOf(objects, { change }), 'zarr.json has no ZIP64 field for its numbers')
  })
})

describe('a broken entry', () => {
  /** What reading a chunk fails with whose record and header say what is not so. */
  const refused = async (change, code, message, options = {}) => {
    const objects = arrayObjects([4], [2])
    const archive = zipOf(objects, {
      ...options,
      change: (entry) => entry.central.name.toString() === 'c/0' && change(entry),
    })
    const array = await open(new Blob([archive]), { kind: 'array' })
    const error = await failure(array.get([0]))
    assert.equal(error.message, `c/0: ${message}`)
    assert.equal(error.code, code)
    assert.deepEqual([...(await array.get([slice(2, 4)])).data], [2, 3])
  }
  const start = 30 + 9 + arrayObjects([4], [2]).get('/zarr.json').length
  const said = (what) => `c/0: the header at byte ${start} of the archive ${what}`
  const both = (members) => (entry) =>
    [entry.local, entry.central].map((said) => Object.assign(said, members))

  test('has a header that says something else than the directory', async () => {
    const local = (members) => (entry) => Object.assign(entry.local, members)
    await refused(local({ signature: 7 }), 'corrupt-chunk', said('is none'))
    await refused(local({ name: Buffer.from('c/1') }), 'corrupt-chunk', said('has another name'))
    await refused(local({ name: Buffer.from('c/01') }), 'corrupt-chunk', said('has another name'))
    await refused(local({ method: 8 }), 'corrupt-chunk', said('has another method'))
    await refused(local({ crc: 8 }), 'corrupt-chunk', said('has another checksum'))
    await refused(local({ length: 8 }), 'corrupt-chunk', said('has other lengths'))
    await refused(local({ compressedLength: 8 }), 'corrupt-chunk', said('has other lengths'))
  })

  test('has fields that reach into the next one', async () => {
    const change = ({ local }) => Object.assign(local, { extraLength: 50 })
    const [first, limit] = [start + 30 + 3 + 50, start + 30 + 3 + 4]
    const place = `c/0 has 4 bytes from byte ${first} of the archive, expected its end before ${limit}`
    await refused(change, 'corrupt-chunk', place)
  })

  test('has bytes of another checksum', async () => {
    const change = (entry) => {
      entry.data = Uint8Array.from([9, 9, 9, 9])
    }
    const crc = (bytes) => crc32(Uint8Array.from(bytes)).toString(16).padStart(8, '0')
    const found = `the checksum ${crc([9, 9, 9, 9])} (CRC-32), expected ${crc([0, 0, 1, 0])}`
    await refused(change, 'corrupt-chunk', `c/0 has ${found}`)
  })

  test('is encrypted or compressed by what is not read', async () => {
    await refused(both({ flags: 1 }), 'unsupported', 'c/0 is encrypted or patched in the archive')
    const expected = 'in the archive, expected none or deflate'
    await refused(both({ method: 14 }), 'unsupported', `c/0 is compressed by lzma ${expected}`)
    await refused(both({ method: 77 }), 'unsupported', `c/0 is compressed by method 77 ${expected}`)
  })

  test('has another length than it should have', async () => {
    await refused(
      both({ length: 5 }),
      'corrupt-chunk',
      'c/0 is stored in 4 bytes, expected the 5 that it has',
    )
    const deflate = { deflate: true }
    await refused(
      both({ length: 3 }),
      'corrupt-chunk',
      'c/0 inflates to more than the 3 bytes that it should have',
      deflate,
    )
    await refused(both({ length: 5 }), 'corrupt-chunk', 'c/0 inflates to 4 bytes, expected 5', deflate)
    const change = (entry) => {
      entry.data = Buffer.alloc(entry.data.length, 0xff)
    }
    await refused(change, 'corrupt-chunk', 'c/0 is not validly deflated', deflate)
  })

  test('that claims more than it can have is refused before it is inflated', async () => {
    const bomb = both({ length: 2 ** 31 })
    const most = 'c/0 cannot inflate from'
    await refused(bomb, 'corrupt-chunk', `${most} 6 bytes to ${2 ** 31}`, { deflate: true })
  })
})

test('a document that inflates to more than a document may have is refused at once', async () => {
  const objects = new Map([['/zarr.json', new Uint8Array(65 << 20)]])
  const error = await failure(open(new Blob([zipOf(objects, { deflate: true })])))
  const message = `zarr.json has ${65 << 20} bytes, more than the ${64 << 20} that it can have`
  assert.deepEqual([error.code, error.message], ['corrupt-chunk', `zarr.json: ${message} (the Blob)`])
})
