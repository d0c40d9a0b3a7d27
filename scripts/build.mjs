// Builds dist/ (the package) and build/www/ (the demo page's scripts).
//   node scripts/build.mjs
// 1. Rust → wasm → JavaScript glue → optimised wasm, in dist/wasm; skipped when none of its sources has changed.
// 2. js/ → dist/, with declarations; it imports the glue.
// 3. www/ → build/www/; it imports the package by its name, so the declarations in dist/.
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { inRoot, main, run, runPackage, step, toolsVersion } from './run.mjs'

const TARGET = 'wasm32-unknown-unknown'
const NAME = 'zarr_wasm'
const SOURCES = [
  'src',
  'Cargo.toml',
  'Cargo.lock',
  'rust-toolchain.toml',
  'scripts/build.mjs',
  'scripts/run.mjs',
]
const GLUE = [`${NAME}.js`, `${NAME}.d.ts`, `${NAME}_bg.wasm.d.ts`]

const glueFolder = inRoot('build/wasm')
const wasmFolder = inRoot('dist/wasm')
const stamp = inRoot('build/wasm.stamp')

export async function build() {
  const built = () => existsSync(stamp) && existsSync(path.join(wasmFolder, `${NAME}_bg.wasm`))
  if (!built() || readFileSync(stamp, 'utf8') !== sourceHash()) {
    await step('build: Rust to wasm', buildWasm)
  }
  await step('build: TypeScript', async () => {
    removeOldScripts()
    await typescript('.')
    await typescript('www')
  })
}

/** Compiles the TypeScript project in this folder, or only checks it. */
export const typescript = (folder, ...options) =>
  runPackage('typescript/bin/tsc', ['-p', inRoot(folder), ...options])

async function buildWasm() {
  // Taken before: a source that is edited meanwhile makes the next build start over.
  const hash = sourceHash()
  rmSync(stamp, { force: true })
  // `--crate-type`: with the manifest's two crate types cargo silently drops the LTO that the profile asks for.
  await run('cargo', [
    ...['rustc', '--release', '--lib', '--crate-type', 'cdylib', '--target', TARGET],
    '--no-default-features', // without the rare codecs
  ])
  const module = path.join(await targetFolder(), TARGET, 'release', `${NAME}.wasm`)
  await run('wasm-bindgen', [
    module,
    ...['--target', 'web', '--out-dir', glueFolder, '--out-name', NAME],
    // js/ says where the wasm is; a second place that names it would make bundlers copy it twice.
    '--omit-default-module-path',
    ...['--remove-name-section', '--remove-producers-section'],
  ])
  mkdirSync(wasmFolder, { recursive: true })
  const [from, to] = [glueFolder, wasmFolder].map((folder) => path.join(folder, `${NAME}_bg.wasm`))
  await runPackage('binaryen/bin/wasm-opt', ['-O3', from, '-o', to])
  for (const file of GLUE) copyFileSync(path.join(glueFolder, file), path.join(wasmFolder, file))
  writeFileSync(stamp, hash)
  console.log(`    ${NAME}_bg.wasm: ${statSync(to).size} bytes`)
}

async function targetFolder() {
  const metadata = await run('cargo', ['metadata', '--format-version', '1', '--no-deps'], { quiet: true })
  return JSON.parse(metadata).target_directory
}

function sourceHash() {
  const hash = createHash('sha256').update(toolsVersion)
  for (const file of SOURCES.flatMap(filesBelow))
    hash.update(`\0${file}\0`).update(readFileSync(inRoot(file)))
  return hash.digest('hex')
}

function filesBelow(name) {
  if (!existsSync(inRoot(name))) return []
  if (!statSync(inRoot(name)).isDirectory()) return [name]
  return readdirSync(inRoot(name))
    .sort()
    .flatMap((entry) => filesBelow(path.join(name, entry)))
}

/** tsc leaves behind what it made of a source that is gone, and all of dist/ is published. */
function removeOldScripts() {
  rmSync(inRoot('build/www'), { recursive: true, force: true })
  for (const entry of readdirSync(inRoot('dist'))) {
    if (entry !== 'wasm') rmSync(inRoot('dist', entry), { recursive: true, force: true })
  }
}

await main(import.meta, build)
