// The demo page in headless Chromium, as a visitor uses it; what it says is compared with what zarr-python reads.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { built, demo, drag, pointAt, points, state } from './demo_page.mjs'

const { roundValues } = await built('axes.js')
const { formatDate, timeDecoder } = await built('calendar.js')
const { colourIndex, colourMap } = await built('colour_map.js')
const { packingOf } = await built('packing.js')

const SHAPES = {
  'ostia.zarr': { variable: 'surface_temperature', shape: [54, 18, 432] },
  'e1_north_america.zarr': { variable: 'air_temperature', shape: [240, 37, 49] },
}

const site = demo()

for (const [store, { variable, shape }] of Object.entries(SHAPES)) {
  test(`the value under the pointer is that of zarr-python: ${store}`, async () => {
    const { page, complaints } = await site.visit(`#url=data/${store}`)
    const expected = points.filter((point) => point.store === store && point.variable === variable)
    assert.equal(expected.length, 40)
    for (const { index, value, units } of expected) {
      await drag(page, [index[0]])
      await state(page, 'ready')
      const readout = await pointAt(page, index, shape)
      assert.deepEqual(
        { index: readout.index, value: Number(readout.value) },
        { index: index.join(','), value: Number(value) },
      )
      assert.match(readout.text, value === 'NaN' ? /^no data/ : new RegExp(`^\\d+\\.\\d+ ${units}`))
    }
    assert.deepEqual(complaints, [])
    await page.close()
  })
}

test('the canvas shows the slice: land is clear, sea has the colour of its value', async () => {
  const { page } = await site.visit()
  const colours = await page.$eval('#map', (canvas) => {
    const context = canvas.getContext('2d')
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
    const pixels = new Uint32Array(data.buffer)
    return {
      distinct: new Set(pixels).size,
      clear: pixels.filter((pixel) => pixel === 0).length / pixels.length,
    }
  })
  assert.ok(colours.distinct > 50, `${colours.distinct} colours`)
  // 2055 of the 7776 elements of each month are land.
  assert.ok(Math.abs(colours.clear - 2055 / 7776) < 0.01, `${colours.clear} of the canvas is clear`)
  await page.close()
})

test('a drag through all months ends at the last one, with nothing in flight', async () => {
  const { page, complaints } = await site.visit()
  const before = site.server.log.length
  await drag(
    page,
    Array.from({ length: 54 }, (_, month) => month),
  )
  await state(page, 'ready')
  await page.waitForSelector('#strip[data-in-flight="0"]')
  assert.equal(await page.textContent('.slider-value'), '16 Sep 2010')
  const last = points.find(({ variable, index }) => variable === 'surface_temperature' && index[0] === 53)
  const readout = await pointAt(page, last.index, [54, 18, 432])
  assert.deepEqual(
    { index: readout.index, value: Number(readout.value) },
    { index: last.index.join(','), value: Number(last.value) },
  )
  // One read a frame at most, not one for each position: the 54 positions came within one.
  const shards = site.server.log.slice(before).filter(({ path }) => path.includes('surface_temperature/c/'))
  assert.deepEqual(
    [...new Set(shards.map(({ path }) => path))],
    ['/some/where/data/ostia.zarr/surface_temperature/c/4/0/0'],
  )
  assert.deepEqual(complaints, [])
  await page.close()
})

