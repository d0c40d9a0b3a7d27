// The page that reads side by side with zarrita: every row has both, and says whether they agree. No times.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { built, demo } from './demo_page.mjs'

const { contest, isSame, median } = await built('contest.js')

const site = demo()

async function visitBench() {
  const page = await site.browser.newPage({ viewport: { width: 1280, height: 800 } })
  const complaints = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(`${site.home}bench.html`)
  await page.selectOption('#repeats', '3')
  return { page, complaints }
}

const ended = (page) =>
  page.waitForFunction(() => document.querySelector('#progress').textContent.startsWith('Done'))

const rowsOf = (page) =>
  page.$$eval('#rows tr', (rows) =>
    rows.map(({ dataset, cells }) => ({
      name: dataset.name,
      state: dataset.state,
      times: [...cells].slice(1, 4).map((cell) => cell.textContent),
      results: cells[4].textContent,
    })),
  )

test('both read the samples and what is made in the page, and answer the same', async () => {
  const { page, complaints } = await visitBench()
  await page.click('#run')
  await ended(page)
  const rows = await rowsOf(page)
  assert.deepEqual(
    rows.map(({ name, state, results }) => [name, state, results]),
    ['surface_temperature', 'air_temperature', 'large chunks', 'small chunks'].map((name) => [
      name,
      'done',
      'the same',
    ]),
  )
  const time = String.raw`[\d.]+ m?s`
  for (const { times } of rows) {
    assert.match(times[0], new RegExp(`^${time}${time} – ${time}$`))
    assert.match(times[1], new RegExp(`^${time}${time} – ${time}$`))
    assert.match(times[2], /^[\d.e+]+ ×$/)
  }
  assert.equal(await page.isDisabled('#run'), false)
  assert.deepEqual(complaints, [])
  await page.close()
})

test('an address of the visitor comes first; what cannot be read is said in its row', async () => {
  const { page } = await visitBench()
  await page.fill('#url', 'data/ostia.zarr/latitude/')
  await page.click('#run')
  await ended(page)
  assert.deepEqual(
    (await rowsOf(page)).slice(0, 2).map(({ name, results }) => [name, results]),
    [
      ['latitude', 'the same'],
      ['surface_temperature', 'the same'],
    ],
  )
  await page.fill('#url', 'data/nothing.zarr')
  await page.click('#run')
  await page.waitForSelector('#rows tr[data-name="nothing.zarr"][data-state=failed]')
  await page.click('#stop')
  assert.match((await rowsOf(page))[0].results, /nothing\.zarr/)
  await page.waitForSelector('#run:enabled')
  assert.equal(await page.textContent('#progress'), 'Stopped.')
  await page.close()
})

const { signal } = new AbortController()
globalThis.requestAnimationFrame ??= setImmediate

test('readers take turns, the first reads do not count, and what differs is said', async () => {
  const order = []
  const reader = (name, results) => ({
    name,
    read: async () => {
      order.push(name)
      return results.shift()
    },
  })
  const [one, two, three] = [
    Float32Array.of(1, Number.NaN),
    Float32Array.of(1, Number.NaN),
    Float32Array.of(1, 2),
  ]
  const outcomes = await contest(
    [reader('a', [one, one, one]), reader('b', [two, two, three])],
    2,
    signal,
    () => {},
  )
  assert.equal(order.join(''), 'abbaab')
  assert.deepEqual(
    outcomes.map(({ name, times, isSame: agrees }) => [name, times.length, agrees]),
    [
      ['a', 2, true],
      ['b', 2, false],
    ],
  )
})

test('a reader that fails does not take part any more', async () => {
  let reads = 0
  const failing = {
    name: 'b',
    read: async () => {
      reads++
      throw new Error('no')
    },
  }
  const fine = { name: 'a', read: async () => [1] }
  const [a, b] = await contest([fine, failing], 3, signal, () => {})
  assert.deepEqual([a.times.length, b.times.length, b.error.message, reads], [3, 0, 'no', 1])
})

test('results are compared element by element', () => {
  assert.ok(isSame(Uint8Array.of(1, 0), [true, false]))
  assert.ok(isSame(['a'], ['a']))
  assert.ok(!isSame(Float64Array.of(0), Float64Array.of(-0)))
  assert.ok(!isSame(Float64Array.of(1), Float64Array.of(1, 2)))
  assert.ok(!isSame(BigInt64Array.of(1n), Int32Array.of(1)))
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([4, 1, 2, 3]), 2.5)
})
