// Builds dist/ (the package) and build/www/ (the demo page's scripts).
//   node scripts/build.mjs
// 1. Rust → wasm → JavaScript glue → bare traps → optimised wasm, in dist/wasm, and once more for the rare codecs, which
//    have no glue; skipped when none of their sources has changed.
// 2. js/ and the glue → the entries of package.json, with declarations. What entries share is one file, so that a program
//    that meets two of them has one library; what `import()` loads is a file of its own.
// 3. www/ → build/www/; it imports the package by its name, so the declarations in dist/.
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { embedScript, embedWasm } from './embed.mjs'
import { withShortImports } from './imports.mjs'
import { inRoot, main, run, runPackage, step, toolsVersion } from './run.mjs'

const TARGET = 'wasm32-unknown-unknown'
const NAME = 'zarr_wasm'
const RARE_NAME = 'zarr_wasm_rare'
const SOURCES = [
  'src',
  'kernels',
  'Cargo.toml',
  'Cargo.lock',
  'rust-toolchain.toml',
  'scripts/build.mjs',
  'scripts/imports.mjs',
  'scripts/run.mjs',
  'scripts/traps.mjs',
]

const GLUE_TYPES = [`${NAME}.d.ts`, `${NAME}_bg.wasm.d.ts`]

const ENTRIES = ['browser', 'node', 'inline', 'inline_node', 'slim', 'slim_node', 'testing']

/** Scripts of workers, found by their names: each is one file. */
const WORKERS = ['browser_worker', 'node_worker']

const wasmFolder = inRoot('dist/wasm')
const glueFolder = inRoot('build/wasm')

/** Packages are imported where they are used: `npm start` loads this file before it installs them. */
export async function build() {
  await unlessBuilt('wasm', path.join(wasmFolder, `${NAME}_bg.wasm`), 'build: Rust to wasm', buildEngine)
  await unlessBuilt(
    'rare',
    path.join(wasmFolder, `${RARE_NAME}.wasm`),
    'build: rare codecs to wasm',
    buildRare,
  )
  await step('build: TypeScript', async () => {
    removeOldScripts()
    await typescript('.', '--emitDeclarationOnly')
    await entries(inRoot('dist'), glueFolder)
    await typescript('www')
  })
}

/** A copy of the package in build/trap/ that also has the codec that traps: answers its folder. */
export async function buildTrapping() {
  const folder = inRoot('build/trap')
  const wasm = path.join(folder, 'wasm')
  rmSync(folder, { recursive: true, force: true })
  cpSync(inRoot('dist'), folder, { recursive: true })
  const glue = inRoot('build/trap-wasm')
  const module = path.join(glue, `${NAME}_bg.wasm`)
  await unlessBuilt('trap', module, 'build: Rust to wasm, with a codec that traps', async () => {
    // Not optimised: it takes a fraction of the time.
    await bindgen(await compile('engine,trap', 'dev'), glue)
  })
  copyFileSync(module, path.join(wasm, `${NAME}_bg.wasm`))
  await entries(folder, glue)
  return folder
}

/** Compiles the TypeScript project in this folder, or only checks it. */
export const typescript = (folder, ...options) =>
  runPackage('typescript/bin/tsc', ['-p', inRoot(folder), ...options])

/** Bundles the entries for downloading, with the glue of this folder: nothing in them but code, and beside them maps. */
async function entries(folder, glue) {
  const wasm = path.join(folder, 'wasm')
  embedWasm(wasm)
  const esbuild = await import('esbuild')
  const options = {
    outdir: folder,
    bundle: true,
    external: ['undici', 'hyparquet', 'hyparquet-compressors', 'node:*', './wasm/*_text.js'],
    plugins: [glueFrom(glue)],
    format: 'esm',
    target: 'es2022',
    minify: true,
    // Node shows the line of an error that nobody catches.
    lineLimit: 2000,
    legalComments: 'none',
    sourcemap: 'linked',
    logLevel: 'warning',
  }
  const paths = (names, folder) => names.map((name) => inRoot(folder, `${name}.ts`))
  await esbuild.build({ ...options, entryPoints: paths(ENTRIES, 'js'), splitting: true })
  await esbuild.build({ ...options, entryPoints: paths(WORKERS, 'js/workers') })
  for (const name of WORKERS) embedScript(path.join(folder, `${name}.js`), wasm)
  // Only the text of it is in the package.
  for (const ending of ['js', 'js.map']) rmSync(path.join(folder, `node_worker.${ending}`))
  await esbuild.build({
    ...options,
    entryPoints: [{ in: inRoot('js/cli/main.ts'), out: 'cli' }],
    plugins: [besides],
    define: { __VERSION__: JSON.stringify(JSON.parse(readFileSync(inRoot('package.json'), 'utf8')).version) },
  })
}

