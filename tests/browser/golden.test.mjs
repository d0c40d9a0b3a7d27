// The golden cases over HTTP, in headless Chromium: the page imports the built package by its name.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { inRoot } from '../../scripts/run.mjs'
import { serve } from '../../scripts/serve.mjs'
import { groups } from '../node/golden.mjs'
import { launch } from './chromium.mjs'

const { cases } = JSON.parse(await readFile(inRoot('tests/fixtures/manifest.json'), 'utf8'))

let server
let browser
let page
before(async () => {
  server = await serve({
    folders: [
      ['/dist/', inRoot('dist')],
      ['/tests/', inRoot('tests')],
    ],
  })
  browser = await launch()
  page = await browser.newPage()
  await page.goto(`${server.origin}/tests/browser/golden.html`)
})
after(async () => {
  await browser?.close()
  await server.close()
})

test('the page reads with the build for browsers, and loads its wasm once', async () => {
  assert.ok(cases.length >= 458)
  await page.evaluate(async (path) => {
    const { open } = await import('zarr-wasm')
    await Promise.all([open(path), open(path)])
  }, `/tests/fixtures/${cases[0].path}`)
  const loaded = server.log.map(({ path }) => path).filter((path) => path.startsWith('/dist/'))
  assert.ok(loaded.includes('/dist/browser.js'))
  assert.ok(!loaded.includes('/dist/node.js'))
  assert.equal(loaded.filter((path) => path === '/dist/wasm/zarr_wasm_bg.wasm').length, 1)
})

test('the wasm of the rare codecs is loaded when an array needs it, once', async () => {
  const loaded = () => server.log.filter(({ path }) => path === '/dist/wasm/zarr_wasm_rare.wasm').length
  assert.equal(loaded(), 0)
  const zarray = {
    zarr_format: 2,
    shape: [2],
    chunks: [2],
    dtype: '|u1',
    compressor: { id: 'bz2', level: 1 },
    filters: null,
    fill_value: 0,
    order: 'C',
  }
  const chunk = 'QlpoMTFBWSZTWe6PCEAAAABAAADAIAAhAIKxdyRThQkO6PCEAA=='
  const read = await page.evaluate(
    async ({ zarray, chunk }) => {
      const { open } = await import('zarr-wasm')
      const store = new Map([
        ['/.zarray', new TextEncoder().encode(JSON.stringify(zarray))],
        ['/0', Uint8Array.from(atob(chunk), (character) => character.charCodeAt(0))],
      ])
      const arrays = await Promise.all([open(store), open(store)])
      return Promise.all(arrays.map(async (array) => Array.from((await array.get()).data)))
    },
    { zarray, chunk },
  )
  assert.deepEqual(read, [
    [7, 8],
    [7, 8],
  ])
  assert.equal(loaded(), 1)
})

test('chunks are requested before what starts workers is here', async (t) => {
  const page = await (await browser.newContext()).newPage()
  t.after(() => page.close())
  await page.goto(`${server.origin}/tests/browser/golden.html`)
  let ask
  const asked = new Promise((resolve) => {
    ask = resolve
  })
  await page.route('**/c/1/1', (route) => {
    ask()
    return route.continue()
  })
  await page.route('**/dist/pool-*.js', async (route) => {
    await asked
    return route.continue()
  })
  const [alone, byWorkers] = await page.evaluate(async (path) => {
    const { configure, open } = await import('zarr-wasm')
    const array = await open(path)
    const alone = await array.get()
    configure({ workers: 1 })
    return [alone, await array.get()].map(({ data }) => Array.from(data, String))
  }, '/tests/fixtures/data/v3/codec/gzip')
  assert.deepEqual(byWorkers, alone)
})

for (const [name, group] of groups(cases)) {
  test(`${name}, ${group.length} cases`, async () => {
    const judged = await page.evaluate(async (group) => {
      const library = await import('zarr-wasm')
      const { judgeAll } = await import('/tests/node/golden.mjs')
      return judgeAll(library, '/tests/fixtures', group)
    }, group)
    assert.deepEqual(judged, [])
  })
}
