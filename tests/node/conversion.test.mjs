// `get(…, { as })`: every pair of numeric types against a slow, obvious model.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { open } from 'zarr-wasm'
import { arrayDocument, json, v2Document } from './arrays.mjs'
import { fails, failure } from './failure.mjs'

const TYPES = {
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
}

const bits = (name) => Number(name.match(/\d+$/)[0])
const isFloat = (name) => /float/.test(name)

/** An array of the elements in these bytes, little-endian. */
const arrayOf = (dataType, { buffer }, extent, members = {}) =>
  open(
    new Map([
      [
        '/zarr.json',
        json(arrayDocument([extent], [extent], { data_type: dataType, fill_value: 0, ...members })),
      ],
      ['/c/0', new Uint8Array(buffer)],
    ]),
  )

/** The smallest and the largest value of an integer type. */
function limits(name) {
  const width = BigInt(bits(name))
  return name[0] === 'u' ? [0n, 2n ** width - 1n] : [-(2n ** (width - 1n)), 2n ** (width - 1n) - 1n]
}

function roundHalfEven(number) {
  const below = Math.floor(number)
  const rest = number - below
  if (rest === 0.5) return below % 2 === 0 ? below : below + 1
  return rest < 0.5 ? below : below + 1
}

/** What becomes of a number: a number or bigint, or `undefined` for an error. */
function converted(value, from, to, round) {
  if (!isFloat(to)) {
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) return undefined
      if (!Number.isInteger(value) && !round) return undefined
    }
    const whole = typeof value === 'number' ? BigInt(roundHalfEven(value)) : value
    const [low, high] = limits(to)
    if (whole < low || whole > high) return undefined
    return bits(to) === 64 ? whole : Number(whole)
  }
  const nearest = to === 'float64' ? Number(value) : Math.fround(Number(value))
  if (isFloat(from)) {
    const overflows = Number.isFinite(Number(value)) && !Number.isFinite(nearest)
    return overflows && !round ? undefined : nearest
  }
  return round || BigInt(nearest) === BigInt(value) ? nearest : undefined
}

const FLOATS = [0, -0, 1, -1, 0.5, 1.5, 2.5, -2.5, 126.5, 127.5, 255, -129, 65504, Infinity, -Infinity, NaN]
const VALUES = {
  float32: [...FLOATS, 2 ** 31, -(2 ** 31), 2 ** 63, 2 ** 64, 16777217, 0.1, 3e38, 1e-40],
  float64: [...FLOATS, 2 ** 31 - 0.5, 2 ** 53, -(2 ** 63), 2 ** 63, 2 ** 64, 0.1, 1e300, 5e-324, 16777217],
}

/** Limits of all types and what lies beside them, as far as the type has them. */
function integersOf(name) {
  const [low, high] = limits(name)
  const edges = Object.keys(TYPES)
    .filter((type) => !isFloat(type))
    .flatMap(limits)
  const powers = [24n, 53n].flatMap((power) => [2n ** power, -(2n ** power)])
  const near = [...edges, ...powers].flatMap((edge) => [edge - 1n, edge, edge + 1n])
  return [...new Set(near)].filter((value) => value >= low && value <= high)
}

