// What the scripts share: where things are, how a command is run, how a step is announced and timed.
import { spawn } from 'node:child_process'
import { accessSync, constants, readFileSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const HEARTBEAT_MS = 15_000
const windows = process.platform === 'win32'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const inRoot = (...parts) => path.join(root, ...parts)

export const toolsVersion = readFileSync(inRoot('scripts/tools/Cargo.toml'), 'utf8').match(
  /^version = "(.+)"/m,
)[1]

/** Outside the clone, so that `git clean` or a second clone doesn't cost another build. */
export const tools = path.resolve(
  process.env.ZARR_WASM_TOOLS ?? path.join(homedir(), '.cache', 'zarr-wasm', `tools-${toolsVersion}`),
)

const cargoHome = process.env.CARGO_HOME ?? path.join(homedir(), '.cargo')

/** Every command gets this environment: one set of flags for all of them, so that they share cargo's cache. */
const environment = {
  ...process.env,
  PATH: [path.join(tools, 'bin'), process.env.PATH, path.join(cargoHome, 'bin')].join(path.delimiter),
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: [
    '-C target-feature=+simd128',
    // Messages of panics name source files: not by where they lie on the machine that built the package.
    ...(cargoHome.includes(' ') ? [] : [`--remap-path-prefix=${cargoHome}=cargo`]),
  ].join(' '),
}

/** A failure whose message is all that the user needs: no stack trace. */
export class Failure extends Error {}

/** The full path of the first of these programs that is on PATH, or undefined. */
export function onPath(...names) {
  const folders = environment.PATH.split(path.delimiter)
  const files = names.flatMap((name) =>
    folders.map((folder) => path.join(folder, windows ? `${name}.exe` : name)),
  )
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/**
 * Runs a command and resolves with its standard output; rejects with a `Failure` unless it exits with 0 (or a code in `allow`).
 * `quiet` holds the output back, shows the last line of it now and then, and puts all of it into the failure. `both`:
 * resolves with standard error, too.
 */
export function run(program, args, { env = {}, cwd = root, quiet = false, allow = [], both = false } = {}) {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const shell = windows && program === 'npm' // npm is a script there
    const child = spawn(program, args, {
      cwd,
      shell,
      env: { ...environment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      output += text
      if (!quiet) process.stdout.write(text)
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text
      if (!quiet) process.stderr.write(text)
    })
    const heartbeat = setInterval(() => {
      if (quiet) console.log(`    ${elapsed(started)}: ${lastLine(output)}`)
    }, HEARTBEAT_MS)
    const fail = (why) => {
      reject(new Failure(`${quiet ? output : ''}${path.basename(program)} ${args.join(' ')}: ${why}`))
    }
    child.on('error', (error) => {
      clearInterval(heartbeat)
      fail(error.message)
    })
    child.on('close', (code, signal) => {
      clearInterval(heartbeat)
      if (code === 0 || allow.includes(code)) resolve(both ? output : stdout)
      else fail(signal ? `ended by ${signal}` : `exit code ${code}`)
    })
  })
}

/** Runs the command-line program of an npm package, which is JavaScript. */
export const runPackage = (file, args, options) =>
  run(process.execPath, [inRoot('node_modules', file), ...args], options)

/** Announces a piece of work, does it and says how long it took. */
export async function step(name, work) {
  console.log(`\n==> ${name}`)
  const started = performance.now()
  const result = await work()
  console.log(`    ${name}: ${elapsed(started)}`)
  return result
}

export const elapsed = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/** Runs `work` when the module is the program itself; a failure is one line and exit code 1. */
export async function main(module, work) {
  if (!process.argv[1] || realpathSync(process.argv[1]) !== fileURLToPath(module.url)) return
  try {
    await work()
  } catch (error) {
    console.error(`\n${error instanceof Failure ? error.message : error.stack}`)
    process.exitCode = 1
  }
}

const lastLine = (text) => text.trimEnd().split('\n').at(-1).trim()
