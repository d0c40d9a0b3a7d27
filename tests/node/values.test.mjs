// What results are where elements are not plain numbers: texts, bytes, lists, records; and how they are selected.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { open, slice } from 'zarr-wasm'
import { arrayDocument, json, v2Document } from './arrays.mjs'
import { fails, failure } from './failure.mjs'

const encoder = new TextEncoder()

const UTF8 = { name: 'vlen-utf8' }
const BYTES = { name: 'bytes' }
const LITTLE = { name: 'bytes', configuration: { endian: 'little' } }

/** A chunk of `vlen-utf8` or `vlen-bytes`: texts or bytes. */
function vlen(elements) {
  const word = (number) => [...new Uint8Array(Uint32Array.of(number).buffer)]
  const each = elements.flatMap((element) => {
    const bytes = typeof element === 'string' ? encoder.encode(element) : element
    return [...word(bytes.length), ...bytes]
  })
  return Uint8Array.from([...word(elements.length), ...each])
}

const v3Array = (shape, chunks, members, objects = {}) =>
  open(new Map([['/zarr.json', json(arrayDocument(shape, chunks, members))], ...Object.entries(objects)]))

const v2Array = (members, objects = {}) =>
  open(new Map([['/.zarray', v2Document(members)], ...Object.entries(objects)]))

const configured = (name, configuration) => ({ name, configuration })
const lengthBytes = (name, length_bytes) => configured(name, { length_bytes })

/** [5, 3] in chunks of [2, 2]: the text of row and column, "é" before it; the chunk [0, 1] is missing. */
function words() {
  const chunk = (i, j) =>
    vlen([0, 1].flatMap((row) => [0, 1].map((column) => `é${2 * i + row}${2 * j + column}`)))
  const objects = {}
  for (const [i, j] of [
    [0, 0],
    [1, 0],
    [1, 1],
    [2, 0],
    [2, 1],
  ])
    objects[`/c/${i}/${j}`] = chunk(i, j)
  const members = { data_type: 'string', codecs: [UTF8], fill_value: 'none' }
  return v3Array([5, 3], [2, 2], members, objects)
}

