// The demo page with arrays that are no fields of floats: what is shown is exact, or it is said that nothing can be.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demo, pointAtPart, state } from './demo_page.mjs'

const site = demo()

/** Shows an array whose only chunk is `bytes`, or is missing. */
async function visitArray(page, metadata, bytes) {
  const { shape } = metadata
  const document = {
    zarr_format: 3,
    node_type: 'array',
    chunk_grid: {
      name: 'regular',
      configuration: { chunk_shape: shape.map((extent) => Math.max(1, extent)) },
    },
    chunk_key_encoding: { name: 'default' },
    codecs: [{ name: 'bytes', configuration: { endian: 'little' } }],
    ...metadata,
  }
  await page.route('**/small.zarr/**', (route) => {
    const { pathname } = new URL(route.request().url())
    if (pathname.endsWith('/zarr.json')) return route.fulfill({ body: JSON.stringify(document) })
    return route.fulfill(bytes && pathname.includes('/c') ? { body: bytes } : { status: 404 })
  })
  await page.fill('#url', 'small.zarr')
  await page.click('#source button[type=submit]')
  await page.waitForSelector('#tree button[data-path=""]')
}

async function shown(t, metadata, bytes) {
  const { page, complaints } = await site.visit()
  t.after(() => page.close())
  await visitArray(page, metadata, bytes)
  await state(page, 'ready')
  assert.deepEqual(complaints, [])
  return page
}

test('integers beyond 2^53 are shown to the last digit', async (t) => {
  const numbers = BigInt64Array.of(9007199254740993n, -1n, 0n, -(2n ** 63n))
  const array = { shape: [2, 2], data_type: 'int64', fill_value: 0 }
  const page = await shown(t, array, Buffer.from(numbers.buffer))
  const said = await pointAtPart(page, 0.25, 0.25)
  assert.deepEqual([said.index, said.value], ['0,0', '9007199254740993'])
  assert.match(said.text, /^9007199254740993 /)
  assert.equal((await pointAtPart(page, 0.75, 0.75)).value, '-9223372036854775808')
  assert.equal(await page.textContent('#histogram-summary'), '4 values, 0 missing')
})

test('a time that is none is missing', async (t) => {
  const times = BigInt64Array.of(0n, -(2n ** 63n))
  const data_type = { name: 'numpy.datetime64', configuration: { unit: 's', scale_factor: 1 } }
  const page = await shown(t, { shape: [2], data_type, fill_value: 'NaT' }, Buffer.from(times.buffer))
  assert.equal((await pointAtPart(page, 0.25, 0.5)).value, '0')
  assert.match((await pointAtPart(page, 0.75, 0.5)).text, /^no data/)
})

test('infinities are values at the ends of the colours, NaN is missing', async (t) => {
  const values = Float32Array.of(1, 2, Number.POSITIVE_INFINITY, Number.NaN)
  const page = await shown(
    t,
    { shape: [1, 4], data_type: 'float32', fill_value: 0 },
    Buffer.from(values.buffer),
  )
  assert.equal((await pointAtPart(page, 0.625, 0.5)).value, 'Infinity')
  const { counts, missing, mean } = await page.$eval('#histogram', ({ dataset }) => ({ ...dataset }))
  const bins = counts.split(',').map(Number)
  assert.deepEqual([bins[0], bins[63], missing, mean], [1, 2, '1', '1.5'])
})

test('a scalar, and a chunk that is missing, are shown as what they have', async (t) => {
  const page = await shown(t, { shape: [], data_type: 'float64', fill_value: 2.5 })
  const said = await pointAtPart(page, 0.5, 0.5)
  assert.deepEqual([said.index, said.value], ['', '2.5'])
})

for (const [what, metadata, words] of [
  ['complex numbers', { shape: [2], data_type: 'complex64', fill_value: [0, 0] }, /complex64/],
  ['an empty array', { shape: [0, 4], data_type: 'uint8', fill_value: 0 }, /empty \(shape 0 × 4\)/],
]) {
  test(`${what}: it is said why there is no picture`, async (t) => {
    const { page } = await site.visit()
    t.after(() => page.close())
    await visitArray(page, metadata)
    await state(page, 'error')
    assert.match(await page.textContent('#failure-message'), words)
    assert.equal(await page.isVisible('#map'), false)
  })
}

test('a group whose members cannot be listed says so, and shows the one that the address names', async (t) => {
  const { page } = await site.visit()
  t.after(() => page.close())
  const group = JSON.stringify({ zarr_format: 3, node_type: 'group' })
  const array = JSON.stringify({
    zarr_format: 3,
    node_type: 'array',
    shape: [2],
    data_type: 'uint8',
    fill_value: 7,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: [2] } },
    chunk_key_encoding: { name: 'default' },
    codecs: [{ name: 'bytes' }],
  })
  const documents = { '/some/where/plain/zarr.json': group, '/some/where/plain/a/zarr.json': array }
  await page.route('**/plain/**', (route) => {
    const body = documents[new URL(route.request().url()).pathname]
    return route.fulfill(body ? { body } : { status: 404 })
  })
  await page.fill('#url', 'plain')
  await page.click('#source button[type=submit]')
  await state(page, 'error')
  assert.equal(await page.textContent('#failure-code'), 'unsupported')
  assert.match(
    await page.textContent('#failure-message'),
    /An array in it can be opened by its own address\.$/,
  )
  await page.goto(`${site.home}#url=plain&path=a`)
  await state(page, 'ready')
  assert.equal((await pointAtPart(page, 0.25, 0.5)).value, '7')
})

test('two fingers zoom, and one moves what is zoomed', async (t) => {
  const context = await site.browser.newContext({ hasTouch: true, viewport: { width: 390, height: 844 } })
  t.after(() => context.close())
  const page = await context.newPage()
  await page.goto(`${site.home}#url=data/e1_north_america.zarr`)
  await state(page, 'ready')
  await page.locator('#map').scrollIntoViewIfNeeded()
  const box = await page.locator('#map').boundingBox()
  const client = await context.newCDPSession(page)
  const touch = (type, ...places) =>
    client.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: places.map(([across, down], id) => ({
        x: box.x + across * box.width,
        y: box.y + down * box.height,
        id,
      })),
    })
  const both = (apart) => [
    [0.5 - apart, 0.5],
    [0.5 + apart, 0.5],
  ]
  await touch('touchStart', ...both(0.1))
  for (const apart of [0.15, 0.2, 0.3, 0.4]) await touch('touchMove', ...both(apart))
  await touch('touchEnd')
  await page.waitForURL(/window=/)
  const windowOf = () =>
    page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get('window').split(',').map(Number))
  const [x, , zoom] = await windowOf()
  assert.ok(zoom > 3.5 && zoom < 4.5, `zoom ${zoom}`)
  assert.ok(Math.abs(x - 24.5) < 0.5 * (49 / zoom), `${x}`)
  await touch('touchStart', [0.8, 0.5])
  for (const across of [0.7, 0.6, 0.5, 0.3]) await touch('touchMove', [across, 0.5])
  await touch('touchEnd')
  await page.waitForFunction((before) => !location.hash.includes(`window=${before}`), x)
  const [moved, , same] = await windowOf()
  assert.equal(same, zoom)
  assert.ok(Math.abs(moved - x - 0.5 * (49 / zoom)) < 0.1 * (49 / zoom), `${x} to ${moved}`)
})