test('a new position aborts what was being read for the old one, and that is no error', async () => {
  const { page } = await site.visit()
  const aborted = []
  page.on('requestfailed', (request) => aborted.push(new URL(request.url()).pathname))
  const shard = (number) => `/some/where/data/ostia.zarr/surface_temperature/c/${number}/0/0`
  let release
  const released = new Promise((resolve) => {
    release = resolve
  })
  await page.route(`**${shard(1)}`, () => {})
  await page.route(`**${shard(2)}`, async (route) => {
    await released
    await route.continue()
  })
  const [request] = await Promise.all([page.waitForRequest(`**${shard(1)}`), drag(page, [12])])
  assert.equal(await page.getAttribute('#map', 'data-state'), 'loading')
  const failed = page.waitForEvent('requestfailed', (other) => other === request)
  const overtaking = page.waitForRequest(`**${shard(2)}`)
  await drag(page, [30])
  await Promise.all([failed, overtaking])
  assert.equal(await page.getAttribute('#map', 'data-state'), 'loading')
  assert.equal(await page.isVisible('#failure'), false)
  release()
  await state(page, 'ready')
  await page.waitForSelector('#strip[data-in-flight="0"]')
  assert.deepEqual(aborted, [shard(1)])
  assert.equal(await page.textContent('.slider-value'), '16 Oct 2008')
  assert.equal((await pointAt(page, [30, 0, 0], [54, 18, 432])).index, '30,0,0')
  await page.close()
})

test('the arrows move the crosshair, and the choice of units changes the text but not the value', async () => {
  const { page } = await site.visit()
  await page.focus('#map')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowUp')
  const readout = () =>
    page.$eval('#readout', ({ dataset, textContent }) => ({ ...dataset, text: textContent }))
  const inKelvin = await readout()
  assert.equal(inKelvin.index, '0,9,217')
  await page.check('#celsius')
  const inCelsius = await readout()
  assert.equal(inCelsius.value, inKelvin.value)
  assert.match(inCelsius.text, /°C/)
  await page.close()
})

test('the axes and the colour bar say what stands where, in the units that were chosen', async () => {
  const { page } = await site.visit('#url=data/e1_north_america.zarr')
  const labels = (id) => page.$$eval(`#${id} li`, (items) => items.map((item) => item.textContent))
  assert.deepEqual(await labels('x-ticks'), ['135°W', '120°W', '105°W', '90°W', '75°W', '60°W', '45°W'])
  assert.deepEqual((await labels('y-ticks')).slice(0, 2), ['20°N', '30°N'])
  const tops = await page.$$eval('#y-ticks li', (items) =>
    items.map((item) => Number.parseFloat(item.style.top)),
  )
  assert.ok(tops[0] > tops[1], 'south is below north')
  assert.deepEqual(await labels('bar-ticks'), ['260', '270', '280', '290', '300'])
  assert.equal(await page.textContent('#bar-units'), 'K')
  await page.check('#celsius')
  assert.deepEqual(await labels('bar-ticks'), ['−10', '0', '10', '20'])
  assert.equal(await page.textContent('#bar-units'), '°C')
  await page.close()
})

test('the strip says what reading cost', async () => {
  const { page } = await site.visit('#url=data/e1_north_america.zarr')
  await drag(page, [100])
  await state(page, 'ready')
  assert.equal(await page.textContent('#last-requests'), '1 request')
  assert.match(await page.textContent('#last-bytes'), /^\d+(\.\d)? kB$/)
  assert.equal(await page.textContent('#in-flight'), '0')
  await page.close()
})

test('another sample, and another array, can be chosen', async () => {
  const { page, complaints } = await site.visit()
  await page.click('text=North American climate')
  await page.waitForSelector('#tree button[data-path=air_temperature][aria-current]')
  await state(page, 'ready')
  await page.waitForURL('**/#url=data/e1_north_america.zarr&path=air_temperature')
  await page.click('#tree button[data-path=latitude]')
  await page.waitForSelector('#tree button[data-path=latitude][aria-current]')
  await state(page, 'ready')
  assert.equal(await page.textContent('#title'), 'Latitude')
  assert.deepEqual(complaints, [])
  await page.close()
})

test('what cannot be opened is said, with the code, in place of the picture', async () => {
  const { page } = await site.visit()
  await page.fill('#url', 'data/nothing.zarr')
  await page.click('text=Open')
  await state(page, 'error')
  assert.equal(await page.textContent('#failure-code'), 'not-found')
  assert.match(await page.textContent('#failure-message'), /\/data\/nothing\.zarr/)
  assert.equal(await page.isVisible('#map'), false)
  await page.click('text=Sea-surface temperature')
  await state(page, 'ready')
  assert.equal(await page.isVisible('#failure'), false)
  await page.close()
})