describe('texts', () => {
  test('are a list of strings, with what the array says of them', async () => {
    const array = await words()
    assert.deepEqual([array.dtype, array.fillValue, array.fields], ['string', 'none', null])
    assert.deepEqual(await array.get([slice(0, 2)]), {
      data: ['é00', 'é01', 'none', 'é10', 'é11', 'none'],
      shape: [2, 3],
      stride: [3, 1],
    })
  })

  test('are selected like anything else', async () => {
    const array = await words()
    const checks = [
      [array.get([slice(null, null, -2), 1]), [3], ['é41', 'é21', 'é01']],
      [array.get([3, 2]), [], ['é32']],
      [array.get([1, 2]), [], ['none']],
      [array.get([slice(4, 5), slice(null, null, -1)]), [1, 3], ['é42', 'é41', 'é40']],
      [array.get([slice(2, 2)]), [0, 3], []],
      [
        array.oindex.get([
          [4, 0, 4],
          [2, 0],
        ]),
        [3, 2],
        ['é42', 'é40', 'none', 'é00', 'é42', 'é40'],
      ],
      [array.oindex.get([[true, false, false, false, true], 0]), [2], ['é00', 'é40']],
      [
        array.vindex.get([
          [3, 0, 3],
          [0, 2, 0],
        ]),
        [3],
        ['é30', 'none', 'é30'],
      ],
      [array.blocks.get([1, 1]), [2, 1], ['é22', 'é32']],
      [array.blocks.get([-1]), [1, 3], ['é40', 'é41', 'é42']],
    ]
    for (const [read, shape, data] of checks) {
      const chunk = await read
      assert.deepEqual([chunk.shape, chunk.data], [shape, data])
    }
  })

  test('are as they were written: empty, with NULs, byte order marks and all planes', async () => {
    const texts = ['', '\0', 'a\0', '\ufeffBOM', '🙂\u200d', '\uffff', 'é', 'e\u0301']
    const members = { data_type: 'string', codecs: [UTF8], fill_value: '' }
    const array = await v3Array([8], [8], members, { '/c/0': vlen(texts) })
    assert.deepEqual((await array.get()).data, texts)
    assert.deepEqual((await array.get(null, { as: 'string' })).data, texts)
    await fails(array.get(null, { as: 'bytes' }), 'as: elements of type string cannot be had as bytes', {
      code: 'invalid-argument',
      path: '/',
    })
  })

  test('have a scalar of their own', async () => {
    const members = { data_type: 'string', codecs: [UTF8], fill_value: 'x' }
    assert.deepEqual(await (await v3Array([], [], members, { '/c': vlen(['🙂']) })).get(), {
      data: ['🙂'],
      shape: [],
      stride: [],
    })
    assert.deepEqual((await (await v3Array([], [], members)).get()).data, ['x'])
  })

  test('have no out', async () => {
    const array = await words()
    const message = 'out: only a result that is one typed array can be put somewhere'
    for (const out of [new Array(15), new Uint8Array(15)]) {
      await fails(array.get(null, { out }), message, { code: 'invalid-argument' })
    }
  })

  test('of fixed length end before their padding', async () => {
    const codePoints = Uint32Array.from([0x1f642, 0, 0x61, 0, 0, 0], (point) => point)
    const members = {
      data_type: lengthBytes('fixed_length_utf32', 12),
      codecs: [LITTLE],
      fill_value: 'né',
    }
    const objects = { '/c/0': new Uint8Array(codePoints.buffer) }
    const array = await v3Array([3], [2], members, objects)
    assert.deepEqual([array.dtype, array.fillValue], ['fixed_length_utf32[12]', 'né'])
    assert.deepEqual((await array.get()).data, ['🙂\0a', '', 'né'])
    assert.deepEqual((await array.get([slice(null, null, -1)], { as: 'string' })).data, ['né', '', '🙂\0a'])
  })

  test('of bytes that are none are a conversion error, in the fill value bytes', async () => {
    const array = await v2Array(
      { shape: [2], chunks: [1], dtype: '|S2', fill_value: '6WE=' },
      { '/0': encoder.encode('ok') },
    )
    assert.deepEqual([array.dtype, array.fillValue], ['null_terminated_bytes[2]', Uint8Array.of(0xe9, 0x61)])
    assert.deepEqual((await array.get([0])).data, ['ok'])
    assert.equal((await failure(array.get())).code, 'conversion')
    assert.deepEqual((await array.get(null, { as: 'bytes' })).data, Uint8Array.of(0x6f, 0x6b, 0xe9, 0x61))
  })

  test('that are no UTF-8, or no characters, are a corrupt chunk', async () => {
    const members = { data_type: 'string', codecs: [UTF8], fill_value: '' }
    const broken = await v3Array([1], [1], members, { '/c/0': vlen([Uint8Array.of(0x61, 0xe9)]) })
    await fails(broken.get(), 'c/0: vlen-utf8: element 0: not UTF-8 from byte 1', {
      code: 'corrupt-chunk',
      path: '/',
      key: 'c/0',
      codec: 'vlen-utf8',
    })
    const fixed = { data_type: lengthBytes('fixed_length_utf32', 4), codecs: [LITTLE], fill_value: '' }
    const surrogate = await v3Array([1], [1], fixed, { '/c/0': Uint8Array.of(0, 0xd8, 0, 0) })
    assert.equal((await failure(surrogate.get())).code, 'corrupt-chunk')
  })
})

describe('bytes and lists', () => {
  test('of variable length are arrays of their own', async () => {
    const members = { data_type: 'bytes', codecs: [{ name: 'vlen-bytes' }], fill_value: [255, 0] }
    const array = await v3Array([3], [2], members, { '/c/0': vlen([Uint8Array.of(1, 0), '']) })
    assert.deepEqual([array.dtype, array.fillValue], ['bytes', Uint8Array.of(255, 0)])
    const { data } = await array.get()
    assert.deepEqual(data, [Uint8Array.of(1, 0), new Uint8Array(0), Uint8Array.of(255, 0)])
    const twice = (await array.oindex.get([[2, 2]])).data
    twice[0][0] = 7
    assert.deepEqual(twice[1], Uint8Array.of(255, 0))
    assert.deepEqual((await array.get(null, { as: 'bytes' })).data, data)
  })

  test('of fixed length are numbers of one array', async () => {
    const members = { data_type: lengthBytes('raw_bytes', 3), codecs: [BYTES], fill_value: 'AAEC' }
    const array = await v3Array([3], [2], members, { '/c/0': Uint8Array.of(1, 2, 3, 4, 5, 6) })
    assert.deepEqual([array.dtype, array.fillValue], ['raw_bytes[3]', Uint8Array.of(0, 1, 2)])
    const expected = { data: Uint8Array.of(0, 1, 2, 4, 5, 6, 1, 2, 3), shape: [3], stride: [1] }
    assert.deepEqual(await array.get([slice(null, null, -1)]), expected)
    const out = new Uint8Array(3)
    await array.get([1], { out, as: 'bytes' })
    assert.deepEqual(out, Uint8Array.of(4, 5, 6))
    const same = await v3Array([1], [1], { data_type: 'r24', codecs: [BYTES], fill_value: [0, 1, 2] })
    assert.deepEqual([same.dtype, (await same.get()).data], ['raw_bytes[3]', Uint8Array.of(0, 1, 2)])
  })

  test('of numbers are typed arrays', async () => {
    const lists = (dtype, elements) =>
      v2Array(
        { shape: [3], chunks: [2], dtype: '|O', fill_value: 0, filters: [{ id: 'vlen-array', dtype }] },
        { '/0': vlen(elements) },
      )
    const array = await lists('>i2', [Uint8Array.of(1, 0, 0, 2), ''])
    assert.deepEqual([array.dtype, array.fillValue], ['list[int16]', []])
    assert.deepEqual((await array.get()).data, [Int16Array.of(256, 2), new Int16Array(0), new Int16Array(0)])
    const halves = await lists('<f2', [Uint8Array.of(0, 0x3c), ''])
    assert.deepEqual((await halves.get([0])).data, [Float32Array.of(1)])
  })
})

