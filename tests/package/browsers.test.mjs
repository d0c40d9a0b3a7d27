// The page that Vite builds, in every browser, with and without a strict policy.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { serve } from '../../scripts/serve.mjs'
import { webkitPrograms } from '../../scripts/setup.mjs'
import { chromium } from './browsers/chromium.mjs'
import { firefox } from './browsers/firefox.mjs'
import { outcomeOf } from './browsers/outcome.mjs'
import { webkit } from './browsers/webkit.mjs'
import { vite } from './bundled.mjs'
import { assertWithoutWorkers, expected, pageUrl, serveData } from './data.mjs'
import { install } from './installed.mjs'

const POLICIES = {
  'without a policy': undefined,
  "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'":
    "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'":
    "script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'",
}

/** How the page is built: `[name, entry of the package, script of the page]` */
const PAGES = [
  ['page', 'zarr-wasm', 'page.js'],
  ['worker', 'zarr-wasm', 'page_with_worker.js'],
  ['inline', 'zarr-wasm/inline', 'page.js'],
]

let installed
let data
let site
let policy
before(async () => {
  installed = await install()
  data = await serveData()
  const folders = []
  for (const [name, entry, script] of PAGES)
    folders.push([`/${name}/`, await vite(await installed.project(name, entry), script, './')])
  site = await serve({ folders, headersOf: () => (policy ? { 'content-security-policy': policy } : {}) })
})
after(async () => {
  await site.close()
  await data.close()
  await installed.close()
})

const LAUNCHERS = { Chromium: chromium, Firefox: firefox, WebKit: webkit }
const skipped = { WebKit: webkitPrograms() ? false : 'there is none that can be driven on this system' }

for (const [name, launch] of Object.entries(LAUNCHERS)) {
  test(name, { skip: skipped[name] }, async (t) => {
    const browser = await launch()
    t.after(() => browser.close())
    t.diagnostic(browser.name)
    for (const [description, value] of Object.entries(POLICIES)) {
      for (const [page] of PAGES) {
        if (page === 'worker' && value?.includes("worker-src 'none'")) continue
        await t.test(`${page}, ${description}`, async () => {
          policy = value
          const url = pageUrl(`${site.origin}/${page}/index.html`, data)
          const found = await outcomeOf(browser, url)
          // Those of the entry with all in itself are scripts without a place; Firefox may hang when a worker starts others.
          const isWithout =
            value?.includes('none') ||
            (value && page === 'inline') ||
            (name === 'Firefox' && page === 'worker')
          if (isWithout) await assertWithoutWorkers(found)
          else assert.deepEqual(found, await expected())
        })
      }
    }
  })
}
