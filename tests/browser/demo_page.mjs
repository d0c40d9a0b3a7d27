// The demo page in headless Chromium, for its tests: visits, and what a visitor does and sees.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before } from 'node:test'
import { demo as buildDemo } from '../../scripts/demo.mjs'
import { inRoot } from '../../scripts/run.mjs'
import { serve } from '../../scripts/serve.mjs'
import { launch } from './chromium.mjs'

/** Elements of the samples as zarr-python reads them. */
export const { points } = JSON.parse(readFileSync(inRoot('tests/fixtures/sample_expected.json'), 'utf8'))

/** The page's modules that need no page, as they were built for it. */
export const built = (name) => import(inRoot('build/www', name))

/** A server and a browser for the tests of a file. */
export function demo() {
  const site = { visit }
  const folder = mkdtempSync(path.join(tmpdir(), 'zarr-wasm-demo-'))
  before(async () => {
    // Somewhere below a host, as it may be put anywhere; nothing else is served.
    site.server = await serve({ folders: [['/some/where/', await buildDemo(folder)]] })
    site.home = `${site.server.origin}/some/where/`
    site.browser = await launch()
  })
  after(async () => {
    await site.browser?.close()
    await site.server?.close()
    rmSync(folder, { recursive: true })
  })

  /**
   * A page with what it complains of; a document that is not there is the library's way of asking, and no complaint.
   * `prepare` is called with the page before it is loaded.
   */
  async function visit(query = '', { viewport = { width: 1280, height: 800 }, prepare } = {}) {
    const page = await site.browser.newPage({ viewport })
    const complaints = []
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      const notFound = message.text().includes('404 (Not Found)')
      if (message.type() === 'error' && !notFound) complaints.push(message.text())
    })
    await prepare?.(page)
    await page.goto(`${site.home}${query}`)
    await state(page, 'ready')
    return { page, complaints }
  }

  return site
}

export const state = (page, wanted) =>
  page.waitForSelector(`#map[data-state=${wanted}]`, { state: 'attached' })

/** Moves the first slider as a drag does, through all of `positions`. */
export const drag = (page, positions) =>
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

/** What the page says of the element that is pointed at. */
export const readout = (page) =>
  page.$eval('#readout', ({ dataset, textContent }) => ({ ...dataset, text: textContent }))

/** Points at a part of the map, 0…1 from its left and its top, and answers what the page says. */
export async function pointAtPart(page, across, down) {
  const box = await page.locator('#map').boundingBox()
  await page.mouse.move(box.x + across * box.width, box.y + down * box.height)
  return readout(page)
}

/** Points at the middle of an element while all of the slice is shown. Latitude runs upwards in both samples. */
export const pointAt = (page, [, row, column], [, rows, columns]) =>
  pointAtPart(page, (column + 0.5) / columns, (rows - 0.5 - row) / rows)
