// Panning and zooming a slice that is larger than the screen: which tiles are read, in which order, and what is drawn.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { built, demo, pointAtPart, points, state } from './demo_page.mjs'

const { Camera } = await built('camera.js')
const { colourIndex, colourMap } = await built('colour_map.js')
const { stepFor, tilesWithin } = await built('tile_grid.js')

const ROWS = 2400
const COLUMNS = 3200
const CHUNK = 200
const MISSING = 255
/** A chunk that is not there, in the middle. */
const ABSENT = [6, 8]

const site = demo()

const isAbsent = (row, column) =>
  Math.floor(row / CHUNK) === ABSENT[0] && Math.floor(column / CHUNK) === ABSENT[1]
const valueAt = (row, column) => (isAbsent(row, column) ? MISSING : (row * 7 + column * 3) % 251)

function chunkOf(i, j) {
  const bytes = Buffer.alloc(CHUNK * CHUNK)
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = valueAt(i * CHUNK + Math.floor(at / CHUNK), j * CHUNK + (at % CHUNK))
  }
  return bytes
}

const METADATA = JSON.stringify({
  zarr_format: 3,
  node_type: 'array',
  shape: [ROWS, COLUMNS],
  data_type: 'uint8',
  chunk_grid: { name: 'regular', configuration: { chunk_shape: [CHUNK, CHUNK] } },
  chunk_key_encoding: { name: 'default' },
  fill_value: MISSING,
  codecs: [{ name: 'bytes' }],
  attributes: { _FillValue: MISSING },
})

/** A visit to the array. `gate` is asked for each chunk before it is sent; `asked` are those that were, in order. */
async function visitLarge(query = '', gate = () => {}) {
  const asked = []
  const prepare = (page) =>
    page.route('**/large.zarr/**', async (route) => {
      const { pathname } = new URL(route.request().url())
      const [, i, j] = /\/c\/(\d+)\/(\d+)$/.exec(pathname) ?? []
      if (pathname.endsWith('/zarr.json')) return route.fulfill({ body: METADATA })
      if (i === undefined) return route.fulfill({ status: 404 })
      asked.push(`${i}/${j}`)
      await gate(`${i}/${j}`)
      const isThere = Number(i) !== ABSENT[0] || Number(j) !== ABSENT[1]
      // Whoever aborted it does not want it any more.
      await route.fulfill(isThere ? { body: chunkOf(Number(i), Number(j)) } : { status: 404 }).catch(() => {})
    })
  const { page, complaints } = await site.visit(`#url=large.zarr${query}`, { prepare })
  return { page, complaints, asked }
}

const shownWindow = (page) =>
  page.evaluate(() => {
    const [x, y, zoom] = new URLSearchParams(location.hash.slice(1)).get('window').split(',').map(Number)
    return { x, y, zoom }
  })

test('all of a large slice: each cell has the value of its first element, and the histogram counts every cell', async () => {
  const { page, complaints, asked } = await visitLarge()
  const step = 8
  assert.equal(await page.textContent('#detail'), `1 of ${step} rows, 1 of ${step} columns`)
  for (const [row, column] of [
    [3, 5],
    [800, 31],
    [1201, 1601],
    [2390, 3190],
  ]) {
    const said = await pointAtPart(page, (column + 0.5) / COLUMNS, (row + 0.5) / ROWS)
    const [i, j] = said.index.split(',').map(Number)
    assert.ok(
      Math.abs(i - row) <= 2 * step && Math.abs(j - column) <= 2 * step,
      `${said.index} at ${row}, ${column}`,
    )
    assert.deepEqual([i % step, j % step], [0, 0])
    const value = valueAt(i, j)
    assert.equal(said.value, value === MISSING ? 'NaN' : String(value))
  }
  const counts = new Array(64).fill(0)
  let missing = 0
  const cells = []
  for (let row = 0; row < ROWS; row += step)
    for (let column = 0; column < COLUMNS; column += step) cells.push(valueAt(row, column))
  const values = cells.filter((value) => value !== MISSING)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  for (const value of cells) {
    if (value === MISSING) missing++
    else counts[Math.floor(colourIndex(value, low, high) / 4)]++
  }
  const histogram = await page.$eval('#histogram', ({ dataset }) => ({ ...dataset }))
  assert.deepEqual(histogram, {
    counts: counts.join(),
    missing: String(missing),
    mean: String(values.reduce((sum, value) => sum + value, 0) / values.length),
  })
  assert.equal(new Set(asked).size, 192)
  assert.equal(asked.length, 192, 'no chunk was asked for twice')
  assert.deepEqual(complaints, [])
  await page.close()
})