test('a wide slice is read in steps of a power of two, unpacked as CF says, and masked where it has the _FillValue', async () => {
  const { page, complaints } = await site.visit()
  const columns = 5000
  const stored = Int16Array.from({ length: 2 * columns }, (_, i) => (i === 8 ? -1 : i))
  const objects = new Map([
    ['/some/where/made.zarr/zarr.json', JSON.stringify(packedArray([2, columns]))],
    ['/some/where/made.zarr/c/0/0', Buffer.from(stored.buffer)],
  ])
  await page.route('**/made.zarr/**', (route) => {
    const body = objects.get(new URL(route.request().url()).pathname)
    return route.fulfill(body === undefined ? { status: 404 } : { body })
  })
  await page.fill('#url', 'made.zarr/')
  await page.click('text=Open')
  await page.waitForFunction(() => document.querySelector('#title').textContent === 'Packed')
  await state(page, 'ready')
  const box = await page.locator('#map').boundingBox()
  assert.ok(box.width < 1250 && box.width > 625)
  assert.equal(await page.textContent('#detail'), '1 of 8 columns')
  // Rows without a coordinate run downwards.
  const at = async (row, column) => {
    await page.mouse.move(box.x + (column / columns) * box.width, box.y + ((row + 0.5) / 2) * box.height)
    return page.$eval('#readout', ({ dataset }) => ({ ...dataset }))
  }
  assert.deepEqual(await at(1, 2004), { index: '1,2000', value: String((columns + 2000) * 0.5 + 100) })
  assert.deepEqual(await at(0, 12), { index: '0,8', value: 'NaN' })
  assert.equal(await page.getAttribute('#histogram', 'data-missing'), '1')
  assert.deepEqual(complaints, [])
  await page.close()
})

function packedArray(shape) {
  return {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: 'int16',
    chunk_grid: { name: 'regular', configuration: { chunk_shape: shape } },
    chunk_key_encoding: { name: 'default' },
    fill_value: 0,
    codecs: [{ name: 'bytes', configuration: { endian: 'little' } }],
    attributes: { long_name: 'packed', scale_factor: 0.5, add_offset: 100, _FillValue: -1 },
  }
}

for (const viewport of [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
]) {
  test(`nothing overlaps or sticks out at ${viewport.width} × ${viewport.height}`, async () => {
    for (const store of Object.keys(SHAPES)) {
      const { page } = await site.visit(`#url=data/${store}`, { viewport })
      const layout = await page.evaluate(() => {
        const box = (selector) => document.querySelector(selector).getBoundingClientRect()
        const stacked = [
          '#source',
          '.caption',
          '#frame',
          '.below',
          '.bar',
          '#sliders',
          '.under',
          '#strip',
          'footer',
        ]
        return {
          width: document.documentElement.scrollWidth,
          overlaps: stacked.filter((name, i) => i > 0 && box(name).top < box(stacked[i - 1]).bottom - 1),
          map: [box('#map').width, box('#map').height],
          stripBottom: box('#strip').bottom,
        }
      })
      assert.equal(layout.width, viewport.width)
      assert.deepEqual(layout.overlaps, [])
      assert.ok(layout.map[0] >= 200 && layout.map[1] >= 60, `the map is ${layout.map}`)
      if (viewport.width > 1000)
        assert.ok(layout.stripBottom <= viewport.height, 'the strip is on the screen')
      await page.close()
    }
  })
}