describe('objects', () => {
  const members = { shape: [6], chunks: [5], dtype: '|O', fill_value: null }
  const values = [null, 'é', [1.5, { a: true }], 2n ** 64n - 1n, Number.NaN, null]

  /** What both codecs must give. */
  async function holds(array) {
    assert.deepEqual([array.dtype, array.fillValue], ['object', null])
    assert.deepEqual((await array.get()).data, values)
    assert.deepEqual((await array.get([slice(2, 0, -1)])).data, [[1.5, { a: true }], 'é'])
    assert.equal((await failure(array.get(null, { as: 'string' }))).code, 'invalid-argument')
  }

  test('are values, out of JSON', async () => {
    const chunk = '[null, "é", [1.5, {"a": true}], 18446744073709551615, NaN, "|O", [5]]'
    await holds(await v2Array({ ...members, filters: [{ id: 'json2' }] }, { '/0': encoder.encode(chunk) }))
  })

  test('are values, out of MessagePack', async () => {
    const packed = [
      0x97, 0xc0, 0xa2, 0xc3, 0xa9, 0x92, 0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0x81, 0xa1, 0x61, 0xc3,
    ]
    packed.push(
      0xcf,
      255,
      255,
      255,
      255,
      255,
      255,
      255,
      255,
      0xca,
      0x7f,
      0xc0,
      0,
      0,
      0xa2,
      0x7c,
      0x4f,
      0x91,
      5,
    )
    await holds(
      await v2Array({ ...members, filters: [{ id: 'msgpack2' }] }, { '/0': Uint8Array.from(packed) }),
    )
  })

  test('that are pickled are refused', async () => {
    const error = await failure(v2Array({ ...members, filters: [{ id: 'pickle', protocol: 5 }] }))
    assert.equal(error.code, 'unsupported')
    assert.match(error.message, /pickled/)
  })
})