test('the wheel zooms to what is under the pointer, down to single elements, and each pixel has the colour of its value', async () => {
  const { page, complaints } = await visitLarge()
  const target = await pointAtPart(page, 0.25, 0.75)
  for (let i = 0; i < 12; i++) await page.mouse.wheel(0, -480)
  await page.waitForFunction(() => document.querySelector('#detail').textContent === 'every element')
  await state(page, 'ready')
  const box = await page.locator('#map').boundingBox()
  const said = await pointAtPart(page, 0.25, 0.75)
  const [row, column] = said.index.split(',').map(Number)
  const [before, beside] = target.index.split(',').map(Number)
  assert.ok(Math.abs(row - before) <= 16 && Math.abs(column - beside) <= 16, `${said.index}, ${target.index}`)
  // All the elements in the window, by their places on the screen.
  const shown = await page.$eval('#map', (canvas) => {
    const { width, height } = canvas
    return { width, height, pixels: [...canvas.getContext('2d').getImageData(0, 0, width, height).data] }
  })
  assert.deepEqual([shown.width, shown.height], [Math.round(box.width), Math.round(box.height)])
  await page.waitForFunction(() => location.hash.includes('window='))
  const { x, y, zoom } = await shownWindow(page)
  const [width, height] = [Math.max(COLUMNS / zoom, 8), Math.max(ROWS / zoom, 8)]
  const wrong = []
  for (let py = 0; py < shown.height; py += 7) {
    for (let px = 0; px < shown.width; px += 7) {
      const column = x - width / 2 + ((px + 0.5) / shown.width) * width
      const row = y - height / 2 + ((py + 0.5) / shown.height) * height
      // The address has three digits of the window: right at an edge it does not say which element it is.
      if ([row, column].some((at) => Math.abs(at - Math.round(at)) < 0.002)) continue
      const colour = colourIndex(valueAt(Math.floor(row), Math.floor(column)), 0, 250) * 4
      const at = (py * shown.width + px) * 4
      const found = shown.pixels.slice(at, at + 3)
      if (found.join() !== [...colourMap.subarray(colour, colour + 3)].join()) wrong.push([px, py, ...found])
    }
  }
  assert.deepEqual(wrong, [])
  assert.deepEqual(complaints, [])
  await page.close()
})

test('what is visible is asked for first, and then what lies around it', async () => {
  // Rows 1150 to 1250, columns 1433 to 1567: parts of two chunks, with four beside them.
  const { page, asked } = await visitLarge('&window=1500,1200,24')
  await page.waitForSelector('#strip[data-in-flight="0"]')
  assert.deepEqual(asked.slice(0, 2).sort(), ['5/7', '6/7'])
  assert.deepEqual(asked.slice(2).sort(), ['5/6', '5/8', '6/6', '6/8'])
  assert.match(await page.textContent('#aborted'), /^0$/)
  await page.close()
})

test('what went out of view is aborted; what is there is drawn while the rest is read', async () => {
  // Rows 250 to 350, columns 233 to 367: in chunk 1/1.
  const { page, asked } = await visitLarge(
    '&window=300,300,24',
    (key) => key === '1/3' && new Promise(() => {}),
  )
  const aborted = []
  page.on('requestfailed', (request) => aborted.push(new URL(request.url()).pathname))
  for (let i = 0; i < 3; i++) await dragMap(page, -0.9)
  await page.waitForSelector('#map[data-state=loading]')
  await page.waitForFunction(() => document.querySelector('#waiting-visible').textContent === '1')
  assert.equal((await pointAtPart(page, 0.98, 0.5)).text.trim(), 'Reading…')
  readsRight(await pointAtPart(page, 0.01, 0.5))
  assert.deepEqual(await coversAt(page, 0.01), ['opaque'])
  assert.deepEqual(await coversAt(page, 0.98), ['clear', 'striped'])
  for (let i = 0; i < 3; i++) await dragMap(page, 0.9)
  await state(page, 'ready')
  await page.waitForSelector('#strip[data-in-flight="0"]')
  assert.deepEqual(aborted, ['/some/where/large.zarr/c/1/3'])
  assert.equal(await page.textContent('#aborted'), '1')
  assert.equal(asked.filter((key) => key === '1/3').length, 1)
  readsRight(await pointAtPart(page, 0.5, 0.5))
  await page.close()
})

