// What may be given on the command line, and what it says.
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { configure, type OpenOptions, open, type StoreKind, type ZarrArray, ZarrGroup } from '../node.js'
import { isCommand } from './help.js'

export type Command = 'info' | 'get' | 'plan' | 'bench'

/** The command line is not what the command takes. */
export class UsageError extends Error {}

/** A command line, taken apart. */
export interface Given {
  location: string
  selection: string | undefined
  json: boolean
  help: boolean
  quiet: boolean
  options: OpenOptions
  /** Those of single commands. */
  out: string | undefined
  format: string | undefined
  as: string | undefined
  depth: number
  repeat: number
}

const EVERYWHERE = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  header: { type: 'string', short: 'H', multiple: true },
  missing: { type: 'string', multiple: true },
  endpoint: { type: 'string' },
  store: { type: 'string' },
  path: { type: 'string', short: 'p' },
  concurrency: { type: 'string' },
} as const

const OF_COMMANDS = {
  info: { depth: { type: 'string' } },
  get: {
    out: { type: 'string', short: 'o' },
    format: { type: 'string', short: 'f' },
    as: { type: 'string' },
  },
  plan: {},
  bench: { repeat: { type: 'string' } },
} as const satisfies Record<Command, ParseArgsConfig['options']>

type Values = Record<string, string | boolean | string[] | undefined>

export function parsed(command: Command, args: string[]): Given {
  const { values, positionals } = taken(args, { ...EVERYWHERE, ...OF_COMMANDS[command] })
  const [location, selection, ...rest] = positionals
  const tooMany = command === 'info' ? selection : rest[0]
  if (tooMany !== undefined) {
    const most = command === 'info' ? 'one argument' : 'two arguments'
    throw new UsageError(`${command} takes ${most}, and there is ${tooMany}, too`)
  }
  if (location === undefined && values.help !== true) {
    throw new UsageError(`${command} needs a URL or path: see zarr-wasm ${command} --help`)
  }
  const concurrency = numberOf(values, 'concurrency')
  if (concurrency !== undefined) configure({ concurrency })
  return {
    location: location ?? '',
    selection,
    json: values.json === true,
    help: values.help === true,
    quiet: values.quiet === true,
    options: openOptions(values),
    out: values.out as string | undefined,
    format: values.format as string | undefined,
    as: values.as as string | undefined,
    depth: numberOf(values, 'depth') ?? Number.POSITIVE_INFINITY,
    repeat: numberOf(values, 'repeat') ?? 3,
  }
}

/** Arguments that begin with a minus and are none of the options may be selections: `-1`, `-5:`. */
function taken(args: string[], options: NonNullable<ParseArgsConfig['options']>) {
  const isNegative = (arg: string) => /^-[\d:]/.test(arg)
  try {
    const { values } = parseArgs({
      args: args.filter((arg) => !isNegative(arg)),
      options,
      allowPositionals: true,
    })
    const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true })
    const positionals = new Set(tokens.filter(({ kind }) => kind === 'positional').map(({ index }) => index))
    return {
      values: values as Values,
      positionals: args.filter((arg, at) => positionals.has(at) || isNegative(arg)),
    }
  } catch (error) {
    // What follows is advice for programmers.
    throw new UsageError((error as Error).message.split('. ')[0])
  }
}

function openOptions(values: Values): OpenOptions {
  const {
    header = [],
    missing = [],
    endpoint,
    store,
    path,
  } = values as {
    header?: string[]
    missing?: string[]
    endpoint?: string
    store?: StoreKind
    path?: string
  }
  return {
    ...(header.length > 0 && { headers: header.map(headerOf) }),
    ...(missing.length > 0 && { missing: [404, ...missing.map(Number)] }),
    ...(endpoint !== undefined && { endpoint }),
    ...(store !== undefined && { store }),
    ...(path !== undefined && { path }),
  }
}

function headerOf(text: string): [string, string] {
  const colon = text.indexOf(':')
  if (colon < 1) throw new UsageError(`--header is ${JSON.stringify(text)}, expected "name: value"`)
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()]
}

function numberOf(values: Values, name: string): number | undefined {
  const text = values[name]
  if (text === undefined) return undefined
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1) return number
  throw new UsageError(`--${name} is ${text}, expected an integer of 1 or more`)
}

/** What is at the location that was given. */
export const opened = ({ location, options }: Given, signal: AbortSignal) =>
  open(location, { ...options, signal })

/** The array at the location; where a group is there, the error names the arrays in it. */
export async function openedArray(given: Given, signal: AbortSignal): Promise<ZarrArray> {
  const node = await opened(given, signal)
  if (!(node instanceof ZarrGroup)) return node
  const names = await node.children().then(
    (children) => children.filter(({ kind }) => kind === 'array').map(({ path }) => path),
    () => [],
  )
  const which = names.length > 0 ? `: add one of ${names.join(', ')} to it` : ''
  throw new UsageError(`${given.location} is a group, expected an array${which}`)
}

export { isCommand }
