// Selections, results and `out`, over stores in memory.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as nextTask } from 'node:timers/promises'
import { open, slice, stats } from 'zarr-wasm'
import { arrayDocument, arrayObjects, groupDocument, json, range } from './arrays.mjs'
import { fails, failure } from './failure.mjs'

describe('get', () => {
  const opened = () => open(arrayObjects([5, 4], [2, 3]))

  const selections = [
    [undefined, [5, 4], range(0, 20)],
    [null, [5, 4], range(0, 20)],
    [[], [5, 4], range(0, 20)],
    [['...'], [5, 4], range(0, 20)],
    [[null, null, '...'], [5, 4], range(0, 20)],
    [[1], [4], [4, 5, 6, 7]],
    [[-1], [4], [16, 17, 18, 19]],
    [[-5, -4], [], [0]],
    [[2n, 3n], [], [11]],
    [[-1n, -1n], [], [19]],
    [['...', 1], [5], [1, 5, 9, 13, 17]],
    [[0, '...', 1], [], [1]],
    [[null, 2], [5], [2, 6, 10, 14, 18]],
    [[slice(2)], [2, 4], range(0, 8)],
    [
      [slice(1, 3), slice(2, 4)],
      [2, 2],
      [6, 7, 10, 11],
    ],
    [[slice(-2, null), -1], [2], [15, 19]],
    [[slice(null, null, -2), 0], [3], [16, 8, 0]],
    [[slice(3n, 0n, -1n), 1n], [3], [13, 9, 5]],
    [[0, slice(-100, 100)], [4], [0, 1, 2, 3]],
    [[slice(4, 1), 0], [0], []],
    [[slice(0, 0)], [0, 4], []],
    [
      [slice(0, 5, 100), slice(0, 4, 3)],
      [1, 2],
      [0, 3],
    ],
    [[{ start: 1, stop: 3, step: null }, 0], [2], [4, 8]],
  ]
  for (const [selection, shape, values] of selections) {
    test(`takes ${JSON.stringify(selection, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))}`, async () => {
      const chunk = await (await opened()).get(selection)
      assert.deepEqual(chunk, {
        data: Uint16Array.from(values),
        shape,
        stride: shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1)),
      })
    })
  }

  const refused = [
    [[0, 0, 0], '3 entries, the array has 2 dimensions'],
    [['...', '...'], '2 ellipses, expected at most one'],
    [[5], 'index 5 is out of range for axis 0 with 5 elements'],
    [[0, -5], 'index -5 is out of range for axis 1 with 4 elements'],
    [[0, 1.5], 'entry 1 is 1.5, expected an integer'],
    [[Number.NaN], 'entry 0 is NaN, expected an integer'],
    [[Number.POSITIVE_INFINITY], 'entry 0 is Infinity, expected an integer'],
    [[2 ** 53], 'entry 0 is 9007199254740992, expected an integer'],
    [[2n ** 64n], 'entry 0 is 18446744073709551616n, expected an integer'],
    [[null, 'x'], 'entry 1 is "x", the only text allowed is "..."'],
    [[''], 'entry 0 is "", the only text allowed is "..."'],
    [[undefined], 'entry 0 is undefined, expected an integer, a slice, null or "..."'],
    [[true], 'entry 0 is true, expected an integer, a slice, null or "..."'],
    [[0, [1, 2]], 'entry 1 is a list: only orthogonal and vectorized selections (oindex, vindex) have them'],
    [[new Date(0)], 'entry 0 is Date, expected an integer, a slice, null or "..."'],
    [[slice(1.5)], 'entry 0: stop is 1.5, expected an integer'],
    [[null, slice('a', 2)], 'entry 1: start is "a", expected an integer'],
    [[slice(0, 5, Number.NaN)], 'entry 0: step is NaN, expected an integer'],
    [[null, slice(0, 5, 0)], 'the step of the slice for axis 1 is 0'],
    ['...', 'the selection is "...", expected a list, with an entry for each dimension, or null'],
    [[{ start: 0, end: 1 }], 'entry 0 has a member "end", a slice has start, stop and step'],
    [3, 'the selection is 3, expected a list, with an entry for each dimension, or null'],
    [
      Uint8Array.of(0, 0),
      'the selection is Uint8Array, expected a list, with an entry for each dimension, or null',
    ],
  ]
  for (const [selection, message] of refused) {
    test(`refuses with "${message}"`, async () => {
      const group = await open(
        new Map([...arrayObjects([5, 4], [2, 3], { name: '/a' }), ['/zarr.json', json(groupDocument())]]),
      )
      const array = await group.open('a')
      const { requests } = stats()
      const fields = { code: 'invalid-selection', path: '/a' }
      await fails(array.get(selection), `/a: ${message}`, fields)
      assert.equal(stats().requests, requests)
    })
  }

  test('of an array without dimensions is one element', async () => {
    const array = await open(
      new Map([
        ['/zarr.json', json(arrayDocument([], []))],
        ['/c', Uint8Array.of(7, 0)],
      ]),
    )
    for (const selection of [undefined, [], ['...']]) {
      assert.deepEqual(await array.get(selection), { data: Uint16Array.of(7), shape: [], stride: [] })
    }
    assert.equal((await failure(array.get([0]))).code, 'invalid-selection')
  })

  test('of an array without elements asks for nothing', async () => {
    const empty = [
      { shape: [0], stride: [1] },
      { shape: [3, 0], stride: [0, 1] },
      { shape: [0, 3], stride: [3, 1] },
    ]
    for (const { shape, stride } of empty) {
      const array = await open(
        new Map([['/zarr.json', json(arrayDocument(shape, [2, 2].slice(0, shape.length)))]]),
      )
      const { requests } = stats()
      assert.deepEqual(await array.get(), { data: new Uint16Array(0), shape, stride })
      assert.equal(stats().requests, requests)
      const first = shape.map(() => 0)
      assert.equal((await failure(array.get(first))).code, 'invalid-selection')
    }
  })

  test('can run many times at once', async () => {
    const objects = arrayObjects([50, 50], [7, 9])
    const array = await open({ get: (key) => nextTask(objects.get(key)) })
    const rows = await Promise.all(range(0, 50).map((row) => array.get([row])))
    assert.deepEqual(
      rows.map(({ data }) => [...data]),
      range(0, 50).map((row) => range(row * 50, row * 50 + 50)),
    )
  })
})

