#!/usr/bin/env node
// The command line: finds out what is asked for, does it, and says by its exit code what became of it.
import { ZarrError } from '../node.js'
import { bench } from './bench.js'
import { get } from './get.js'
import { helpOf, isCommand, OVERVIEW } from './help.js'
import { info } from './info.js'
import { type Command, type Given, parsed, UsageError } from './options.js'
import { plan } from './plan.js'

const COMMANDS: Record<Command, (given: Given, signal: AbortSignal) => Promise<void>> = {
  info,
  get,
  plan,
  bench,
}

/** What the exit code says: see OVERVIEW. */
const EXIT = { failed: 1, usage: 2, missing: 3, unsupported: 4, interrupted: 130 }

async function main([name, ...args]: string[], signal: AbortSignal): Promise<void> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(args[0] !== undefined && isCommand(args[0]) ? helpOf(args[0]) : OVERVIEW)
    if (name === undefined) process.exitCode = EXIT.usage
    return
  }
  if (name === '--version') return console.log(__VERSION__)
  if (!isCommand(name)) throw new UsageError(`there is no command ${name}: see zarr-wasm --help`)
  const given = parsed(name, args)
  if (given.help) return console.log(helpOf(name))
  await COMMANDS[name](given, signal)
}

function exitCode(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage
  if (!(error instanceof ZarrError)) return EXIT.failed
  const { code } = error
  if (code === 'invalid-selection' || code === 'invalid-argument') return EXIT.usage
  if (code === 'not-found') return EXIT.missing
  return code === 'unsupported' ? EXIT.unsupported : EXIT.failed
}

function report(error: unknown, isJson: boolean): void {
  const { name, message, ...place } = error as Error
  const code = error instanceof ZarrError ? error.code : error instanceof UsageError ? 'usage' : name
  if (isJson) console.error(JSON.stringify({ error: { ...place, code, message } }))
  else console.error(`zarr-wasm: ${message}${code === 'usage' ? '' : ` (${code})`}`)
}

const controller = new AbortController()
process.once('SIGINT', () => controller.abort(new Error('interrupted')))
// Who reads the output may have seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

const args = process.argv.slice(2)
try {
  await main(args, controller.signal)
} catch (error) {
  report(error, args.includes('--json'))
  process.exitCode = controller.signal.aborted ? EXIT.interrupted : exitCode(error)
}
