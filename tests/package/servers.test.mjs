// The installed package where bundlers serve or build what runs on a server: development, and pages rendered in Node.
import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'
import { run } from '../../scripts/run.mjs'
import { chromium } from './browsers/chromium.mjs'
import { outcomeOf } from './browsers/outcome.mjs'
import { built } from './bundled.mjs'
import { expected, PATHS, pageUrl, serveData } from './data.mjs'
import { install } from './installed.mjs'
import { load, version } from './modules.mjs'

const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"

const VITE = `Vite ${version('vite')}`
const WEBPACK = `webpack ${version('webpack')}`

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

/** A development server of Vite, whose cache is in the project. */
async function development(t, root, config = {}) {
  const { createServer } = await load('vite')
  const server = await createServer({
    root,
    logLevel: 'error',
    cacheDir: path.join(root, '.vite'),
    server: { host: '127.0.0.1', port: 0, strictPort: false, ws: false, hmr: false },
    ...config,
  })
  t.after(() => server.close())
  return server
}

const OUTSIDE = { optimizeDeps: { exclude: ['zarr-wasm'] } }

for (const [name, entry, config] of [
  ['among the dependencies that it bundles', 'zarr-wasm', {}],
  ['outside of them', 'zarr-wasm', OUTSIDE],
  ['inline', 'zarr-wasm/inline', {}],
]) {
  test(`${VITE}, development, ${name}`, async (t) => {
    const root = await installed.project(`development-${name.replaceAll(/\W/g, '-')}`, entry)
    const server = await development(t, root, config)
    await server.listen()
    const url = `http://127.0.0.1:${server.httpServer.address().port}/index.html`
    assert.deepEqual(await outcomeOf(browser, pageUrl(url, data)), await expected())
  })
}

test(`${VITE}, rendering while developing`, async (t) => {
  const root = await installed.project('rendering')
  const server = await development(t, root, {
    appType: 'custom',
    server: { middlewareMode: true, ws: false },
  })
  const { render } = await server.ssrLoadModule('/server.js')
  assert.deepEqual(JSON.parse(await render(data.origin, PATHS)), await expected())
})

/** What the built `server.js` answers in a Node of its own. */
async function rendered(file) {
  const program = `
import { createRequire } from 'node:module'
const module = ${file.endsWith('cjs') ? 'createRequire(import.meta.url)' : 'await import'}(${JSON.stringify(
    file.endsWith('cjs') ? file : pathToFileURL(file).href,
  )})
console.log(await module.render(${JSON.stringify(data.origin)}, ${JSON.stringify(PATHS)}))`
  return JSON.parse(await run('node', ['--input-type=module', '--eval', program], { quiet: true }))
}

for (const [name, entry, noExternal] of [
  ['left outside', 'zarr-wasm', undefined],
  ['bundled', 'zarr-wasm', true],
  ['bundled, inline', 'zarr-wasm/inline', true],
]) {
  test(`${VITE}, built for rendering, ${name}`, async () => {
    const { build } = await load('vite')
    const root = await installed.project(`rendered-${name.replaceAll(/\W/g, '-')}`, entry)
    await build({ root, logLevel: 'error', build: { ssr: 'server.js' }, ssr: { noExternal } })
    assert.deepEqual(await rendered(path.join(root, 'dist/server.js')), await expected())
  })
}

/** As Next.js does it, for the server: CommonJS for Node, which is bundled, or required as it is. */
async function asNext(name, entry, externals) {
  const { default: webpack } = await load('webpack')
  const root = await installed.project(name, entry)
  await built(webpack, {
    context: root,
    target: 'node',
    entry: './server.js',
    externals,
    output: { path: path.join(root, 'dist'), filename: 'server.cjs', library: { type: 'commonjs2' } },
  })
  return path.join(root, 'dist/server.cjs')
}

for (const [format, ending] of [
  ['esm', 'mjs'],
  ['cjs', 'cjs'],
]) {
  test(`esbuild ${esbuild.version}, for a server, bundled into one file, ${format}`, async () => {
    const root = await installed.project(`server-esbuild-${format}`)
    const outfile = path.join(root, `out/server.${ending}`)
    await esbuild.build({
      entryPoints: [path.join(root, 'server.js')],
      outfile,
      bundle: true,
      platform: 'node',
      format,
      // undici is in CommonJS, and requires.
      banner: format === 'esm' ? { js: REQUIRE } : {},
      logLevel: 'error',
    })
    assert.deepEqual(await rendered(outfile), await expected())
  })
}

test(`${WEBPACK}, for a server, bundled with its wasm`, async () => {
  assert.deepEqual(await rendered(await asNext('server-bundled', 'zarr-wasm')), await expected())
})

test(`${WEBPACK}, for a server, bundled, inline`, async () => {
  assert.deepEqual(await rendered(await asNext('server-inline', 'zarr-wasm/inline')), await expected())
})

test(`${WEBPACK}, for a server, required from outside`, async () => {
  const externals = { 'zarr-wasm': 'commonjs zarr-wasm' }
  assert.deepEqual(await rendered(await asNext('server-outside', 'zarr-wasm', externals)), await expected())
})
