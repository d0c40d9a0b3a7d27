// The installed package in pages that a bundler has built.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { serve } from '../../scripts/serve.mjs'
import { chromium } from './browsers/chromium.mjs'
import { outcomeOf } from './browsers/outcome.mjs'
import * as bundled from './bundled.mjs'
import { expected, pageUrl, serveData } from './data.mjs'
import { install } from './installed.mjs'
import { version } from './modules.mjs'

const { version: ofEsbuild } = await import('esbuild')

/** `[name, how it is built, the entry of the package, the script of the page]` */
const BUILDS = [
  [`Vite ${version('vite')}`, bundled.vite],
  [`Vite ${version('vite')}, in a worker`, bundled.vite, 'zarr-wasm', 'page_with_worker.js'],
  [`Vite ${version('vite')}, inline`, bundled.vite, 'zarr-wasm/inline'],
  [`webpack ${version('webpack')}`, bundled.webpack],
  [`webpack ${version('webpack')}, in a worker`, bundled.webpack, 'zarr-wasm', 'page_with_worker.js'],
  [`webpack ${version('webpack')}, inline`, bundled.webpack, 'zarr-wasm/inline'],
  [`Rollup ${version('rollup')}, files copied`, bundled.rollup],
  [`Rollup ${version('rollup')}, inline, one file`, bundled.rollupToOneFile, 'zarr-wasm/inline'],
  [`esbuild ${ofEsbuild}, files copied`, bundled.esbuildToModules],
  [`esbuild ${ofEsbuild}, inline, one file`, bundled.esbuildToOneFile, 'zarr-wasm/inline'],
  [`Parcel ${version('parcel')}`, bundled.parcel],
  [`Parcel ${version('parcel')}, in a worker`, bundled.parcel, 'zarr-wasm', 'page_with_worker.js'],
]

let installed
let data
let browser
before(async () => {
  installed = await install()
  data = await serveData()
  browser = await chromium()
})
after(async () => {
  await browser.close()
  await data.close()
  await installed.close()
})

for (const [name, build, entry, script] of BUILDS) {
  test(name, async (t) => {
    const folder = await build(await installed.project(name.replaceAll(/\W+/g, '-'), entry), script)
    const site = await serve({ folders: [['/', folder]] })
    t.after(() => site.close())
    assert.deepEqual(await outcomeOf(browser, pageUrl(`${site.origin}/index.html`, data)), await expected())
  })
}
