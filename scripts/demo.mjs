// Makes build/demo/: the pages of www/ with all that they need, for any host and any path on it.
//   node scripts/demo.mjs        after `npm run build`, which compiles the pages
// Like any program that esbuild bundles: what the library loads by URL lies beside the bundle (README.md, "Install").
import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { inRoot, main, step } from './run.mjs'

const PAGES = ['main', 'bench']

/** Answers the folder. Packages are imported where they are used: `npm start` loads this file before it installs them. */
export async function demo(folder = inRoot('build/demo')) {
  const esbuild = await import('esbuild')
  rmSync(folder, { recursive: true, force: true })
  await esbuild.build({
    entryPoints: PAGES.map((page) => inRoot('build/www', `${page}.js`)),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    logLevel: 'warning',
  })
  for (const name of readdirSync(inRoot('www')).filter((file) => /\.(html|css)$/.test(file))) {
    copyFileSync(inRoot('www', name), path.join(folder, name))
  }
  cpSync(inRoot('www/data'), path.join(folder, 'data'), { recursive: true })
  copyFileSync(inRoot('dist/browser_worker.js'), path.join(folder, 'browser_worker.js'))
  mkdirSync(path.join(folder, 'wasm'))
  for (const name of readdirSync(inRoot('dist/wasm')).filter((file) => file.endsWith('.wasm'))) {
    copyFileSync(inRoot('dist/wasm', name), path.join(folder, 'wasm', name))
  }
  return folder
}

await main(import.meta, () => step('demo: build/demo', () => demo()))