describe('records', () => {
  // Of 9 bytes: a, then b within in, then the text, then two numbers.
  const dtype = [
    ['a', '>i2'],
    [
      'in',
      [
        ['b', '|b1'],
        ['__proto__', '|S2'],
      ],
    ],
    ['pair', '<u2', [2]],
  ]
  const record = (a, b, text, ...pair) => [
    a >> 8,
    a & 255,
    b,
    ...encoder.encode(text),
    ...Array.from(pair, (n) => [n & 255, n >> 8]).flat(),
  ]
  const fill = Buffer.from(record(258, 1, 'zz', 1, 2)).toString('base64')
  const objects = {
    '/0.0': Uint8Array.from(
      [
        record(1, 0, 'aa', 1, 2),
        record(2, 1, 'b\0', 3, 4),
        record(3, 1, '\0\0', 5, 6),
        record(4, 0, 'dd', 7, 8),
      ].flat(),
    ),
  }
  const opened = () => v2Array({ shape: [2, 3], chunks: [2, 2], dtype, fill_value: fill }, objects)
  const own = (entries) => Object.fromEntries(entries)

  test('are columns, nested as the fields are', async () => {
    const array = await opened()
    assert.equal(array.dtype, 'struct')
    assert.deepEqual(array.fields, [
      { name: 'a', dtype: 'int16' },
      {
        name: 'in',
        dtype: 'struct',
        fields: [
          { name: 'b', dtype: 'bool' },
          { name: '__proto__', dtype: 'null_terminated_bytes[2]' },
        ],
      },
      { name: 'pair', dtype: 'uint16', shape: [2] },
    ])
    assert.deepEqual(array.fillValue, {
      a: 258,
      in: own([
        ['b', true],
        ['__proto__', 'zz'],
      ]),
      pair: [1, 2],
    })
    const { data, shape, stride } = await array.get()
    assert.deepEqual(
      [shape, stride],
      [
        [2, 3],
        [3, 1],
      ],
    )
    assert.deepEqual(data.a, Int16Array.of(1, 2, 258, 3, 4, 258))
    assert.deepEqual(Object.keys(data.in), ['b', '__proto__'])
    assert.equal(Object.getPrototypeOf(data.in), Object.prototype)
    assert.deepEqual(data.in.b, Uint8Array.of(0, 1, 1, 1, 0, 1))
    assert.deepEqual(Object.getOwnPropertyDescriptor(data.in, '__proto__').value, [
      'aa',
      'b',
      'zz',
      '',
      'dd',
      'zz',
    ])
    assert.deepEqual(data.pair, Uint16Array.of(1, 2, 3, 4, 1, 2, 5, 6, 7, 8, 1, 2))
  })

  test('are selected like anything else', async () => {
    const array = await opened()
    const text = ({ data }) => Object.getOwnPropertyDescriptor(data.in, '__proto__').value
    for (const [read, shape, a, texts, pair] of [
      [array.get([slice(null, null, -1), 1]), [2], [4, 2], ['dd', 'b'], [7, 8, 3, 4]],
      [array.get([1, 0]), [], [3], [''], [5, 6]],
      [array.get([slice(1, 1)]), [0, 3], [], [], []],
      [
        array.oindex.get([
          [1, 0],
          [2, 0],
        ]),
        [2, 2],
        [258, 3, 258, 1],
        ['zz', '', 'zz', 'aa'],
        [1, 2, 5, 6, 1, 2, 1, 2],
      ],
      [
        array.vindex.get([
          [1, 1],
          [1, 0],
        ]),
        [2],
        [4, 3],
        ['dd', ''],
        [7, 8, 5, 6],
      ],
      [array.blocks.get([0, 1]), [2, 1], [258, 258], ['zz', 'zz'], [1, 2, 1, 2]],
    ]) {
      const chunk = await read
      assert.deepEqual([chunk.shape, text(chunk)], [shape, texts])
      assert.deepEqual([chunk.data.a, chunk.data.pair], [Int16Array.from(a), Uint16Array.from(pair)])
    }
  })

  test('have neither as nor out', async () => {
    const array = await opened()
    await fails(array.get(null, { as: 'int16' }), 'as: elements of type struct cannot be had as int16', {
      code: 'invalid-argument',
      path: '/',
    })
    const message = 'out: only a result that is one typed array can be put somewhere'
    await fails(array.get(null, { out: new Int16Array(6) }), message, { code: 'invalid-argument' })
  })

  test('of one field are columns, too', async () => {
    const data_type = configured('struct', { fields: [{ name: 'x', data_type: 'int32' }] })
    const members = { data_type, codecs: [LITTLE], fill_value: { x: 0 } }
    const array = await v3Array([3], [2], members, { '/c/0': new Uint8Array(Int32Array.of(5, -5).buffer) })
    assert.deepEqual(await array.get(), { data: { x: Int32Array.of(5, -5, 0) }, shape: [3], stride: [1] })
    assert.deepEqual(array.fillValue, { x: 0 })
  })

  test('with a boolean that is none are a corrupt chunk', async () => {
    const broken = { '/0.0': objects['/0.0'].slice() }
    broken['/0.0'][2] = 2
    const array = await v2Array({ shape: [2, 3], chunks: [2, 2], dtype, fill_value: fill }, broken)
    await fails(array.get(), '0.0: a bool is stored as 2, expected 0 or 1', {
      code: 'corrupt-chunk',
      path: '/',
      key: '0.0',
    })
  })

  test('without a fill value say null and read zeros and nothing', async () => {
    const array = await v2Array({ shape: [2], chunks: [2], dtype, fill_value: null })
    assert.equal(array.fillValue, null)
    const { data } = await array.get([0])
    assert.deepEqual([data.a, data.in.b, data.pair], [Int16Array.of(0), Uint8Array.of(0), new Uint16Array(2)])
  })
})

describe('shards', () => {
  test('of texts have the fill value where inner chunks are missing', async () => {
    const first = vlen(['a', 'bc'])
    const index = BigUint64Array.of(2n ** 64n - 1n, 2n ** 64n - 1n, 0n, BigInt(first.length))
    const shard = Uint8Array.from([...first, ...new Uint8Array(index.buffer)])
    const sharding = configured('sharding_indexed', {
      chunk_shape: [2],
      codecs: [UTF8],
      index_codecs: [LITTLE],
    })
    const transposed = [configured('transpose', { order: [0] }), sharding]
    // By inner chunks, and as a whole.
    for (const codecs of [[sharding], transposed]) {
      const members = { data_type: 'string', codecs, fill_value: 'fill' }
      const array = await v3Array([4], [4], members, { '/c/0': shard })
      assert.deepEqual((await array.get()).data, ['fill', 'fill', 'a', 'bc'])
      assert.deepEqual((await array.get([slice(null, null, -1)])).data, ['bc', 'a', 'fill', 'fill'])
    }
  })
})
