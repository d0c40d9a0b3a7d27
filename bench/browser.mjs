// Readers in headless Chromium: a browser for every run. The page comes from one server and the data from another, as
// they do with an object store; the page is isolated, so that libraries may share memory with their workers.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure, inRoot, onPath } from '../scripts/run.mjs'
import { serve } from '../scripts/serve.mjs'

const LIMIT_MS = 120_000
const PAGES = inRoot('build/bench/pages')
const ISOLATING = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}
const ARGUMENTS = ['--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync']

/** fizarrita does not read what zarrita 0.7 opens if it is of v3. */
const FIZARRITA = { alias: { zarrita: 'zarrita-0.6' }, worker: '@fideus-labs/fizarrita/codec-worker' }
const ADAPTERS = {
  'zarr-wasm': { file: 'zarr_wasm' },
  zarrita: { file: 'zarrita' },
  fizarrita: { file: 'fizarrita', ...FIZARRITA },
  fetching: { file: 'fetching' },
}

export const host = {
  title: 'Reading over HTTP/1.1, in headless Chromium',
  readers: Object.keys(ADAPTERS),
  columns: {
    'second read, ms': ({ second }) => second,
    'longest gap between turns, ms': ({ gap }) => gap,
    'longest task of 50 ms or more, ms': ({ longestTask }) => longestTask,
    requests: ({ requests }) => requests / 2,
  },
  open,
}

async function open(readers) {
  const { chromium } = await import('playwright-core')
  const executablePath =
    process.env.CHROMIUM ?? onPath('chromium', 'chromium-browser', 'google-chrome', 'chrome')
  if (!executablePath)
    throw new Failure('--browser needs Chromium on PATH, or named by the variable CHROMIUM')
  for (const reader of readers) await bundle(reader)
  const folders = [
    ['/dist/', inRoot('dist')],
    ['/', PAGES],
  ]
  const pages = await serve({ folders, headersOf: () => ISOLATING })
  const launch = () => chromium.launch({ executablePath, args: ARGUMENTS })
  const browser = await launch()
  const program = `Chromium ${browser.version()}`
  await browser.close()
  return {
    program,
    run: async (reader, url, selection) => {
      const browser = await launch()
      try {
        return await runIn(browser, `${pages.origin}/${reader}/index.html`, [url, selection])
      } catch (error) {
        return { error: error.message.split('\n', 1)[0] }
      } finally {
        await browser.close()
      }
    },
    close: () => pages.close(),
  }
}

async function runIn(browser, address, job) {
  const page = await browser.newPage()
  const broken = new Promise((_, reject) => page.once('pageerror', reject))
  broken.catch(() => {})
  await page.goto(address)
  await Promise.race([page.waitForFunction(() => globalThis.measure), broken])
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(reject, LIMIT_MS, new Error(`took longer than ${LIMIT_MS / 1000} s`))
  })
  const measured = page.evaluate((job) => globalThis.measure(...job), job)
  return Promise.race([measured, late]).finally(() => clearTimeout(timer))
}

/** The page of a reader: a script, and that of workers where there is one to be found beside it. */
async function bundle(reader) {
  const { file, alias = {}, worker } = ADAPTERS[reader]
  const { build } = await import('esbuild')
  const inBench = (name) => fileURLToPath(new URL(name, import.meta.url))
  const outdir = path.join(PAGES, reader)
  const options = {
    outdir,
    absWorkingDir: inBench('.'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'esnext',
    external: ['undici', '../../dist/node.js'],
    logLevel: 'error',
  }
  const adapter = { adapter: inBench(`adapters/${file}.mjs`) }
  await build({ ...options, alias: { ...alias, ...adapter }, entryPoints: ['page.mjs'] })
  if (worker) await build({ ...options, alias, entryPoints: [{ in: worker, out: 'codec-worker' }] })
  const page =
    '<!doctype html><meta charset="utf-8"><title>bench</title><script type="module" src="page.js"></script>'
  writeFileSync(path.join(outdir, 'index.html'), page)
}