describe('out', () => {
  const opened = () => open(arrayObjects([6], [4]))

  test('is filled, and is the data', async () => {
    const out = new Uint16Array(4).fill(9)
    const chunk = await (await opened()).get([slice(2, 6)], { out })
    assert.equal(chunk.data, out)
    assert.deepEqual(chunk, { data: Uint16Array.of(2, 3, 4, 5), shape: [4], stride: [1] })
  })

  test('gets fill values, too, zero among them', async () => {
    const array = await open(new Map([['/zarr.json', json(arrayDocument([6], [4], { fill_value: 0 }))]]))
    const out = new Uint16Array(6).fill(9)
    await array.get(null, { out })
    assert.deepEqual([...out], [0, 0, 0, 0, 0, 0])
  })

  test('that is taken away while it is read into is an error of the caller', async () => {
    const objects = arrayObjects([6], [4])
    const out = new Uint16Array(6)
    const array = await open({
      async get(key) {
        if (key === '/c/0') structuredClone(out, { transfer: [out.buffer] })
        return objects.get(key)
      },
    })
    await fails(array.get(null, { out }), 'c/0: the output was detached while it was read into', {
      code: 'invalid-argument',
      path: '/',
      key: 'c/0',
    })
  })

  test('may be a part of a buffer: nothing else of it is touched', async () => {
    const all = new Uint16Array(12).fill(0xbeef)
    await (await opened()).get([slice(null, null, -1)], { out: all.subarray(3, 9) })
    assert.deepEqual([...all], [...Array(3).fill(0xbeef), 5, 4, 3, 2, 1, 0, ...Array(3).fill(0xbeef)])
  })

  test('may be shared memory', async () => {
    const bytes = arrayObjects([6], [4], { data_type: 'uint8' })
    bytes.set('/c/0', Uint8Array.of(1, 2, 3, 4)).set('/c/1', Uint8Array.of(5, 6, 0, 0))
    const array = await open(
      bytes.set('/zarr.json', json(arrayDocument([6], [4], { data_type: 'uint8', fill_value: 0 }))),
    )
    const out = new Uint8Array(new SharedArrayBuffer(8), 1, 6)
    const { data } = await array.get(null, { out })
    assert.equal(data, out)
    assert.deepEqual([...new Uint8Array(out.buffer)], [0, 1, 2, 3, 4, 5, 6, 0])
  })

  test('for one element has one element, and for none has none', async () => {
    const out = new Uint16Array(1)
    await (await opened()).get([-1], { out })
    assert.deepEqual([...out], [5])
    const none = new Uint16Array(0)
    assert.equal((await (await opened()).get([slice(0)], { out: none })).data, none)
  })

  const refused = [
    [new Uint16Array(5), 'a Uint16Array of 5'],
    [new Uint16Array(7), 'a Uint16Array of 7'],
    [new Int16Array(6), 'a Int16Array of 6'],
    [new Float64Array(6), 'a Float64Array of 6'],
    [new Uint8Array(12), 'a Uint8Array of 12'],
    [[0, 0, 0, 0, 0, 0], 'no typed array'],
    [new ArrayBuffer(12), 'no typed array'],
    [null, 'no typed array'],
    [{}, 'no typed array'],
  ]
  for (const [out, found] of refused) {
    test(`is refused if it is ${found}${found === 'no typed array' ? `: ${JSON.stringify(out)}` : ''}`, async () => {
      const array = await opened()
      const { requests } = stats()
      const message = `out is ${found}, expected a Uint16Array of 6`
      await fails(array.get(null, { out }), message, { code: 'invalid-argument' })
      assert.equal(stats().requests, requests)
    })
  }

  test('is the caller’s again once the read has ended', async (t) => {
    await slowClock(t)
    const objects = arrayObjects([8], [2])
    const controller = new AbortController()
    const array = await open({
      get(key) {
        // Comes when the first chunk is placed and the second one waits for the next turn.
        if (key === '/c/0') setImmediate(() => controller.abort())
        return objects.get(key)
      },
    })
    const out = new Uint16Array(8).fill(5)
    // Chunks from which a list is taken are decoded one by one.
    await failure(array.oindex.get([range(0, 8)], { out, signal: controller.signal }))
    assert.deepEqual([...out], [0, 1, 5, 5, 5, 5, 5, 5])
    out.fill(7)
    for (let i = 0; i < 20; i++) await nextTask()
    assert.deepEqual([...out], Array(8).fill(7))
  })
})

/** Makes every chunk take so long that there is one for each turn of the event loop. */
async function slowClock(t) {
  // The turn that an earlier test began ends first.
  await nextTask()
  let now = performance.now()
  t.mock.method(performance, 'now', () => {
    now += 3
    return now
  })
}

describe('decoding', () => {
  test('lets the event loop in between', async (t) => {
    await slowClock(t)
    const array = await open(arrayObjects([20], [2]))
    let turns = 0
    let reading = true
    const count = () => {
      turns += 1
      if (reading) setImmediate(count)
    }
    setImmediate(count)
    const { data } = await array.oindex.get([range(0, 20)])
    reading = false
    assert.deepEqual([...data], range(0, 20))
    assert.ok(turns >= 9, `${turns} turns`)
  })
})
