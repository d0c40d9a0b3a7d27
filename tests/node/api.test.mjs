// The module, its settings, opening, and errors, over stores in memory.
import assert from 'node:assert/strict'
import { constants } from 'node:buffer'
import { describe, test } from 'node:test'
import { setImmediate as nextTask } from 'node:timers/promises'
import * as library from 'zarr-wasm'
import {
  arrayDocument,
  arrayObjects,
  DOCUMENTS,
  FILL,
  groupDocument,
  json,
  shardedObjects,
  v2Document,
} from './arrays.mjs'
import { fails, failure } from './failure.mjs'

const { configure, open, slice, stats, ZarrArray, ZarrGroup } = library

const text = (string) => new TextEncoder().encode(string)

describe('the module', () => {
  test('counts nothing before its first use', () => {
    const { concurrency, ...counts } = stats()
    assert.equal(concurrency, 64)
    assert.deepEqual(Object.keys(counts).sort(), [
      'bytes',
      'bytesInFlight',
      'cacheHits',
      'cacheMisses',
      'cachedBytes',
      'inFlight',
      'maxBytesInFlight',
      'maxInFlight',
      'requests',
      'retries',
    ])
    assert.ok(Object.values(counts).every((count) => count === 0))
  })

  test('exports these names', () => {
    assert.deepEqual(Object.keys(library).sort(), [
      'Priority',
      'ZarrArray',
      'ZarrError',
      'ZarrGroup',
      'configure',
      'open',
      'registerCodec',
      'slice',
      'stats',
    ])
  })

  test('counts requests and the bytes of replies', async () => {
    const objects = arrayObjects([4], [2])
    objects.delete('/c/1')
    const before = stats()
    await (await open(objects)).get()
    const { requests, bytes, inFlight } = stats()
    assert.equal(requests - before.requests, DOCUMENTS.any.length + 2)
    assert.equal(bytes - before.bytes, objects.get('/zarr.json').length + 4)
    assert.equal(inFlight, 0)
  })
})

describe('configure', () => {
  test('refuses what is not a number of requests', () => {
    for (const concurrency of [0, -1, 1.5, 65537, Number.NaN, Number.POSITIVE_INFINITY, '5', null, 5n]) {
      assert.throws(() => configure({ concurrency }), {
        name: 'ZarrError',
        code: 'invalid-argument',
        message: `concurrency is ${concurrency === '5' ? '"5"' : concurrency}, expected an integer from 1 to 65536, or "auto"`,
      })
    }
  })

  test('refuses settings that there are not, and then changes nothing', async () => {
    configure({ concurrency: 2 })
    assert.throws(() => configure({ concurrency: 9, decoders: 4 }), {
      code: 'invalid-argument',
      message: 'there is no setting decoders',
    })
    configure({})
    configure({ concurrency: undefined })
    let waiting = 0
    const objects = arrayObjects([16], [2])
    const array = await open(objects)
    const release = []
    const slow = await open({
      get: (key) => {
        if (!key.startsWith('/c/')) return objects.get(key)
        waiting += 1
        return new Promise((resolve) => release.push(() => resolve(objects.get(key))))
      },
    })
    const read = slow.get()
    await nextTask()
    assert.equal(waiting, 2)
    configure({ concurrency: 64 })
    await nextTask()
    assert.equal(waiting, 8)
    for (const answer of release) answer()
    assert.deepEqual((await read).data, (await array.get()).data)
  })
})

describe('options', () => {
  test('may be null, and a signal is a signal', async () => {
    const array = await open(arrayObjects([2], [2]))
    assert.deepEqual([...(await array.get(null, null)).data], [0, 1])
    for (const promise of [array.get(null, { signal: {} }), open(arrayObjects([2], [2]), { signal: 'x' })]) {
      const error = await failure(promise)
      assert.equal(error.code, 'invalid-argument')
      assert.match(error.message, /^signal is .*, expected an AbortSignal$/)
    }
    const kind = await failure(open(arrayObjects([2], [2]), { kind: 'arrray' }))
    assert.deepEqual(
      [kind.code, kind.message],
      ['invalid-argument', 'kind is "arrray", expected "array" or "group"'],
    )
  })
})

