// The demo page in headless Chromium, as a visitor uses it; what it says is compared with what zarr-python reads.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { inRoot } from '../../scripts/run.mjs'
import { serve } from '../../scripts/serve.mjs'
import { launch } from './chromium.mjs'

const { points } = JSON.parse(await readFile(inRoot('tests/fixtures/sample_expected.json'), 'utf8'))
const SHAPES = {
  'ostia.zarr': { variable: 'surface_temperature', shape: [54, 18, 432] },
  'e1_north_america.zarr': { variable: 'air_temperature', shape: [240, 37, 49] },
}

let server
let browser
before(async () => {
  server = await serve()
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await server.close()
})

/** A page with what it complains of; a document that is not there is the library's way of asking, and no complaint. */
async function visit(query = '', viewport = { width: 1280, height: 800 }) {
  const page = await browser.newPage({ viewport })
  const complaints = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    const notFound = message.text().includes('404 (Not Found)')
    if (message.type() === 'error' && !notFound) complaints.push(message.text())
  })
  await page.goto(`${server.origin}/${query}`)
  await state(page, 'ready')
  return { page, complaints }
}

const state = (page, wanted) => page.waitForSelector(`#map[data-state=${wanted}]`, { state: 'attached' })

/** Moves the first slider as a drag does, through all of `positions`. */
const drag = (page, positions) =>
  page.$eval(
    '#slider-0',
    (slider, all) => {
      for (const position of all) {
        slider.value = String(position)
        slider.dispatchEvent(new Event('input', { bubbles: true }))
      }
    },
    positions,
  )

/** Points at the middle of an element and answers what the page says. Latitude runs upwards in both samples. */
async function pointAt(page, [, row, column], [, rows, columns]) {
  const box = await page.locator('#map').boundingBox()
  const drawn = rows - 1 - row
  await page.mouse.move(
    box.x + ((column + 0.5) / columns) * box.width,
    box.y + ((drawn + 0.5) / rows) * box.height,
  )
  return page.$eval('#readout', ({ dataset, textContent }) => ({ ...dataset, text: textContent }))
}

for (const [store, { variable, shape }] of Object.entries(SHAPES)) {
  test(`the value under the pointer is that of zarr-python: ${store}`, async () => {
    const { page, complaints } = await visit(`?url=/data/${store}`)
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
  const { page } = await visit()
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
  const { page, complaints } = await visit()
  const before = server.log.length
  await drag(
    page,
    Array.from({ length: 54 }, (_, month) => month),
  )
  await state(page, 'ready')
  await page.waitForSelector('#strip[data-in-flight="0"]')
  assert.equal(await page.textContent('.slider-value'), '16 Sep 2010')
  const point = points.find(({ variable, index }) => variable === 'surface_temperature' && index[0] === 53)
  if (point) assert.equal((await pointAt(page, point.index, [54, 18, 432])).index, point.index.join(','))
  assert.equal((await pointAt(page, [53, 0, 0], [54, 18, 432])).index, '53,0,0')
  // One read a frame at most, not one for each position: the 54 positions came within one.
  const shards = server.log.slice(before).filter(({ path }) => path.includes('surface_temperature/c/'))
  assert.deepEqual(
    [...new Set(shards.map(({ path }) => path))],
    ['/data/ostia.zarr/surface_temperature/c/4/0/0'],
  )
  assert.deepEqual(complaints, [])
  await page.close()
})

test('a new position aborts what was being read for the old one', async () => {
  const { page } = await visit()
  const aborted = []
  page.on('requestfailed', (request) => aborted.push(new URL(request.url()).pathname))
  const held = '/data/ostia.zarr/surface_temperature/c/1/0/0'
  await page.route(`**${held}`, () => {})
  const [request] = await Promise.all([page.waitForRequest(`**${held}`), drag(page, [12])])
  assert.equal(await page.getAttribute('#map', 'data-state'), 'loading')
  const failed = page.waitForEvent('requestfailed', (other) => other === request)
  await drag(page, [30])
  await failed
  await state(page, 'ready')
  await page.waitForSelector('#strip[data-in-flight="0"]')
  assert.deepEqual(aborted, [held])
  assert.equal(await page.textContent('.slider-value'), '16 Oct 2008')
  await page.close()
})

test('the arrows move the crosshair, and the choice of units changes the text but not the value', async () => {
  const { page } = await visit()
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

test('the strip says what reading cost', async () => {
  const { page } = await visit('?url=/data/e1_north_america.zarr')
  await drag(page, [100])
  await state(page, 'ready')
  assert.equal(await page.textContent('#last-requests'), '1')
  assert.match(await page.textContent('#last-bytes'), /^\d+(\.\d)? kB$/)
  assert.equal(await page.textContent('#in-flight'), '0')
  await page.close()
})

test('another sample, and another array, can be chosen', async () => {
  const { page, complaints } = await visit()
  await page.click('text=North American climate')
  await page.waitForSelector('#arrays button[data-path=air_temperature][aria-current]')
  await state(page, 'ready')
  assert.equal(new URL(page.url()).searchParams.get('url'), '/data/e1_north_america.zarr')
  await page.click('#arrays button[data-path=latitude]')
  await page.waitForSelector('#arrays button[data-path=latitude][aria-current]')
  await state(page, 'ready')
  assert.equal(await page.textContent('#title'), 'Latitude')
  assert.deepEqual(complaints, [])
  await page.close()
})

test('what cannot be opened is said, with the code, in place of the picture', async () => {
  const { page } = await visit()
  await page.fill('#url', '/data/nothing.zarr')
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

for (const viewport of [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
]) {
  test(`nothing overlaps or sticks out at ${viewport.width} × ${viewport.height}`, async () => {
    for (const store of Object.keys(SHAPES)) {
      const { page } = await visit(`?url=/data/${store}`, viewport)
      const layout = await page.evaluate(() => {
        const box = (selector) => document.querySelector(selector).getBoundingClientRect()
        const stacked = ['#source', '.caption', '#frame', '#x-title', '.bar', '#sliders', '#strip', 'footer']
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