/** What is in a column of pixels of the map. */
const coversAt = (page, across) =>
  page.$eval(
    '#map',
    (canvas, part) => {
      const x = Math.floor(part * canvas.width)
      const { data } = canvas.getContext('2d').getImageData(x, 0, 1, canvas.height)
      const names = { 0: 'clear', 128: 'striped', 255: 'opaque' }
      return [...new Set(data.filter((_, i) => i % 4 === 3))].map((alpha) => names[alpha]).sort()
    },
    across,
  )

/** Drags the map by a part of its width. */
async function dragMap(page, across) {
  const box = await page.locator('#map').boundingBox()
  const [y, from] = [box.y + box.height / 2, box.x + box.width * (across < 0 ? 0.95 : 0.05)]
  await page.mouse.move(from, y)
  await page.mouse.down()
  await page.mouse.move(from + across * box.width, y, { steps: 4 })
  await page.mouse.up()
}

function readsRight(said) {
  const [row, column] = said.index.split(',').map(Number)
  assert.equal(said.value, String(valueAt(row, column)))
}

test('further out, what was read of single elements is drawn until the rest is there', async () => {
  const isNear = (key) => /^[4-7]\/[6-8]$/.test(key)
  const { page } = await visitLarge('&window=1500,1200,24', (key) => !isNear(key) && new Promise(() => {}))
  await page.focus('#map')
  await page.keyboard.press('0')
  await page.waitForFunction(
    () => document.querySelector('#detail').textContent === '1 of 8 rows, 1 of 8 columns',
  )
  assert.equal(await page.getAttribute('#map', 'data-state'), 'loading')
  const odd = await pointAtPart(page, 1501.5 / COLUMNS, 1203.5 / ROWS)
  readsRight(odd)
  assert.ok(
    odd.index.split(',').some((index) => Number(index) % 8 !== 0),
    `${odd.index} is of the coarse level`,
  )
  assert.equal((await pointAtPart(page, 0.05, 0.05)).text.trim(), 'Reading…')
  await page.close()
})

test('an address with a window, and the buttons, show the same elements as before', async () => {
  const { page } = await visitLarge('&window=700.5,900.25,8')
  const said = await pointAtPart(page, 0.3, 0.6)
  readsRight(said)
  // About the middle, where nothing is pointed at.
  await page.focus('#map')
  await page.keyboard.press('Escape')
  await page.click('#zoom-in')
  await page.waitForURL('**window=700.5,900.25,12')
  await page.reload()
  await state(page, 'ready')
  const inside = await pointAtPart(page, 0.5, 0.5)
  assert.equal(inside.index, '900,700')
  readsRight(inside)
  await page.focus('#map')
  await page.keyboard.press('Escape')
  await page.click('#zoom-out')
  await page.waitForURL('**window=700.5,900.25,8')
  await state(page, 'ready')
  assert.deepEqual(await pointAtPart(page, 0.3, 0.6), said)
  await page.click('#zoom-all')
  await page.waitForFunction(() => !location.hash.includes('window'))
  await page.close()
})