test('dates are decoded in the calendars of climate models, and not guessed', () => {
  const date = (value, units, calendar) => {
    const decoded = timeDecoder(units, calendar)?.(value)
    return decoded && formatDate(decoded, true)
  }
  assert.equal(date(-946800, 'hours since 1970-01-01 00:00:00', '360_day'), '1 Jun 1860 00:00')
  assert.equal(date(59, 'days since 1972-01-01', '360_day'), '30 Feb 1972 00:00')
  assert.equal(date(59, 'days since 1972-01-01', 'noleap'), '1 Mar 1972 00:00')
  assert.equal(date(59, 'days since 1972-01-01', 'all_leap'), '29 Feb 1972 00:00')
  assert.equal(date(59.75, 'days since 1972-01-01'), '29 Feb 1972 18:00')
  assert.equal(date(0, 'days since 0001-01-01', 'proleptic_gregorian'), '1 Jan 1 00:00')
  assert.equal(date(-1, 'seconds since 2000-01-01T00:00:01Z'), '1 Jan 2000 00:00')
  assert.equal(date(1 - 1e-9, 'days since 1999-12-31'), '1 Jan 2000 00:00')
  assert.equal(date(1, 'months since 2000-01-01'), undefined)
  assert.equal(date(1, 'days since 0001-01-01', 'standard'), undefined)
  assert.equal(date(1, 'days since 2000-01-01', 'julian'), undefined)
  assert.equal(date(1, 'days since 2000-01-01 00:00 +02:00'), undefined)
  assert.equal(date(1, 'days'), undefined)
})

test('ticks stand at round values', () => {
  assert.deepEqual(roundValues(-4.9999924, 4.4, 3), [-5, 0])
  assert.deepEqual(roundValues(0, 359.2, 10, true), [0, 45, 90, 135, 180, 225, 270, 315])
  assert.deepEqual(roundValues(0.1, 0.35, 6), [0.1, 0.15, 0.2, 0.25, 0.3, 0.35])
  assert.deepEqual(roundValues(7, 7, 5), [7])
  assert.deepEqual(roundValues(Number.NaN, Number.NaN, 5), [])
  assert.deepEqual(roundValues(-Number.MAX_VALUE, Number.MAX_VALUE, 5), [])
})

test('missing values are found however the store writes them down', () => {
  const array = (members) =>
    packingOf({ attrs: {}, dtype: 'float32', zarrFormat: 3, fillValue: 0, ...members })
  const float32 = Math.fround(1e20)
  assert.ok(Number.isNaN(array({ attrs: { _FillValue: 1e20 } }).unpack(float32)))
  assert.ok(Number.isNaN(array({ attrs: { missing_value: [5, 7] } }).unpack(7)))
  assert.ok(Number.isNaN(array({ attrs: { _FillValue: 'QIy1eB2vFUQ=' }, dtype: 'float64' }).unpack(1e20)))
  assert.ok(Number.isNaN(array({ zarrFormat: 2, fillValue: float32 }).unpack(float32)))
  assert.equal(array({ zarrFormat: 2 }).unpack(0), 0)
  assert.equal(array({ fillValue: 9 }).unpack(9), 9)
})

test('the colours get lighter all the way, by steps that look alike', () => {
  const colours = Array.from({ length: 256 }, (_, i) => toOklab(colourMap.subarray(i * 4, i * 4 + 3)))
  assert.ok(colours.every(([lightness], i) => i === 0 || lightness > colours[i - 1][0]))
  // Sixteen at a time: a single step is hardly more than the rounding to whole bytes.
  const steps = colours.slice(16).map((to, i) => Math.hypot(...to.map((value, k) => value - colours[i][k])))
  const mean = steps.reduce((sum, step) => sum + step) / steps.length
  assert.ok(steps.every((step) => Math.abs(step / mean - 1) < 0.1))
  assert.equal(colourIndex(-Number.MAX_VALUE, -Number.MAX_VALUE, Number.MAX_VALUE), 0)
  assert.equal(colourIndex(Number.MAX_VALUE, -Number.MAX_VALUE, Number.MAX_VALUE), 255)
})

/** sRGB to OKLab, the way that the page does not go. */
function toOklab(rgb) {
  const [r, g, b] = Array.from(rgb, (byte) =>
    byte <= 10 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4,
  )
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}
