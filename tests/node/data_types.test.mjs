// What each data type becomes in JavaScript.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { open, slice } from 'zarr-wasm'
import { arrayDocument, json, v2Document } from './arrays.mjs'

const text = (string) => new TextEncoder().encode(string)

/** An array of one missing chunk; the fill value is JSON text, so that it may be any number. */
const filled = (dataType, fill, shape = [1]) =>
  open(
    new Map([
      [
        '/zarr.json',
        text(
          JSON.stringify({
            ...arrayDocument(shape, shape, { data_type: dataType }),
            fill_value: '?',
          }).replace('"?"', fill),
        ),
      ],
    ]),
  )

describe('data types', () => {
  const NAT = -(2n ** 63n)
  const time = (name, unit, scale_factor = 1) => ({ name, configuration: { unit, scale_factor } })
  const types = [
    ['bool', 'true', 'bool', true, Uint8Array.of(1)],
    ['bool', 'false', 'bool', false, Uint8Array.of(0)],
    ['int8', '-128', 'int8', -128, Int8Array.of(-128)],
    ['int16', '-32768', 'int16', -32768, Int16Array.of(-32768)],
    ['int32', '-5', 'int32', -5, Int32Array.of(-5)],
    ['int64', '-9007199254740993', 'int64', -9007199254740993n, BigInt64Array.of(-9007199254740993n)],
    ['int64', '0', 'int64', 0n, BigInt64Array.of(0n)],
    ['uint8', '255', 'uint8', 255, Uint8Array.of(255)],
    ['uint16', '65535', 'uint16', 65535, Uint16Array.of(65535)],
    ['uint32', '4294967295', 'uint32', 4294967295, Uint32Array.of(4294967295)],
    ['uint64', '18446744073709551615', 'uint64', 2n ** 64n - 1n, BigUint64Array.of(2n ** 64n - 1n)],
    ['float16', '1.5', 'float16', 1.5, Float32Array.of(1.5)],
    ['float16', '"NaN"', 'float16', Number.NaN, Float32Array.of(Number.NaN)],
    ['float16', '65504', 'float16', 65504, Float32Array.of(65504)],
    ['float32', '0.1', 'float32', Math.fround(0.1), Float32Array.of(0.1)],
    ['float32', '"0x3fc00000"', 'float32', 1.5, Float32Array.of(1.5)],
    ['float64', '0.1', 'float64', 0.1, Float64Array.of(0.1)],
    [
      'float64',
      '"-Infinity"',
      'float64',
      Number.NEGATIVE_INFINITY,
      Float64Array.of(Number.NEGATIVE_INFINITY),
    ],
    ['float64', '-0.0', 'float64', -0, Float64Array.of(-0)],
    ['complex64', '[1.5, "NaN"]', 'complex64', [1.5, Number.NaN], Float32Array.of(1.5, Number.NaN)],
    ['complex128', '[0.1, -2]', 'complex128', [0.1, -2], Float64Array.of(0.1, -2)],
    [time('numpy.datetime64', 'ns'), '1', 'datetime64[ns]', 1n, BigInt64Array.of(1n)],
    [time('numpy.datetime64', 'D'), '"NaT"', 'datetime64[D]', NAT, BigInt64Array.of(NAT)],
    [time('numpy.timedelta64', 's', 10), '-3', 'timedelta64[10s]', -3n, BigInt64Array.of(-3n)],
  ]
  for (const [dataType, fill, dtype, fillValue, data] of types) {
    test(`${dtype} has the fill value ${fill}`, async () => {
      const array = await filled(dataType, fill)
      assert.deepEqual([array.dtype, array.fillValue], [dtype, fillValue])
      assert.deepEqual(await array.get(), { data, shape: [1], stride: [1] })
      const out = new data.constructor(data.length).fill(data.constructor.name.startsWith('Big') ? 5n : 5)
      assert.deepEqual((await array.get([0], { out })).data, data)
    })
  }

  test('of v2 without a fill value reads zeros, or no time, and says null', async () => {
    for (const [dtype, data, filters = null] of [
      ['<f8', new Float64Array(1)],
      ['|b1', new Uint8Array(1)],
      ['<i8', new BigInt64Array(1)],
      ['<m8[10s]', BigInt64Array.of(NAT)],
      ['|O', [''], [{ id: 'vlen-utf8' }]],
      ['|O', [new Uint8Array()], [{ id: 'vlen-bytes' }]],
    ]) {
      const array = await open(new Map([['/.zarray', v2Document({ dtype, filters, fill_value: null })]]))
      assert.equal(array.fillValue, null)
      assert.deepEqual((await array.get()).data, data)
    }
  })

  const stored = (dataType, extent, bytes) =>
    open(
      new Map([
        ['/zarr.json', json(arrayDocument([extent], [extent], { data_type: dataType, fill_value: 0 }))],
        ['/c/0', bytes],
      ]),
    )

  test('float16 is widened without a loss', async () => {
    const halves = [0x3e00, 0x0001, 0x7bff, 0xfc00, 0x8000, 0x03ff]
    const array = await stored('float16', 6, new Uint8Array(Uint16Array.from(halves).buffer))
    const expected = Float32Array.of(1.5, 2 ** -24, 65504, Number.NEGATIVE_INFINITY, -0, 1023 * 2 ** -24)
    assert.deepEqual((await array.get()).data, expected)
  })

  test('complex numbers are interleaved, strides count elements', async () => {
    const store = new Map([
      ['/zarr.json', json(arrayDocument([2, 2], [2, 2], { data_type: 'complex64', fill_value: [0, 0] }))],
      ['/c/0/0', new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer)],
    ])
    const array = await open(store)
    assert.deepEqual(await array.get([slice(null, null, -1)]), {
      data: Float32Array.of(5, 6, 7, 8, 1, 2, 3, 4),
      shape: [2, 2],
      stride: [2, 1],
    })
    assert.deepEqual((await array.get([null, 1])).data, Float32Array.of(3, 4, 7, 8))
  })

  test('bool is 0 or 1', async () => {
    const store = new Map([
      ['/zarr.json', json(arrayDocument([3], [3], { data_type: 'bool', fill_value: false }))],
      ['/c/0', Uint8Array.of(1, 0, 1)],
    ])
    assert.deepEqual((await (await open(store)).get()).data, Uint8Array.of(1, 0, 1))
  })
})