describe('open', () => {
  test('says what it found', async () => {
    const members = { attributes: { units: 'K' }, dimension_names: ['y', null] }
    const array = await open(arrayObjects([3, 4], [2, 3], members), { kind: 'array' })
    assert.ok(array instanceof ZarrArray)
    const { path, zarrFormat, shape, chunks, shards, dtype, fillValue, dimensionNames, attrs } = array
    assert.deepEqual(
      { path, zarrFormat, shape, chunks, shards, dtype, fillValue, dimensionNames, attrs },
      {
        path: '/',
        zarrFormat: 3,
        shape: [3, 4],
        chunks: [2, 3],
        shards: null,
        dtype: 'uint16',
        fillValue: FILL,
        dimensionNames: ['y', null],
        attrs: { units: 'K' },
      },
    )
    const group = await open(new Map([['/zarr.json', json(groupDocument({ title: 'x' }))]]))
    assert.ok(group instanceof ZarrGroup)
    assert.deepEqual([group.path, group.zarrFormat, group.attrs], ['/', 3, { title: 'x' }])
  })

  test('of v2 takes attributes from .zattrs', async () => {
    const store = new Map([
      ['/.zgroup', json({ zarr_format: 2 })],
      ['/.zattrs', json({ title: 'x' })],
      ['/a/.zarray', v2Document({})],
    ])
    const group = await open(store, { kind: 'group' })
    assert.deepEqual([group.zarrFormat, group.attrs], [2, { title: 'x' }])
    const array = await group.open('a', { kind: 'array' })
    assert.deepEqual([array.zarrFormat, array.path, array.attrs, array.dimensionNames], [2, '/a', {}, null])
  })

  test('of a sharded array says both chunk shapes, and all codecs', async () => {
    const array = await open(shardedObjects(32, 16, 4))
    assert.deepEqual([array.chunks, array.shards], [[4], [16]])
    const bytes = { name: 'bytes', configuration: { endian: 'little' } }
    const configuration = {
      chunk_shape: [4],
      codecs: [bytes],
      index_codecs: [bytes],
      index_location: 'end',
    }
    assert.deepEqual(array.codecs, [{ name: 'sharding_indexed', configuration }])
  })

  test('of v2 says filters and compressor by their names in v3', async () => {
    const compressor = { id: 'zlib', level: 1 }
    const array = await open(
      new Map([['/.zarray', v2Document({ compressor, filters: [{ id: 'shuffle', elementsize: 2 }] })]]),
    )
    assert.deepEqual(array.codecs, [
      { name: 'bytes', configuration: { endian: 'little' } },
      { name: 'numcodecs.shuffle', configuration: { elementsize: 2 } },
      { name: 'numcodecs.zlib', configuration: { level: 1 } },
    ])
  })

  test('of the other kind is not-found, and says what is there', async () => {
    const store = new Map([...arrayObjects([2], [2], { name: '/a' }), ['/zarr.json', json(groupDocument())]])
    const place = (path) => ({ code: 'not-found', path })
    await fails(open(store, { kind: 'array' }), '/: found a group, expected array', place('/'))
    const group = await open(store, { kind: 'group' })
    await fails(group.open('a', { kind: 'group' }), '/a: found an array, expected group', place('/a'))
  })

  test('of a data type takes an array of it, by its name with or without brackets', async () => {
    const times = v2Document({ dtype: '<M8[ns]' })
    const texts = v2Document({ dtype: '<U3', fill_value: '' })
    for (const [document, dtype, names, others] of [
      [times, 'datetime64[ns]', ['datetime64', 'datetime64[ns]'], ['datetime64[s]', 'datetime', 'int64']],
      [texts, 'fixed_length_utf32[12]', ['fixed_length_utf32'], ['string', 'fixed_length_utf32[3]']],
    ]) {
      const store = new Map([['/.zarray', document]])
      for (const name of names) {
        const array = await open(store, { dtype: name })
        assert.deepEqual([array.dtype, array.is(name)], [dtype, true])
      }
      for (const name of others) {
        assert.equal((await open(store, { kind: 'array' })).is(name), false)
        const message = `/: the data type is ${dtype}, expected ${name}`
        await fails(open(store, { kind: 'array', dtype: name }), message, { code: 'not-found', path: '/' })
      }
    }
  })

  test('of a data type is of an array, and of a name', async () => {
    const group = new Map([['/zarr.json', json(groupDocument())]])
    const isNone = { code: 'not-found', path: '/' }
    await fails(open(group, { dtype: 'int8' }), '/: found a group, expected array', isNone)
    for (const [options, message] of [
      [{ kind: 'group', dtype: 'int8' }, 'dtype is "int8", expected none, because groups have none'],
      [{ dtype: 8 }, 'dtype is 8, expected the name of a data type'],
    ]) {
      await fails(open(group, options), message, { code: 'invalid-argument' })
    }
  })

  test('of nothing is not-found', async () => {
    const group = await open(new Map([['/zarr.json', json(groupDocument())]]))
    const message = 'there is no array or group: none of zarr.json, .zarray and .zgroup exists'
    await fails(open(new Map()), message, { code: 'not-found', path: '/' })
    await fails(group.open('a//b/'), `/a/b: ${message}`, { code: 'not-found', path: '/a/b' })
  })

  test('of what is no location is invalid-argument', async () => {
    for (const location of [{}, { get: 5 }]) {
      await fails(open(location), 'the store has no method get', { code: 'invalid-argument' })
    }
    for (const location of [undefined, null, 5]) {
      const message = `the location is ${location}, expected a URL or a store, which is an object with get`
      await fails(open(location), message, { code: 'invalid-argument' })
    }
    for (const missing of [404, ['x'], [200], null]) {
      const message = `missing is ${JSON.stringify(missing)}, expected a list of HTTP statuses from 400 to 599`
      await fails(open(new Map(), { missing }), message, { code: 'invalid-argument' })
    }
    for (const location of ['', 'http://']) {
      const error = await fails(open(location), `"${location}" is not an absolute URL`, {
        code: 'invalid-argument',
      })
      assert.ok(error.cause instanceof TypeError)
    }
    await fails(
      open('ftp://host/a'),
      'the protocol of ftp://host/a is ftp:, expected http:, https:, s3: or gs:',
      {
        code: 'unsupported',
        url: 'ftp://host/a',
      },
    )
  })

  test('does not lead out of the store', async () => {
    const group = await open(new Map([['/zarr.json', json(groupDocument())]]))
    for (const path of ['..', '../a', 'a/../../b', './a', 'a/.']) {
      const error = await failure(group.open(path))
      assert.equal(error.code, 'invalid-argument')
      assert.match(error.message, /has a segment "\." or "\.\."/)
    }
  })

  test('of a document that is not JSON says which', async () => {
    const store = new Map([['/a/zarr.json', text('<!doctype html>')]])
    const group = await open(new Map([['/zarr.json', json(groupDocument())], ...store]))
    const error = await failure(group.open('a'))
    assert.deepEqual(
      { ...error },
      { name: 'ZarrError', code: 'invalid-metadata', path: '/a', key: 'a/zarr.json' },
    )
    assert.match(error.message, /^\/a: a\/zarr\.json: the document is not JSON\b.*"<!doctype html>"/)
  })

  test('takes attributes as they are: large integers, and any name', async () => {
    const attributes =
      '{"__proto__": {"polluted": true}, "constructor": null, "": "empty", "safe": 9007199254740991, "beyond": 9007199254740992, "unsigned": 18446744073709551615, "least": -9223372036854775808, "one": 1.0, "list": [1, [9007199254740993]]}'
    const store = new Map([
      ['/zarr.json', text(`{"zarr_format": 3, "node_type": "group", "attributes": ${attributes}}`)],
    ])
    const { attrs } = await open(store)
    assert.deepEqual(Object.getOwnPropertyDescriptor(attrs, '__proto__').value, { polluted: true })
    assert.equal(Object.getPrototypeOf(attrs), Object.prototype)
    assert.equal(attrs.polluted, undefined)
    const { ['__proto__']: _, ...rest } = attrs
    assert.deepEqual(rest, {
      constructor: null,
      '': 'empty',
      safe: 9007199254740991,
      beyond: 9007199254740992n,
      unsigned: 18446744073709551615n,
      least: -9223372036854775808n,
      one: 1,
      list: [1, [9007199254740993n]],
    })
  })
})

