// Installs what building and testing need; whatever is there already is left alone.
//   node scripts/setup.mjs [--build-only]
// Node built-ins only: this runs before `npm ci`.
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { installPeers } from '../bench/peers.mjs'
import { Failure, inRoot, main, onPath, run, step, tools } from './run.mjs'

const WASM_PACK = '0.15.1'
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'chrome']

/** What Python is needed for: zarr-python to compare with, and a server of S3. */
const REQUIREMENTS = ['tests/comparison/requirements.txt', 'tests/servers/requirements.txt'].map((file) =>
  inRoot(file),
)

/** What the package is tried with. */
const CONSUMERS = inRoot('tests/package/consumers')

/**
 * `tests`: also wasm-pack, nginx, a Python with zarr-python and moto, bundlers and other browsers, which only the tests
 * use. `browser`: also Chromium with its driver. Resolves with the paths of these programs.
 */
export async function setup({ tests = true, browser = tests } = {}) {
  requireNode()
  requireCargo()
  await rustComponents()
  await npmPackages()
  await cargoTool('wasm-bindgen', ['--path', inRoot('scripts/tools')])
  if (tests) await cargoTool('wasm-pack', ['wasm-pack', '--version', `=${WASM_PACK}`])
  if (tests) await consumers()
  if (tests) await installPeers()
  return {
    ...(browser ? await chromium() : {}),
    ...(tests ? { nginx: await nginx(), python: await python(), ...(await otherBrowsers()) } : {}),
  }
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Failure(
      `Node 20.19 or later is needed, this is ${process.versions.node}: see https://nodejs.org`,
    )
  }
}

function requireCargo() {
  if (!onPath('cargo'))
    throw new Failure('Rust is needed, and cargo is not on PATH: install rustup from https://rustup.rs')
}

async function rustComponents() {
  const missing = []
  const libraries = await run('rustc', ['--print', 'target-libdir', '--target', 'wasm32-unknown-unknown'], {
    quiet: true,
  })
  if (!existsSync(libraries.trim())) missing.push(['target', 'wasm32-unknown-unknown'])
  if (!(await works('cargo', 'fmt', '--version'))) missing.push(['component', 'rustfmt'])
  if (!(await works('cargo', 'clippy', '--version'))) missing.push(['component', 'clippy'])
  for (const [kind, name] of missing) {
    if (!onPath('rustup')) {
      throw new Failure(
        `Rust's ${kind} ${name} is missing: install it with your system's packages, or use https://rustup.rs`,
      )
    }
    await step(`set-up: rustup ${kind} add ${name}`, () =>
      run('rustup', [kind, 'add', name], { quiet: true }),
    )
  }
}

const works = (program, ...args) =>
  run(program, args, { quiet: true }).then(
    () => true,
    () => false,
  )