describe('as', () => {
  for (const [from, From] of Object.entries(TYPES)) {
    const values = VALUES[from] ?? integersOf(from)
    test(`${from} becomes every numeric type, or is an error`, async () => {
      for (const value of values) {
        const stored = From.of(bits(from) === 64 && !isFloat(from) ? value : Number(value))
        const array = await arrayOf(from, stored, 1)
        // A float32 holds what it holds.
        const held = isFloat(from) ? stored[0] : value
        for (const [to, To] of Object.entries(TYPES)) {
          for (const round of [false, true]) {
            const what = `${held} to ${to}, round: ${round}`
            const expected = from === to ? stored[0] : converted(held, from, to, round)
            if (expected === undefined) {
              const error = await failure(array.get(null, { as: to, round }))
              assert.equal(error.code, 'conversion', `${what}: ${error.message}`)
            } else {
              assert.deepEqual((await array.get(null, { as: to, round })).data, To.of(expected), what)
            }
          }
        }
      }
    })
  }

  test('rounds a 64-bit integer to float32 once, not by way of float64', async () => {
    const array = await arrayOf('int64', BigInt64Array.of(2n ** 60n + 2n ** 36n + 1n), 1)
    const { data } = await array.get(null, { as: 'float32', round: true })
    assert.deepEqual(data, Float32Array.of(2 ** 60 + 2 ** 37))
  })

  test('takes the types of fewer bits', async () => {
    const nibbles = Uint8Array.of(0xf8, 0x07)
    assert.deepEqual(
      (await (await arrayOf('int4', nibbles, 2)).get(null, { as: 'float64' })).data,
      Float64Array.of(-8, 7),
    )
    assert.deepEqual(
      (await (await arrayOf('uint2', nibbles, 2)).get(null, { as: 'int64' })).data,
      BigInt64Array.of(0n, 3n),
    )
    const halves = Uint16Array.of(0x3c00, 0x4100)
    const array = await arrayOf('float16', halves, 2)
    assert.deepEqual((await array.get([0], { as: 'uint8' })).data, Uint8Array.of(1))
    assert.equal((await failure(array.get(null, { as: 'uint8' }))).code, 'conversion')
    assert.deepEqual((await array.get(null, { as: 'uint8', round: true })).data, Uint8Array.of(1, 2))
    const bytes = Uint8Array.of(0x38, 0x78)
    assert.deepEqual(
      (await (await arrayOf('float8_e4m3', bytes, 2)).get(null, { as: 'float64' })).data,
      Float64Array.of(1, Infinity),
    )
    const bools = await arrayOf('bool', Uint8Array.of(1, 0), 2, { fill_value: false })
    assert.deepEqual((await bools.get(null, { as: 'float32' })).data, Float32Array.of(1, 0))
    const broken = await arrayOf('bool', Uint8Array.of(1, 2), 2, { fill_value: false })
    assert.equal((await failure(broken.get(null, { as: 'int8' }))).code, 'corrupt-chunk')
  })

  test('names the number that does not fit, and the chunk', async () => {
    const array = await arrayOf('int16', Int16Array.of(1, 300), 2)
    const message = 'c/0: as: 300 is no value of uint8'
    await fails(array.get(null, { as: 'uint8' }), message, { code: 'conversion', path: '/', key: 'c/0' })
    assert.deepEqual((await array.get([0], { as: 'uint8' })).data, Uint8Array.of(1))
  })

  test('holds for missing chunks and their fill value', async () => {
    const missing = (dataType, fill_value) =>
      open(new Map([['/zarr.json', json(arrayDocument([3], [2], { data_type: dataType, fill_value }))]]))
    const seven = await missing('int16', 7)
    assert.deepEqual((await seven.get(null, { as: 'float64' })).data, Float64Array.of(7, 7, 7))
    assert.deepEqual((await (await missing('float64', 0)).get(null, { as: 'int8' })).data, new Int8Array(3))
    const nan = await missing('float32', 'NaN')
    assert.equal((await failure(nan.get(null, { as: 'int32' }))).code, 'conversion')
    // Its bits are zero, the number is not.
    const tiny = await missing('float8_e8m0fnu', '0x00')
    assert.deepEqual((await tiny.get()).data, new Float32Array(3).fill(2 ** -127))
  })

  test('goes with out, selections of every kind, and scalars', async () => {
    const array = await arrayOf('uint16', Uint16Array.of(0, 1, 2, 3, 4, 5), 6)
    const out = new Float64Array(3)
    assert.equal((await array.oindex.get([[5, 0, 5]], { as: 'float64', out })).data, out)
    assert.deepEqual(out, Float64Array.of(5, 0, 5))
    const message = 'out is a Uint16Array of 3, expected a Float64Array of 3'
    await fails(array.vindex.get([[5, 0, 5]], { as: 'float64', out: new Uint16Array(3) }), message, {
      code: 'invalid-argument',
    })
    assert.deepEqual((await array.get([4], { as: 'int8' })).data, Int8Array.of(4))
    assert.deepEqual((await array.blocks.get([0], { as: 'int8' })).shape, [6])
    assert.deepEqual(
      (await array.get([{ start: 2, stop: 2, step: 1 }], { as: 'int64' })).data,
      new BigInt64Array(0),
    )
  })

  test('gives texts of one byte a letter as bytes', async () => {
    const store = new Map([
      ['/.zarray', v2Document({ shape: [2], chunks: [2], dtype: '|S3', fill_value: null })],
      ['/0', Uint8Array.of(0xe9, 0x61, 0, 0x62, 0, 0)],
    ])
    const array = await open(store)
    assert.deepEqual((await array.get(null, { as: 'bytes' })).data, Uint8Array.of(0xe9, 0x61, 0, 0x62, 0, 0))
    assert.deepEqual((await array.get([1])).data, ['b'])
    const message = '0: the bytes "\\xe9a" are no UTF-8; they can be had as "bytes"'
    await fails(array.get(), message, { code: 'conversion', path: '/', key: '0' })
    const out = new Uint8Array(3)
    await array.get([0], { as: 'bytes', out })
    assert.deepEqual(out, Uint8Array.of(0xe9, 0x61, 0))
  })

  test('refuses what cannot be had, and names that are none', async () => {
    const number = await arrayOf('int16', Int16Array.of(1), 1)
    for (const as of ['string', 'bytes']) {
      const message = `as: elements of type int16 cannot be had as ${as}`
      await fails(number.get(null, { as }), message, { code: 'invalid-argument', path: '/' })
    }
    for (const as of ['float16', 'Int8Array', '', 'bool', 7, null]) {
      const expected = 'an integer type from int8 to uint64, float32, float64, string or bytes'
      const message = `as is "${as}", expected ${expected}`
      await fails(number.get(null, { as }), message, { code: 'invalid-argument' })
    }
    const complex = await arrayOf('complex64', Float32Array.of(1, 2), 1, { fill_value: [0, 0] })
    assert.equal((await failure(complex.get(null, { as: 'float32' }))).code, 'invalid-argument')
  })
})
