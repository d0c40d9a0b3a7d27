// Pages without a bundler: what they import is what the package has, under policies and from servers of all kinds.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { serve } from '../../scripts/serve.mjs'
import { chromium } from './browsers/chromium.mjs'
import { outcomeOf } from './browsers/outcome.mjs'
import { assertWithoutWorkers, expected, pageUrl, serveData } from './data.mjs'
import { install } from './installed.mjs'

const DIST = '/node_modules/zarr-wasm/dist'

let installed
let data
let site
let browser
before(async () => {
  installed = await install()
  data = await serveData()
  await installed.project('plain')
  await installed.project('inline')
  await installed.project('policy', `${DIST}/browser.js`)
  await installed.project('policy-inline', `${DIST}/inline.js`)
  await page('plain', 'page', { 'zarr-wasm': `${DIST}/browser.js` })
  await page('inline', 'page', { 'zarr-wasm': `${DIST}/inline.js` })
  site = await serve({ folders: [['/', installed.folder]], headersOf: (url) => replaced(url) })
  browser = await chromium()
})
after(async () => {
  await browser.close()
  await site.close()
  await data.close()
  await installed.close()
})

/** Headers by which a test replaces those of the server. */
let replaced = () => ({})

async function page(project, script, imports) {
  const html = `<!doctype html>
<title>A page without a bundler</title>
<link rel="icon" href="data:,">
<body>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module" src="./${script}.js"></script>`
  await writeFile(path.join(installed.folder, project, 'index.html'), html)
}

async function outcome(project, headersOf = () => ({}), file = 'index.html') {
  replaced = headersOf
  return outcomeOf(browser, pageUrl(`${site.origin}/${project}/${file}`, data))
}

test('an import map', async () => {
  assert.deepEqual(await outcome('plain'), await expected())
  assert.deepEqual(await outcome('inline'), await expected())
})

test('an application that passes the wasm and the worker', async () => {
  const project = await installed.project('slim', `${DIST}/slim.js`)
  const program = `
import { provideWasm } from '${DIST}/slim.js'
import { read } from './read.js'
import { show, wanted } from './show.js'
provideWasm({
  engine: '${DIST}/wasm/zarr_wasm_bg.wasm',
  rare: () => fetch('${DIST}/wasm/zarr_wasm_rare.wasm'),
  worker: () => new Worker('${DIST}/browser_worker.js', { type: 'module' }),
})
show(read(...wanted()))`
  await writeFile(path.join(project, 'page.js'), program)
  site.log.length = 0
  assert.deepEqual(await outcome('slim'), await expected())
  assert.ok(site.log.some(({ path }) => path === `${DIST}/browser_worker.js`))
})

test('a page downloads the entry, what entries share, and the wasm that it needs', async () => {
  site.log.length = 0
  await outcome('plain')
  const asked = site.log.map(({ path }) => path).filter((path) => path.startsWith(DIST))
  const names = asked.map((path) => path.slice(DIST.length + 1).replace(/-\w{8}\./, '.'))
  const isOnce = (name) => names.indexOf(name) === names.lastIndexOf(name)
  assert.ok(['browser.js', 'chunk.js'].every(isOnce))
  assert.deepEqual([...new Set(names)].sort(), [
    'browser.js',
    'browser_worker.js',
    'chunk.js',
    'pool.js',
    'wasm/zarr_wasm_bg.wasm',
    'wasm/zarr_wasm_rare.wasm',
  ])
})

test('a worker of the page', async () => {
  const html =
    '<!doctype html><title>Worker</title><body><script type="module" src="page_with_worker.js"></script>'
  await writeFile(path.join(installed.folder, 'policy', 'worker.html'), html)
  assert.deepEqual(await outcome('policy', undefined, 'worker.html'), await expected())
})

for (const type of ['application/octet-stream', 'text/plain', '']) {
  test(`wasm that is served as ${type || 'nothing'}`, async () => {
    const headersOf = (url) => (url.endsWith('.wasm') ? { 'content-type': type } : {})
    assert.deepEqual(await outcome('plain', headersOf), await expected())
  })
}

const policy = (value) => () => ({ 'content-security-policy': value })
const STRICT = "default-src 'none'; connect-src *; img-src data:; script-src 'self' 'wasm-unsafe-eval'"

for (const workers of ["worker-src 'self'", "worker-src 'none'"]) {
  for (const project of ['policy', 'policy-inline']) {
    test(`${project}: ${STRICT}; ${workers}`, async () => {
      const found = await outcome(project, policy(`${STRICT}; ${workers}`))
      // Those of the entry with all in itself are scripts without a place.
      if (workers.includes('none') || project === 'policy-inline') await assertWithoutWorkers(found)
      else assert.deepEqual(found, await expected())
    })
  }
}

test("a policy without 'wasm-unsafe-eval' is an error that says so", async () => {
  const { failed } = await outcome('policy', policy("script-src 'self'"))
  assert.match(failed, /^store: the library's wasm did not load: .*script-src 'wasm-unsafe-eval'$/)
})

test('a page in place of the wasm is an error that says what to do', async () => {
  const headersOf = (url) => (url.endsWith('.wasm') ? { 'content-type': 'text/html' } : {})
  const { failed } = await outcome('plain', headersOf)
  const wasm = `${site.origin}${DIST}/wasm/zarr_wasm_bg.wasm`
  assert.equal(
    failed,
    `store: the library's wasm did not load: a page came in its place (${wasm}); with Vite, add optimizeDeps: { exclude: ['zarr-wasm'] }, or import zarr-wasm/inline`,
  )
})
