// The other ways to select: oindex, vindex and blocks, over stores in memory.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { open, slice } from 'zarr-wasm'
import { arrayObjects, range } from './arrays.mjs'
import { fails } from './failure.mjs'

// Elements count up: [row, column] is 4 · row + column.
const opened = () => open(arrayObjects([5, 4], [2, 3]))

/** Checks what an indexer answers to each selection. */
function answers(indexer, cases) {
  for (const [name, selection, shape, values] of cases) {
    test(name, async () => {
      const chunk = await (await opened())[indexer].get(selection)
      assert.deepEqual([chunk.shape, chunk.data], [shape, Uint16Array.from(values)])
    })
  }
}

/** Checks that an indexer refuses each selection, with these words. */
function refuses(indexer, cases) {
  for (const [selection, message] of cases) {
    test(`refuses: ${message}`, async () => {
      const array = await opened()
      await fails(array[indexer].get(selection), message, { code: 'invalid-selection', path: '/' })
    })
  }
}

/** A store that notes the keys it is asked for. */
function noting(objects) {
  const keys = []
  return {
    keys,
    get: (key) => {
      keys.push(key)
      return objects.get(key)
    },
  }
}

describe('oindex', () => {
  answers('oindex', [
    ['everything', null, [5, 4], range(0, 20)],
    [
      'lists, unsorted and with repeats',
      [[4, 0, 0, -2]],
      [4, 4],
      [16, 17, 18, 19, 0, 1, 2, 3, 0, 1, 2, 3, 12, 13, 14, 15],
    ],
    [
      'lists on both axes',
      [
        [3, 1],
        [3, 0, 2],
      ],
      [2, 3],
      [15, 12, 14, 7, 4, 6],
    ],
    ['a list and an integer', [2, [1, 3]], [2], [9, 11]],
    ['a list and a slice', [slice(null, null, -2), [0]], [3, 1], [16, 8, 0]],
    ['masks', [[true, false, false, true, false], '...'], [2, 4], [0, 1, 2, 3, 12, 13, 14, 15]],
    ['typed arrays', [Int32Array.of(-1, 1), BigInt64Array.of(2n)], [2, 1], [18, 6]],
    ['{ data, shape }', [{ data: Uint8Array.of(1), shape: [1] }, [0n, -1n]], [1, 2], [4, 7]],
    ['an empty list', [[], null], [0, 4], []],
  ])
  refuses('oindex', [
    [[[5]], 'index 5 is out of range for axis 0 with 5 elements'],
    [[[0.5]], 'entry 0: an index is 0.5, expected an integer'],
    [[null, [true]], 'the mask for axis 1 has 1 elements, the axis 4'],
  ])

  test('refuses a list of more than one dimension', async () => {
    const array = await opened()
    const message = 'a list of 4 entries and shape [2,2], expected one dimension as long as the list'
    const selection = [{ data: [0, 1, 2, 3], shape: [2, 2] }]
    await fails(array.oindex.get(selection), message, { code: 'invalid-selection' })
  })

  test('names what is no index', async () => {
    const array = await opened()
    const message = 'index 1 of a list is "x", expected an integer'
    await fails(array.oindex.get([[0, 'x']]), message, { code: 'invalid-selection' })
  })

  test('touches only the chunks that its lists need, each of them once', async () => {
    const store = noting(arrayObjects([100], [10]))
    const array = await open(store)
    store.keys.length = 0
    const { data } = await array.oindex.get([[95, 3, 91, 3, 45]])
    assert.deepEqual(data, Uint16Array.of(95, 3, 91, 3, 45))
    assert.deepEqual(store.keys.sort(), ['/c/0', '/c/4', '/c/9'])
  })
})

describe('vindex', () => {
  const mask = { data: Uint8Array.from(range(0, 20), (i) => Number(i % 7 === 0)), shape: [5, 4] }
  answers('vindex', [
    [
      'points',
      [
        [0, 3, -1],
        [3, 3, 0],
      ],
      [3],
      [3, 15, 16],
    ],
    [
      'the same point again',
      [
        [2, 2],
        [1, 1],
      ],
      [2],
      [9, 9],
    ],
    ['one integer for all', [[0, 1, 2], 3], [3], [3, 7, 11]],
    ['a single point', [1, 2], [], [6]],
    ['broadcast shapes', [{ data: [0, 4], shape: [2, 1] }, [0, 1]], [2, 2], [0, 1, 16, 17]],
    ['no points', [[], []], [0], []],
    ['a mask', mask, [3], [0, 7, 14]],
    ['a mask of booleans', { data: Array.from(mask.data, Boolean), shape: [5, 4] }, [3], [0, 7, 14]],
  ])
  refuses('vindex', [
    [[[0]], '1 coordinate arrays, expected one for each of the 2 dimensions'],
    [
      [
        [0, 1],
        [0, 1, 2],
      ],
      'coordinates of shapes [[2], [3]] do not broadcast',
    ],
    [[[0], [4]], 'index 4 is out of range for axis 1 with 4 elements'],
    [[[true, false, true, true, true], [0]], 'coordinate array 0 is a mask, expected indices'],
    [{ data: [true], shape: [1] }, "a mask of shape [1] with 1 elements, expected the array's shape [5, 4]"],
  ])

  test('refuses what is no index array', async () => {
    const array = await opened()
    const message = 'null is no index array: expected numbers, or { data, shape }'
    await fails(array.vindex.get([null, [0]]), message, { code: 'invalid-selection' })
  })

  test('a million points plan and read, each chunk once', async () => {
    const store = noting(arrayObjects([1000, 60], [10, 60]))
    const array = await open(store)
    store.keys.length = 0
    const rows = Int32Array.from({ length: 1_000_000 }, (_, i) => (i * 7919) % 1000)
    const columns = Int32Array.from(rows, (_, i) => (i * 31) % 60)
    const { data } = await array.vindex.get([rows, columns])
    assert.ok(data.every((value, i) => value === rows[i] * 60 + columns[i]))
    assert.equal(store.keys.length, 100)
    assert.equal(new Set(store.keys).size, 100)
  })
})

describe('blocks', () => {
  answers('blocks', [
    ['one chunk', [0, 0], [2, 3], [0, 1, 2, 4, 5, 6]],
    ['the last ones, clipped', [-1, -1], [1, 1], [19]],
    ['slices of chunks', [slice(1, 3), 1], [3, 1], [11, 15, 19]],
    ['all', null, [5, 4], range(0, 20)],
  ])
  refuses('blocks', [
    [[3], 'index 3 is out of range for axis 0 with 3 elements'],
    [[slice(null, null, 2)], 'the step of the blocks along axis 0 is not 1'],
  ])
})