async function npmPackages() {
  const installed = inRoot('node_modules/.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(inRoot('package-lock.json')).mtimeMs)
    return
  await step('set-up: npm ci', () => run('npm', ['ci', '--no-audit', '--no-fund'], { quiet: true }))
}

/** Builds a program into the tools folder, with its dependencies as its lockfile pins them. */
async function cargoTool(program, source) {
  const bin = path.join(tools, 'bin', process.platform === 'win32' ? `${program}.exe` : program)
  if (existsSync(bin)) return
  const target = path.join(tools, 'target')
  const args = ['install', '--locked', '--root', tools, '--target-dir', target, ...source]
  // Their speed hardly matters, the time to build them does.
  const env = {
    CARGO_PROFILE_RELEASE_OPT_LEVEL: '1',
    CARGO_PROFILE_RELEASE_LTO: 'off',
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16',
  }
  await step(`set-up: building ${program} (once, some minutes)`, () =>
    run('cargo', args, { env, quiet: true }),
  )
  rmSync(target, { recursive: true, force: true })
}

async function chromium() {
  const find = () => ({
    browser: process.env.CHROMIUM ?? onPath(...BROWSERS),
    driver: process.env.CHROMEDRIVER ?? onPath('chromedriver'),
  })
  let found = find()
  if (found.browser && found.driver) return found
  if (onPath('apt-get') && process.getuid?.() === 0) {
    await step('set-up: apt-get install chromium chromium-driver', () => apt('chromium', 'chromium-driver'))
    found = find()
    if (found.browser && found.driver) return found
  }
  const missing = [
    found.browser ? [] : 'Chromium (CHROMIUM)',
    found.driver ? [] : 'chromedriver (CHROMEDRIVER)',
  ].flat()
  throw new Failure(
    `The browser tests need ${missing.join(' and ')}, of the same version, on PATH or named by these variables.\n` +
      'Debian, as root: apt-get install chromium chromium-driver. Elsewhere: https://googlechromelabs.github.io/chrome-for-testing/',
  )
}

/** The path of nginx, or undefined. Debian's is where the PATH of users may not look. */
export const nginxProgram = () =>
  process.env.NGINX ?? onPath('nginx') ?? ['/usr/sbin/nginx'].find((file) => existsSync(file))

async function nginx() {
  const found = nginxProgram()
  if (found) return found
  if (onPath('apt-get') && process.getuid?.() === 0) {
    await step('set-up: apt-get install nginx-light', () => apt('nginx-light'))
    const installed = nginxProgram()
    if (installed) return installed
  }
  throw new Failure(
    'The tests need nginx on PATH, or named by the variable NGINX; the tests start it themselves.\n' +
      'Debian, as root: apt-get install nginx-light. Elsewhere: https://nginx.org/en/download.html',
  )
}

/** The path of Firefox, or undefined. */
export const firefoxProgram = () => process.env.FIREFOX ?? onPath('firefox-esr', 'firefox')

/** The driver of WebKit and the browser that it drives, both of WebKitGTK, or undefined. */
export function webkitPrograms() {
  const driver = onPath('WebKitWebDriver')
  const libraries = [
    '/usr/lib',
    '/usr/libexec',
    ...['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu`),
  ]
  const browser = libraries
    .flatMap((folder) =>
      ['webkit2gtk-4.1', 'webkit2gtk-4.0', 'webkitgtk-6.0'].map((name) => `${folder}/${name}/MiniBrowser`),
    )
    .find((file) => existsSync(file))
  const display = onPath('Xvfb')
  return driver && browser && display ? { driver, browser, display } : undefined
}

/** Firefox, and WebKit where there is a build of it that a program can drive: only on Linux. */
async function otherBrowsers() {
  const hasAll = () => firefoxProgram() && (process.platform !== 'linux' || webkitPrograms())
  if (!hasAll() && onPath('apt-get') && process.getuid?.() === 0) {
    const packages = ['firefox-esr', 'webkit2gtk-driver', 'xvfb']
    await step(`set-up: apt-get install ${packages.join(' ')}`, () => apt(...packages))
  }
  if (hasAll()) return { firefox: firefoxProgram() }
  throw new Failure(
    'The tests need Firefox on PATH, or named by the variable FIREFOX, and on Linux WebKitWebDriver with its MiniBrowser, ' +
      'and Xvfb.\nDebian, as root: apt-get install firefox-esr webkit2gtk-driver xvfb.',
  )
}

/** The node_modules of the tests in tests/package, in the tools folder. */
export function consumerModules() {
  const hash = createHash('sha256').update(readFileSync(path.join(CONSUMERS, 'package-lock.json')))
  return path.join(tools, `consumers-${hash.digest('hex').slice(0, 12)}`, 'node_modules')
}

/** Bundlers and runtimes, as their lockfile pins them. They need no install scripts. */
async function consumers() {
  const modules = consumerModules()
  if (existsSync(path.join(modules, '.package-lock.json'))) return
  const folder = path.dirname(modules)
  mkdirSync(folder, { recursive: true })
  for (const file of ['package.json', 'package-lock.json'])
    copyFileSync(path.join(CONSUMERS, file), path.join(folder, file))
  // Not `npm ci`: it wants the packages of all platforms in the lockfile, of which some registries have only a few.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts']
  await step('set-up: npm install of bundlers and runtimes', () =>
    run('npm', args, { cwd: folder, quiet: true }),
  )
}

/** The Python of the tests, in the tools folder; of that name and there only after `setup`. */
export function testPython() {
  const hash = createHash('sha256')
  for (const file of REQUIREMENTS) hash.update(readFileSync(file))
  const folder = path.join(tools, `python-${hash.digest('hex').slice(0, 12)}`)
  return path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
}

/** A virtual environment with what the tests need. */
async function python() {
  const program = testPython()
  if (await works(program, '-c', 'import flask_cors, moto.s3, zarr')) return program
  let host = await newestPython()
  if (!host && onPath('apt-get') && process.getuid?.() === 0) {
    await step('set-up: apt-get install python3 python3-venv', () => apt('python3', 'python3-venv'))
    host = await newestPython()
  }
  if (!host)
    throw new Failure('The tests need Python 3.11 or later with venv: install it from https://python.org')
  await step(`set-up: zarr-python and moto for ${host}`, async () => {
    await run(host, ['-m', 'venv', '--clear', path.resolve(program, '../..')], { quiet: true })
    const packages = REQUIREMENTS.flatMap((file) => ['-r', file])
    await run(program, ['-m', 'pip', 'install', '--disable-pip-version-check', ...packages], { quiet: true })
  })
  return program
}

/** The newest Python that can make virtual environments; those of pyenv need not be on PATH. */
async function newestPython() {
  const ofPyenv = path.join(process.env.PYENV_ROOT ?? path.join(homedir(), '.pyenv'), 'versions')
  const minor = (name) => Number(name.match(/^3\.(\d+)/)?.[1] ?? 0)
  const versions = existsSync(ofPyenv) ? readdirSync(ofPyenv) : []
  const newest = versions
    .sort((a, b) => minor(b) - minor(a))
    .map((name) => path.join(ofPyenv, name, 'bin', 'python3'))
  const named = ['python3.14', 'python3.13', 'python3.12']
  for (const program of [...named, ...newest, 'python3.11', 'python3', 'python']) {
    if (await works(program, '-c', 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'))
      return program
  }
  return undefined
}

async function apt(...packages) {
  const get = (...args) => run('apt-get', args, { env: { DEBIAN_FRONTEND: 'noninteractive' }, quiet: true })
  await get('update')
  await get('install', '-y', '--no-install-recommends', ...packages)
}

await main(import.meta, async () => {
  await setup({ tests: !process.argv.includes('--build-only') })
  console.log('everything is there')
})