test('the axes can be chosen: time across, longitude down, and back', async () => {
  const { page, complaints } = await site.visit('#url=data/ostia.zarr&at=0,9,0&axes=2,0')
  const expected = points.filter(
    ({ variable, index }) => variable === 'surface_temperature' && index[1] === 9,
  )
  assert.ok(expected.length > 0)
  const said = async ([time, , longitude]) => {
    const { index, value } = await pointAtPart(page, (time + 0.5) / 54, (longitude + 0.5) / 432)
    return { index, value: Number(value) }
  }
  const lines = await page.$eval('#map', ({ height }) => height)
  for (const { index, value } of expected) {
    const [time, latitude, longitude] = index
    const found = await said(index)
    // Not each of the 432 rows has a line of pixels: the row that is drawn is asked for with the readout.
    const [t, l, x] = found.index.split(',').map(Number)
    assert.deepEqual([t, l], [time, latitude])
    assert.ok(Math.abs(x - longitude) <= Math.ceil(432 / lines) * 2)
    if (x === longitude) assert.equal(found.value, Number(value))
  }
  assert.equal(await page.textContent('#y-title'), 'longitude')
  assert.equal(await page.textContent('#x-title'), 'time')
  await page.selectOption('#axis-down', 'latitude')
  await state(page, 'ready')
  assert.equal(await page.textContent('label[for=slider-2]'), 'longitude')
  await page.selectOption('#axis-across', 'longitude')
  await state(page, 'ready')
  await page.waitForFunction(() => !location.hash.includes('axes'))
  assert.deepEqual(complaints, [])
  await page.close()
})

test('the step is the least power of two at which an element takes a pixel', () => {
  assert.equal(stepFor(100, 200), 1)
  assert.equal(stepFor(200, 200), 1)
  assert.equal(stepFor(201, 200), 2)
  assert.equal(stepFor(1601, 200), 16)
  assert.equal(stepFor(5, 0), 8)
})

test('tiles cover each cell once, and share no chunk', () => {
  for (const [length, chunk, step] of [
    [1000, 100, 1],
    [1000, 37, 1],
    [5000, 64, 4],
    [5001, 4096, 8],
    [5001, 4097, 8],
    [9999, 10_000, 2],
    [1, 1, 1],
  ]) {
    const grid = { rows: length, columns: 1, chunkRows: chunk, chunkColumns: 1 }
    const level = { rowStep: step, columnStep: 1 }
    const tiles = tilesWithin(grid, level, { top: 0, bottom: length, left: 0, right: 1 })
    const ends = tiles.map(({ top, bottom }) => [top, bottom]).sort(([a], [b]) => a - b)
    assert.equal(ends[0][0], 0)
    assert.equal(ends.at(-1)[1], Math.ceil(length / step))
    assert.ok(ends.every(([top], i) => i === 0 || top === ends[i - 1][1]))
    const chunks = ends.map(([top]) => (top * step) / chunk)
    if (chunk <= 512 * step) assert.ok(chunks.every((at) => at % 1 < step / chunk))
  }
})

test('only tiles in a region are wanted, those in its middle first', () => {
  const grid = { rows: 10_000, columns: 10_000, chunkRows: 250, chunkColumns: 250 }
  const level = { rowStep: 1, columnStep: 1 }
  const tiles = tilesWithin(grid, level, { top: 900, bottom: 1200, left: 0.5, right: 700 })
  assert.deepEqual(
    tiles.map(({ top, left }) => [top, left]),
    [
      [1000, 250],
      [1000, 0],
      [1000, 500],
      [750, 250],
      [750, 0],
      [750, 500],
    ],
  )
})

test('the camera keeps what is under the pointer, and does not leave the slice', () => {
  const camera = new Camera(1000, 500)
  assert.deepEqual(camera.window, { left: 0, top: 0, width: 1000, height: 500 })
  camera.zoomBy(4, 0.25, 1)
  assert.deepEqual(camera.window, { left: 187.5, top: 375, width: 250, height: 125 })
  camera.pan(-10, 0)
  assert.deepEqual(camera.window, { left: 0, top: 375, width: 250, height: 125 })
  camera.include(500, 100, 10, 10)
  assert.deepEqual(camera.window, { left: 260, top: 100, width: 250, height: 125 })
  camera.include(300, 120, 10, 10)
  assert.deepEqual(camera.window, { left: 260, top: 100, width: 250, height: 125 })
  camera.zoomBy(1e9)
  assert.deepEqual([camera.zoom, camera.window.width, camera.window.height], [125, 8, 8])
  camera.zoomBy(0)
  assert.deepEqual(camera.window, { left: 0, top: 0, width: 1000, height: 500 })
})
