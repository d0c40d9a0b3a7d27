// The demo page with files and folders of the visitor's own: chosen, or dropped on it.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { inRoot } from '../../scripts/run.mjs'
import { demo, drag, pointAt, pointAtPart, points, readout, state } from './demo_page.mjs'

const STORES = inRoot('tests/fixtures/stores')
const SAMPLE = inRoot('www/data/ostia.zarr')

const site = demo()
const folder = mkdtempSync(path.join(tmpdir(), 'zarr-wasm-demo-'))
after(() => rmSync(folder, { recursive: true }))

/** Drops a file or folder, as the browser tells a page of it. */
async function drop(page, file) {
  const client = await page.context().newCDPSession(page)
  const data = { items: [], files: [file], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop']) {
    await client.send('Input.dispatchDragEvent', { type, x: 600, y: 300, data })
  }
}

const titled = (page, title) =>
  page.waitForFunction((text) => document.querySelector('#title').textContent === text, title)

/** As tests/fixtures/make_stores.py says: element (i, j) is 10 i + j, and the last chunk is missing. */
async function checkCount(page) {
  await titled(page, 'Count')
  await state(page, 'ready')
  assert.equal(await page.textContent('#tree summary'), 'level')
  assert.equal(await page.textContent('#tree details button[aria-current]'), 'count 5 × 6')
  for (const [row, column, value] of [
    [0, 0, '0'],
    [2, 5, '25'],
    [4, 3, '43'],
    [4, 4, 'NaN'],
  ]) {
    const said = await pointAtPart(page, (column + 0.5) / 6, (row + 0.5) / 5)
    assert.deepEqual({ index: said.index, value: said.value }, { index: `${row},${column}`, value })
  }
  assert.equal(await page.textContent('#histogram-summary'), '28 values, 2 missing')
}

for (const name of ['stored.zarr.zip', 'deflated.ozx']) {
  test(`an archive that is chosen is shown with its tree: ${name}`, async () => {
    const { page, complaints } = await site.visit()
    await page.setInputFiles('#file', path.join(STORES, name))
    await checkCount(page)
    assert.equal(await page.inputValue('#url'), name)
    // Nobody else has the file.
    await page.waitForFunction(() => location.hash === '')
    assert.deepEqual(complaints, [])
    await page.close()
  })
}

test('a folder that is chosen is listed and shown', async () => {
  const { page, complaints } = await site.visit()
  await page.setInputFiles('#folder', path.join(STORES, 'folder.zarr'))
  await checkCount(page)
  assert.deepEqual(complaints, [])
  await page.close()
})

test('an archive that is dropped is shown', async () => {
  const { page } = await site.visit()
  await drop(page, path.join(STORES, 'deflated.ozx'))
  await checkCount(page)
  await page.close()
})

test('a folder that is dropped is listed and shown', async () => {
  const { page } = await site.visit()
  await drop(page, path.join(STORES, 'folder.zarr'))
  await checkCount(page)
  assert.equal(await page.$eval('body', (body) => body.classList.contains('dropping')), false)
  await page.close()
})

test('parts of shards in a folder are read alone, and have the values of zarr-python', async () => {
  const { page, complaints } = await site.visit('#url=data/e1_north_america.zarr')
  const before = site.server.log.length
  await drop(page, SAMPLE)
  await titled(page, 'Sea-surface temperature')
  const expected = points.filter(({ variable }) => variable === 'surface_temperature').slice(0, 10)
  for (const { index, value } of expected) {
    await drag(page, [index[0]])
    await state(page, 'ready')
    const said = await pointAt(page, index, [54, 18, 432])
    assert.deepEqual(
      { index: said.index, value: Number(said.value) },
      { index: index.join(), value: Number(value) },
    )
  }
  assert.deepEqual(
    site.server.log.slice(before).filter(({ path: asked }) => asked.includes('ostia')),
    [],
  )
  assert.deepEqual(complaints, [])
  await page.close()
})

test('what is no archive is said to be none, and the next choice is shown', async () => {
  const { page } = await site.visit()
  const file = path.join(folder, 'broken.zip')
  writeFileSync(file, 'no archive')
  await page.setInputFiles('#file', file)
  await state(page, 'error')
  assert.match(await page.textContent('#failure-message'), /broken\.zip/)
  assert.equal(await page.isVisible('#map'), false)
  await page.setInputFiles('#file', path.join(STORES, 'stored.zarr.zip'))
  await checkCount(page)
  await page.close()
})

test('a chunk that cannot be decoded is an error in place of the picture, other slices are shown', async () => {
  const broken = path.join(folder, 'broken.zarr')
  cpSync(SAMPLE, broken, { recursive: true })
  writeFileSync(path.join(broken, 'surface_temperature/c/1/0/0'), 'no shard')
  const { page } = await site.visit()
  await drop(page, broken)
  await page.waitForFunction(() => document.querySelector('#url').value === 'broken.zarr')
  await state(page, 'ready')
  await drag(page, [12])
  await state(page, 'error')
  assert.equal(await page.textContent('#failure-code'), 'store')
  assert.match(await page.textContent('#failure-message'), /c\/1\/0\/0: shard index: .* 8 bytes came/)
  await drag(page, [24])
  await state(page, 'ready')
  assert.equal(await page.isVisible('#failure'), false)
  await page.hover('#map')
  assert.match((await readout(page)).index, /^24,/)
  await page.close()
})