describe('slice', () => {
  test('has the arguments of Python', () => {
    const of = (start, stop, step) => ({ start, stop, step })
    assert.deepEqual(slice(5), of(null, 5, null))
    assert.deepEqual(slice(null), of(null, null, null))
    assert.deepEqual(slice(1, 5), of(1, 5, null))
    assert.deepEqual(slice(1, null), of(1, null, null))
    assert.deepEqual(slice(1, undefined), of(1, null, null))
    assert.deepEqual(slice(null, null, -1), of(null, null, -1))
    assert.deepEqual(slice(1n, 5n, 2n), of(1n, 5n, 2n))
    assert.deepEqual(slice(1, 5, null), of(1, 5, null))
  })
})

describe('an error', () => {
  test('of a chunk says what, where, expected and found', async () => {
    const objects = arrayObjects([4], [2], { name: '/a' }).set('/zarr.json', json(groupDocument()))
    objects.set('/a/c/1', new Uint8Array(3))
    const array = await (await open(objects)).open('a')
    const error = await fails(array.get(), '/a: a/c/1: bytes: 3 bytes, expected 4', {
      code: 'corrupt-chunk',
      path: '/a',
      key: 'a/c/1',
      codec: 'bytes',
    })
    assert.ok(error instanceof Error)
    assert.equal(`${error}`, `ZarrError: ${error.message}`)
    assert.equal('cause' in error, false)
  })

  test('of a codec names it, and the read after it is right', async () => {
    const members = {
      codecs: [
        { name: 'bytes', configuration: { endian: 'little' } },
        { name: 'gzip', configuration: { level: 1 } },
      ],
    }
    const objects = arrayObjects([2], [2], members)
    objects.set('/c/0', text('not gzip at all, but long enough for a header'))
    const error = await failure((await open(objects)).get())
    assert.deepEqual([error.code, error.key, error.codec], ['corrupt-chunk', 'c/0', 'gzip'])
    assert.deepEqual([...(await (await open(arrayObjects([4], [2]))).get()).data], [0, 1, 2, 3])
  })

  test('of what is not understood names it', async () => {
    const objects = arrayObjects([2], [2], { data_type: 'quaternion' })
    const error = await failure(open(objects))
    assert.deepEqual([error.code, error.path, error.key], ['unsupported', '/', 'zarr.json'])
    assert.match(error.message, /quaternion/)
  })

  test('of a result that fits into no memory is out-of-memory', async () => {
    const extent = 2 ** 40
    const store = new Map([['/zarr.json', json(arrayDocument([extent], [extent / 2 ** 12]))]])
    const error = await failure((await open(store)).get())
    assert.deepEqual([error.code, error.path], ['out-of-memory', '/'])
    assert.equal(error.message, `the result takes ${2 * extent} bytes: read it in parts`)
    assert.ok(error.cause instanceof RangeError)
  })

  test('of a result whose bytes are more than typed arrays can have is out-of-memory', async () => {
    const extent = constants.MAX_LENGTH / 8 + 1
    const document = arrayDocument([extent], [1 << 20], { data_type: 'float64', fill_value: 0 })
    const error = await failure((await open(new Map([['/zarr.json', json(document)]]))).get())
    assert.deepEqual([error.code, error.path], ['out-of-memory', '/'])
  })
})
