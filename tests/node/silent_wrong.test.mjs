// What readers of Zarr have answered wrong without an error: each is right here, or refused with a reason.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { open, slice } from 'zarr-wasm'
import { arrayDocument, arrayObjects, json, range, shardedObjects, v2Document } from './arrays.mjs'
import { failure } from './failure.mjs'

const bytes = (...values) => Uint8Array.from(values)
const littleEndian = (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
const texts = (...values) => vlen(values.map((value) => new TextEncoder().encode(value)))

/** The count of the elements, then each with its length before it. */
function vlen(elements, count = elements.length) {
  const u32 = (value) => littleEndian(Uint32Array.of(value))
  return Buffer.concat([u32(count), ...elements.flatMap((element) => [u32(element.length), element])])
}

/** A v3 array of uint8 in one chunk; members replace or add. */
const array = (shape, chunk, members = {}) => {
  const document = arrayDocument(shape, shape, {
    data_type: 'uint8',
    fill_value: 7,
    codecs: ['bytes'],
    ...members,
  })
  const key = ['/c', ...shape.map(() => 0)].join('/')
  return open(new Map([['/zarr.json', json(document)], ...(chunk ? [[key, chunk]] : [])]))
}

/** A v2 array in one chunk. */
const arrayV2 = (members, chunk) => {
  const { shape = [1] } = members
  const objects = new Map([['/.zarray', v2Document({ chunks: shape, ...members })]])
  if (chunk) objects.set(shape.map(() => 0).join('.') || '/0', chunk)
  return open(new Map([...objects].map(([key, value]) => [key.startsWith('/') ? key : `/${key}`, value])))
}

const read = async (opening, selection) => {
  const { data } = await (await opening).get(selection)
  return ArrayBuffer.isView(data) ? [...data] : data
}

const corrupt = async (opening) => assert.equal((await failure(read(opening))).code, 'corrupt-chunk')

describe('documents', () => {
  const refused = [
    [
      'storage transformers',
      { storage_transformers: [{ name: 'x', configuration: {} }] },
      'unsupported',
      /x/,
    ],
    ['a member that is not known', { novelty: {} }, 'unsupported', /novelty/],
    ['a member that must be understood', { novelty: { must_understand: true } }, 'unsupported', /novelty/],
    ['a chunk grid that is not known', { chunk_grid: { name: 'hexagonal' } }, 'unsupported', /hexagonal/],
    ['the fill value NaN of an integer', { fill_value: 'NaN' }, 'invalid-metadata', /NaN/],
  ]
  for (const [what, members, code, message] of refused) {
    test(`${what} is refused`, async () => {
      const error = await failure(array([2], bytes(1, 2), members))
      assert.equal(error.code, code)
      assert.match(error.message, message)
    })
  }

  test('a fill value in hexadecimal is a bit pattern', async () => {
    const float32 = { data_type: 'float32', fill_value: '0x3fc00000', codecs: [little] }
    assert.deepEqual(await read(array([1], undefined, float32)), [1.5])
  })

  test('a fill value beyond 2^53 is exact', async () => {
    const document = arrayDocument([1], [1], { data_type: 'int64', fill_value: '?' })
    const text = JSON.stringify(document).replace('"?"', '9007199254740993')
    const objects = new Map([['/zarr.json', new TextEncoder().encode(text)]])
    assert.deepEqual(await read(open(objects)), [9007199254740993n])
  })

  test('the fill value of byte strings in v2 is base64', async () => {
    assert.deepEqual(await read(arrayV2({ dtype: '|S4', fill_value: 'YWJj' })), ['abc'])
  })

  test('a data type of v2 that is not known is said to be that, not to be missing', async () => {
    const error = await failure(arrayV2({ dtype: '|Q9' }))
    assert.notEqual(error.code, 'not-found')
    assert.match(error.message, /\|Q9/)
  })

  test('int64 of v2 is signed', async () => {
    assert.deepEqual(await read(arrayV2({ dtype: '<i8' }, littleEndian(BigInt64Array.of(-1n)))), [-1n])
  })
})

const little = { name: 'bytes', configuration: { endian: 'little' } }
const transpose = (...order) => ({ name: 'transpose', configuration: { order } })

describe('selections', () => {
  const objects = () => arrayObjects([5, 4], [2, 3])

  test('too few entries are completed', async () => {
    assert.deepEqual(await (await open(objects())).get([1]).then(({ shape }) => shape), [4])
  })

  test('an empty list of entries is the whole array', async () => {
    assert.deepEqual((await (await open(objects())).get([])).shape, [5, 4])
  })

  for (const selection of ['x', [Number.NaN], [1.9], [slice(0.5, 2.5)], [5]]) {
    const what =
      typeof selection === 'string'
        ? `"${selection}"`
        : String(Object.values(selection[0] ?? {}).join() || selection)
    test(`${what} is refused`, async () => {
      assert.equal((await failure((await open(objects())).get(selection))).code, 'invalid-selection')
    })
  }

  test('nothing selected is an empty result, of arrays without elements, too', async () => {
    assert.deepEqual((await (await open(objects())).get([slice(2, 2)])).shape, [0, 4])
    assert.deepEqual((await (await open(arrayObjects([0, 4], [2, 3]))).get()).shape, [0, 4])
  })

  test('an index may be a bigint', async () => {
    assert.deepEqual(await read(open(objects()), [1n, 2n]), [6])
  })

  test('chunks outside of the grid are refused', async () => {
    const error = await failure((await open(objects())).blocks.get([99, 99]))
    assert.equal(error.code, 'invalid-selection')
  })

  test('an index along an axis of a transposed array is of that axis', async () => {
    const transposed = () => array([2, 3], bytes(0, 3, 1, 4, 2, 5), { codecs: [transpose(1, 0), 'bytes'] })
    assert.deepEqual(await read(transposed()), range(0, 6))
    assert.deepEqual(await read(transposed(), [1]), [3, 4, 5])
    assert.deepEqual(await read(transposed(), [null, 1]), [1, 4])
  })

  test('lists and points of a sharded array are those of its elements', async () => {
    const sharded = await open(shardedObjects(64, 16, 4))
    assert.deepEqual([...(await sharded.oindex.get([[63, 0, 17, 17]])).data], [63, 0, 17, 17])
    assert.deepEqual([...(await sharded.vindex.get([[5, 40, -1]])).data], [5, 40, 63])
  })
})

describe('chunks', () => {
  test('too short or too long are errors', async () => {
    await corrupt(array([4], bytes(1, 2, 3)))
    await corrupt(array([4], bytes(1, 2, 3, 4, 5)))
  })

  test('a wrong checksum is an error', async () => {
    await corrupt(array([4], bytes(1, 2, 3, 4, 0, 0, 0, 0), { codecs: ['bytes', 'crc32c'] }))
  })

  test('a damaged compressed chunk is an error', async () => {
    const chunk = gzipSync(bytes(...range(0, 100)))
    await corrupt(array([100], chunk.subarray(0, -9), { codecs: ['bytes', 'gzip'] }))
    chunk[chunk.length - 12] ^= 1
    await corrupt(array([100], chunk, { codecs: ['bytes', 'gzip'] }))
  })

  test('a blosc chunk that was cut is an error', async () => {
    const stored = bytes(2, 1, 0x02, 1, 4, 0, 0, 0, 4, 0, 0, 0, 20, 0, 0, 0, 1, 2, 3, 4)
    assert.deepEqual(await read(array([4], stored, { codecs: ['bytes', 'blosc'] })), [1, 2, 3, 4])
    await corrupt(array([4], stored.subarray(0, -1), { codecs: ['bytes', 'blosc'] }))
  })

  test('several transpositions are all undone', async () => {
    const codecs = [transpose(2, 0, 1), transpose(1, 2, 0), 'bytes']
    // The second undoes the first.
    assert.deepEqual(await read(array([2, 3, 4], bytes(...range(0, 24)), { codecs })), range(0, 24))
    const twice = [transpose(1, 2, 0), transpose(1, 2, 0), 'bytes']
    const stored = range(0, 4).flatMap((k) =>
      range(0, 2).flatMap((i) => range(0, 3).map((j) => (i * 3 + j) * 4 + k)),
    )
    assert.deepEqual(await read(array([2, 3, 4], bytes(...stored), { codecs: twice })), range(0, 24))
  })

  test('filters of v2 are applied, the last one first, and behind them the compressor', async () => {
    const filters = [{ id: 'delta', dtype: '<i4', astype: '|i1' }, { id: 'zlib' }]
    const { deflateSync } = await import('node:zlib')
    const chunk = gzipSync(deflateSync(bytes(1, 1, 1, 1)))
    const members = { shape: [4], dtype: '<i4', filters, compressor: { id: 'gzip' } }
    assert.deepEqual(await read(arrayV2(members, chunk)), [1, 2, 3, 4])
  })

  test('a filter has the byte order of the type that it stores', async () => {
    const filters = [{ id: 'fixedscaleoffset', dtype: '<f8', astype: '>i2', scale: 1, offset: 0 }]
    const members = { shape: [2], dtype: '<f8', filters }
    assert.deepEqual(await read(arrayV2(members, bytes(0, 1, 0, 2))), [1, 2])
  })

  test('shuffle has the configured element size, and whole elements', async () => {
    const filters = [{ id: 'shuffle', elementsize: 4 }]
    const members = { shape: [4], dtype: '<u2', filters }
    assert.deepEqual(await read(arrayV2(members, bytes(1, 3, 0, 0, 2, 4, 0, 0))), [1, 2, 3, 4])
    await corrupt(arrayV2({ ...members, shape: [3] }, bytes(1, 2, 3, 0, 0, 0)))
  })

  test('bits are packed from the highest to the lowest by numcodecs', async () => {
    const members = { shape: [3], dtype: '|b1', fill_value: false, filters: [{ id: 'packbits' }] }
    assert.deepEqual(await read(arrayV2(members, bytes(5, 0b1010_0000))), [1, 0, 1])
  })

  const strings = { data_type: 'string', fill_value: '', codecs: ['vlen-utf8'] }

  test('texts with another count than the chunk’s are an error', async () => {
    assert.deepEqual(await read(array([2], texts('a', 'ü'), strings)), ['a', 'ü'])
    await corrupt(array([2], texts('a'), strings))
    await corrupt(array([1], texts('a', 'b'), strings))
    await corrupt(array([2], vlen([bytes(97)], 2), strings))
  })

  test('bytes that are a view into a larger buffer are only that part, also of odd addresses', async () => {
    const within = (chunk) => Uint8Array.from([9, ...chunk, 9]).subarray(1, chunk.length + 1)
    assert.deepEqual(await read(array([2], within(texts('a', 'bc')), strings)), ['a', 'bc'])
    const doubles = { data_type: 'float64', codecs: [little] }
    assert.deepEqual(
      await read(array([2], within(littleEndian(Float64Array.of(1.5, -2))), doubles)),
      [1.5, -2],
    )
  })

  test('objects in JSON have the dimensions of their array', async () => {
    const members = { shape: [2, 2], dtype: '|O', filters: [{ id: 'json2' }], fill_value: null }
    const rows = [
      ['a', [1]],
      [{ b: null }, 'c'],
    ]
    const chunk = json([...rows, '|O', [2, 2]])
    assert.deepEqual(await read(arrayV2(members, chunk)), rows.flat())
  })
  test('characters beyond U+FFFF are one of a text, not two', async () => {
    const chunk = littleEndian(Uint32Array.from('🎈é', (character) => character.codePointAt(0)))
    assert.deepEqual(await read(arrayV2({ dtype: '<U2', fill_value: '' }, chunk)), ['🎈é'])
  })
  test('byte strings lose the NULs at their end and no others', async () => {
    assert.deepEqual(await read(arrayV2({ dtype: '|S4' }, bytes(97, 0, 98, 0))), ['a\0b'])
  })

  test('big-endian data read again from the same bytes are the same, and the bytes unchanged', async () => {
    const chunk = bytes(0, 1, 0, 2)
    const big = { data_type: 'uint16', codecs: [{ name: 'bytes', configuration: { endian: 'big' } }] }
    const opened = await array([2], chunk, big)
    for (let again = 0; again < 3; again++) assert.deepEqual([...(await opened.get()).data], [1, 2])
    assert.deepEqual(chunk, bytes(0, 1, 0, 2))
  })

  test('a result is memory of its own: changing it does not change the store', async () => {
    const chunk = bytes(1, 2, 3)
    const opened = await array([3], chunk)
    const { data } = await opened.get()
    data.fill(0)
    assert.deepEqual(chunk, bytes(1, 2, 3))
    assert.deepEqual([...(await opened.get()).data], [1, 2, 3])
  })
})

describe('shards', () => {
  const endAndStart = ['end', 'start']
  for (const indexLocation of endAndStart) {
    test(`have their index at the ${indexLocation}`, async () => {
      assert.deepEqual(await read(open(shardedObjects(8, 8, 2, { indexLocation }))), range(0, 8))
    })
  }

  const sharding = (codecs, chunk_shape = [1, 2]) => ({
    name: 'sharding_indexed',
    configuration: { chunk_shape, codecs, index_codecs: [little] },
  })
  const index = (...numbers) => littleEndian(BigUint64Array.from(numbers, BigInt))

  test('are decoded behind other codecs and before them', async () => {
    const shard = Buffer.concat([bytes(0, 2, 1, 3), index(0, 2, 2, 2)])
    const codecs = [transpose(1, 0), sharding(['bytes']), 'gzip']
    assert.deepEqual(await read(array([2, 2], gzipSync(shard), { codecs })), [0, 1, 2, 3])
  })

  test('may hold shards', async () => {
    const inner = (first) => Buffer.concat([bytes(first, first + 1), index(0, 1, 1, 1)])
    const [a, b] = [inner(0), inner(2)]
    const shard = Buffer.concat([a, b, index(0, a.length, a.length, b.length)])
    const codecs = [sharding([sharding(['bytes'], [1, 1])])]
    assert.deepEqual(await read(array([2, 2], shard, { codecs })), [0, 1, 2, 3])
  })

  test('with an index that cannot be true are errors', async () => {
    const missing = 2n ** 64n - 1n
    for (const entry of [
      [missing, 2],
      [0, missing],
      [3, 2],
      [2n ** 63n, 2],
      [missing - 1n, 2],
      [0, 0],
    ]) {
      const shard = Buffer.concat([bytes(1, 2, 3, 4), index(...entry, 2, 2)])
      await corrupt(array([2, 2], shard, { codecs: [sharding(['bytes'])] }))
    }
    await corrupt(array([2, 2], bytes(1, 2, 3), { codecs: [sharding(['bytes'])] }))
  })
})

describe('reads beside each other', () => {
  /** A store whose answers wait until they are let go, and that ignores signals. */
  function held(objects) {
    const waiting = []
    const get = (key) =>
      key.startsWith('/c/')
        ? new Promise((resolve) => waiting.push(() => resolve(objects.get(key))))
        : objects.get(key)
    return { get, release: () => waiting.splice(0).map((answer) => answer()), waiting }
  }

  const until = async (holds) => {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve))
  }

  for (const [what, objects] of [
    ['chunk', arrayObjects([4], [4])],
    ['shard', shardedObjects(8, 8, 2)],
  ]) {
    test(`one that is aborted leaves the other alone, of the same ${what}`, async () => {
      const store = held(objects)
      const opened = await open(store)
      const controller = new AbortController()
      const aborted = failure(opened.get([slice(0, 2)], { signal: controller.signal }))
      const other = opened.get([slice(0, 2)])
      await until(() => store.waiting.length >= 1)
      controller.abort(new Error('enough'))
      assert.equal((await aborted).message, 'enough')
      store.release()
      assert.deepEqual([...(await other).data], [0, 1])
    })
  }

  test('one that fails rejects, and nothing is left unhandled', async () => {
    const objects = arrayObjects([8], [2])
    const cause = new Error('gone')
    const store = { get: async (key) => (key === '/c/2' ? Promise.reject(cause) : objects.get(key)) }
    const error = await failure((await open(store)).get())
    assert.deepEqual([error.code, error.key, error.cause], ['store', 'c/2', cause])
  })
})