/** The program of the command line uses the library that lies beside it. */
const besides = {
  name: 'besides',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^(\.\.\/)+node\.js$/ }, () => ({ path: './node.js', external: true })),
}

const glueFrom = (folder) => ({
  name: 'glue',
  setup: ({ onResolve }) =>
    onResolve({ filter: new RegExp(`^\\./wasm/${NAME}\\.js$`) }, () => ({
      path: path.join(folder, `${NAME}.js`),
    })),
})

/** Does the work unless it was done and no source has changed since. */
async function unlessBuilt(name, product, title, work) {
  const stamp = inRoot('build', `${name}.stamp`)
  // Taken before: a source that is edited meanwhile makes the next build start over.
  const hash = sourceHash()
  if (existsSync(product) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  rmSync(stamp, { force: true })
  await step(title, work)
  writeFileSync(stamp, hash)
}

async function buildEngine() {
  await bindgen(await compile('engine', 'release'), glueFolder)
  await optimise(path.join(glueFolder, `${NAME}_bg.wasm`), `${NAME}_bg.wasm`)
  const [wasmFile, glueFile] = [path.join(wasmFolder, `${NAME}_bg.wasm`), path.join(glueFolder, `${NAME}.js`)]
  const { module, glue } = withShortImports(readFileSync(wasmFile), readFileSync(glueFile, 'utf8'))
  writeFileSync(wasmFile, module)
  writeFileSync(glueFile, glue)
  for (const file of GLUE_TYPES) copyFileSync(path.join(glueFolder, file), path.join(wasmFolder, file))
}

const buildRare = async () => optimise(await compile('rare', 'release'), `${RARE_NAME}.wasm`)

/** Answers the compiled module. Every build of the crate writes the same file. */
async function compile(features, profile) {
  await run('cargo', [
    // `--crate-type`: with the manifest's two crate types cargo silently drops the LTO that the profile asks for.
    ...['rustc', '--profile', profile, '--lib', '--crate-type', 'cdylib', '--target', TARGET],
    ...['--no-default-features', '--features', features],
  ])
  return path.join(await targetFolder(), TARGET, profile === 'dev' ? 'debug' : profile, `${NAME}.wasm`)
}

async function bindgen(module, folder) {
  await run('wasm-bindgen', [
    module,
    ...['--target', 'web', '--out-dir', folder, '--out-name', NAME],
    // js/ says where the wasm is; a second place that names it would make bundlers copy it twice.
    '--omit-default-module-path',
    '--remove-producers-section',
  ])
}

async function optimise(module, name) {
  const { withBareTraps } = await import('./traps.mjs')
  const trapping = inRoot('build', name)
  writeFileSync(trapping, withBareTraps(readFileSync(module)))
  mkdirSync(wasmFolder, { recursive: true })
  const optimised = path.join(wasmFolder, name)
  const strip = ['--strip-debug', '--strip-producers']
  // What is called from one place is otherwise inlined whatever its size: in functions as large as that, an engine keeps
  // the variables of inner loops in memory. What is called from several is inlined if it is small, of which wasm-opt has a
  // larger idea than what pays in a download.
  const inlining = ['--one-caller-inline-max-function-size=500', '--flexible-inline-max-function-size=8']
  // The stack lies lowest, and is never used up to its last kilobyte: what is added to an address may be part of a load.
  const passes = [
    '--low-memory-unused',
    '--generate-global-effects',
    '-O3',
    '--converge',
    ...inlining,
    ...strip,
  ]
  await runPackage('binaryen/bin/wasm-opt', [...passes, trapping, '-o', optimised])
  console.log(`    ${name}: ${statSync(optimised).size} bytes`)
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
