// Runs every check there is, in order, and stops at the first failure.
//   node scripts/test.mjs
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { build, buildTrapping, typescript } from './build.mjs'
import { elapsed, Failure, inRoot, main, run, runPackage, step } from './run.mjs'
import { setup } from './setup.mjs'
import { size } from './size.mjs'

const FIXTURES = inRoot('../shared/fixtures/run.mjs')
const CASES_RIGHT = 1157
const RANDOM_ARRAYS = 500
/** Of a file of tests, many times what the slowest needs: one that hangs is a failure with its name. */
const TEST_TIMEOUT_MS = 600_000

const RUST_RESULT = /^test result: ok\. (\d+) passed/gm
const NODE_RESULT = /^ℹ pass (\d+)$/gm

async function test() {
  const started = performance.now()
  const programs = await setup()
  const steps = stepsWith(programs)
  let passed = 0
  for (const [name, work] of steps) {
    try {
      await step(`[${passed + 1}/${steps.length}] ${name}`, work)
    } catch (error) {
      error.message = `${error.message}\n\n${passed} steps passed, 1 failed (${name}), ${steps.length - passed - 1} not run, ${elapsed(started)}`
      throw error
    }
    passed += 1
  }
  console.log(`\n${passed} steps passed, 0 failed, ${elapsed(started)}`)
}

function stepsWith({ browser, driver, python }) {
  const clippy = (...options) =>
    run('cargo', ['clippy', '--workspace', '--all-targets', ...options, '--', '-D', 'warnings'])
  const steps = [
    ['rustfmt', () => run('cargo', ['fmt', '--all', '--check'])],
    ['clippy, host', () => clippy()],
    ['clippy, wasm32', () => clippy('--target', 'wasm32-unknown-unknown')],
    ['tables of codecs', () => run('node', [inRoot('scripts/codecs_page.mjs'), '--check'])],
    ['biome', () => runPackage('@biomejs/biome/bin/biome', ['check', '--error-on-warnings'])],
    ['Rust tests, native', async () => counted(await run('cargo', ['test', '--workspace']), RUST_RESULT)],
    ['build', build],
    ['build with a codec that traps', buildTrapping],
    ['size of the download', () => size([])],
    ['tsc, library', () => typescript('.', '--noEmit')],
    ['tsc, command line', () => typescript('js/cli', '--noEmit')],
    ['API reference', () => runPackage('typedoc/bin/typedoc', ['--emit', 'none'])],
    ['tsc, demo page', () => typescript('www', '--noEmit')],
    ['npm start -- --once', () => run('npm', ['start', '--', '--once'])],
    ['wasm tests in Node', () => wasmPack('--node')],
    ['wasm tests in Chromium', () => wasmPack('--headless', '--chrome', '--chromedriver', driver)],
    ['tests in Node', () => nodeTests('tests/node')],
    ['random arrays of zarr-python', () => comparison(python)],
    ['tests in Chromium', () => nodeTests('tests/browser', { CHROMIUM: browser })],
    ['the package, installed', () => nodeTests('tests/package', { CHROMIUM: browser })],
  ]
  return existsSync(FIXTURES) ? [...steps, ['shared fixtures', fixtures]] : steps
}

async function wasmPack(...host) {
  const env = { WASM_BINDGEN_TEST_TIMEOUT: '120', WASM_BINDGEN_TEST_DRIVER_TIMEOUT: '30' }
  const args = ['test', ...host, '--mode', 'no-install', '--', ...wasmTestTargets()]
  counted(await run('wasm-pack', args, { env }), RUST_RESULT)
}

/** Cargo's options for the targets that hold wasm tests: without them it builds all the native tests for wasm, too. */
function wasmTestTargets() {
  const holding = (folder) =>
    readdirSync(inRoot(folder), { recursive: true })
      .filter((file) => file.endsWith('.rs'))
      .filter((file) => readFileSync(inRoot(folder, file), 'utf8').includes('wasm_bindgen_test'))
  const names = holding('tests').flatMap((file) => file.match(/^(\w+)(?:\.rs|[\\/]main\.rs)$/)?.[1] ?? [])
  const targets = [
    ...(holding('src').length > 0 ? ['--lib'] : []),
    ...names.flatMap((name) => ['--test', name]),
  ]
  if (targets.length === 0) throw new Failure('no Rust file holds a wasm_bindgen_test')
  return targets
}

async function nodeTests(folder, env) {
  const files = existsSync(inRoot(folder)) ? readdirSync(inRoot(folder), { recursive: true }) : []
  const tests = files.filter((file) => file.endsWith('.test.mjs')).map((file) => path.join(folder, file))
  if (tests.length === 0) throw new Failure(`${folder} holds no *.test.mjs`)
  const options = ['--test', '--test-reporter=spec', `--test-timeout=${TEST_TIMEOUT_MS}`]
  counted(await run('node', [...options, ...tests.sort()], { env }), NODE_RESULT)
}

async function comparison(python) {
  const arrays = inRoot('build/comparison')
  rmSync(arrays, { recursive: true, force: true })
  await run(python, [inRoot('tests/comparison/make.py'), '--out', arrays, '--arrays', `${RANDOM_ARRAYS}`])
  await run('node', [inRoot('tests/comparison/compare.mjs'), arrays])
}

/** A suite that ran nothing (all of it filtered out, or meant for another host) exits with 0, too. */
function counted(output, pattern) {
  const count = [...output.matchAll(pattern)].reduce((sum, [, passed]) => sum + Number(passed), 0)
  if (count === 0) throw new Failure('no test ran')
  console.log(`    ${count} tests passed`)
}

async function fixtures() {
  const report = inRoot('build/fixtures.json')
  await run('node', [
    FIXTURES,
    ...[
      '--library',
      'zarr-wasm',
      '--package',
      '.',
      '--store-kind',
      'directory,zip,reference',
      '--json',
      report,
    ],
  ])
  judge(JSON.parse(readFileSync(report, 'utf8')))
}

/** A run that judged too little exits with 0, too. */
function judge({ cases, checks: { 'all checks': all } }) {
  const judged = cases
    .filter(({ optional }) => !optional)
    .map(({ checks }) => checks.filter(({ outcome }) => outcome !== 'skipped'))
  const right = judged.filter(
    (checks) => checks.length > 0 && checks.every(({ outcome }) => outcome === 'right'),
  ).length
  const found = `shared fixtures: ${right} cases right, ${all.wrong + all.refused + all.crash} checks not right`
  if (all.wrong + all.refused + all.crash > 0 || right < CASES_RIGHT)
    throw new Failure(`${found}; expected ${CASES_RIGHT} or more, 0`)
  console.log(`    ${found}`)
}

await main(import.meta, test)
