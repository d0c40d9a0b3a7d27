// The projects of the tests, built by each bundler as its users would: with as little configuration as it needs.
//
// Each function builds the project in a folder, and resolves with the folder that is to be served, which has an index.html.
import { cp, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import * as esbuild from 'esbuild'
import { load, modulePath } from './modules.mjs'

/** A page whose only script is `script`, in a folder. */
const pageIn = async (folder, script, type = 'type="module"') => {
  const html = `<!doctype html><title>Built</title><link rel="icon" href="data:,"><body><script ${type} src="${script}"></script>`
  await writeFile(path.join(folder, 'index.html'), html)
  return folder
}

/** What bundlers that leave `new URL(…, import.meta.url)` alone do not do. */
async function copyFiles(folder, out) {
  const dist = path.join(folder, '../node_modules/zarr-wasm/dist')
  for (const name of ['wasm', 'browser_worker.js'])
    await cp(path.join(dist, name), path.join(out, name), { recursive: true })
}

export async function vite(folder, page = 'page.js', base = '/') {
  const { build } = await load('vite')
  await setScript(folder, page)
  await build({ root: folder, base, logLevel: 'error' })
  return path.join(folder, 'dist')
}

export async function webpack(folder, page = 'page.js') {
  const { default: webpack } = await load('webpack')
  const out = path.join(folder, 'dist')
  await built(webpack, { context: folder, entry: `./${page}`, output: { path: out } })
  return pageIn(out, 'main.js', 'defer')
}

export async function rollup(folder) {
  const out = path.join(folder, 'dist')
  await rollupTo(folder, { dir: out, format: 'es' })
  await copyFiles(folder, out)
  return pageIn(out, 'page.js')
}

/** All in one script, which is no module. */
export async function rollupToOneFile(folder) {
  const out = path.join(folder, 'dist')
  await rollupTo(folder, { file: path.join(out, 'page.js'), format: 'iife', inlineDynamicImports: true })
  return pageIn(out, 'page.js', 'defer')
}

async function rollupTo(folder, output) {
  const { rollup } = await load('rollup')
  const { nodeResolve } = await load('@rollup/plugin-node-resolve')
  const bundle = await rollup({
    input: path.join(folder, 'page.js'),
    plugins: [nodeResolve({ browser: true })],
  })
  await bundle.write(output)
  await bundle.close()
}

export async function esbuildToModules(folder) {
  const out = path.join(folder, 'dist')
  await esbuild.build({
    entryPoints: [path.join(folder, 'page.js')],
    outdir: out,
    bundle: true,
    splitting: true,
    format: 'esm',
    logLevel: 'error',
  })
  await copyFiles(folder, out)
  return pageIn(out, 'page.js')
}

/** All in one script, which is no module. */
export async function esbuildToOneFile(folder) {
  const out = path.join(folder, 'dist')
  await esbuild.build({
    entryPoints: [path.join(folder, 'page.js')],
    outdir: out,
    bundle: true,
    format: 'iife',
    logLevel: 'error',
  })
  return pageIn(out, 'page.js', 'defer')
}

export async function parcel(folder, page = 'page.js') {
  const { Parcel } = await load('@parcel/core')
  await setScript(folder, page)
  const bundler = new Parcel({
    entries: path.join(folder, 'index.html'),
    defaultConfig: modulePath('@parcel/config-default'),
    mode: 'production',
    shouldDisableCache: true,
    defaultTargetOptions: { distDir: path.join(folder, 'dist'), publicUrl: './' },
  })
  await bundler.run()
  return path.join(folder, 'dist')
}

async function setScript(folder, page) {
  const file = path.join(folder, 'index.html')
  await writeFile(file, (await readFile(file, 'utf8')).replace('./page.js', `./${page}`))
}

/** Runs webpack, and fails on anything that it has to say, but for the size of wasm. */
export const built = (webpack, options) =>
  new Promise((resolve, reject) => {
    webpack({ mode: 'production', performance: false, ...options }, (error, stats) => {
      if (error) reject(error)
      else if (stats.hasErrors() || stats.hasWarnings())
        reject(new Error(stats.toString({ all: false, errors: true, warnings: true })))
      else resolve()
    })
  })
