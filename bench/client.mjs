// One run: an array is read by one library, twice, in a process of its own.
//   node client.mjs ADAPTER URL SELECTION
// Its parent gets { first, second } in milliseconds, opening included, { blocked }: the longest time that the event loop
// had no turn during the first, { peakBytes }: of resident memory after it, and { checksums } of both results; or { error }.
import { createHash } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { bytesInOrder } from './layout.mjs'

const RESOLUTION_MS = 5

const [adapter, url, selection] = process.argv.slice(2)

let outcome
try {
  const { read, decodes = true } = await import(`./adapters/${adapter}.mjs`)
  outcome = await measured(() => read(url, JSON.parse(selection)), decodes)
} catch (error) {
  outcome = { error: [error, error.cause].filter(Boolean).map(String).join(': ') }
}
process.send(outcome, () => process.exit())

async function measured(read, decodes) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  await pause(50) // until what loading the modules began has ended
  delay.enable()
  const first = await timed(read)
  await pause(2 * RESOLUTION_MS) // until the monitor has seen the end
  delay.disable()
  const peakBytes = process.resourceUsage().maxRSS * 1024
  const checksums = decodes ? [checksum(first.result)] : []
  first.result = undefined
  const second = await timed(read)
  if (decodes) checksums.push(checksum(second.result))
  const blocked = Math.max(0, delay.max / 1e6 - RESOLUTION_MS)
  return { first: first.ms, second: second.ms, blocked, peakBytes, checksums }
}

async function timed(read) {
  const started = performance.now()
  const result = await read()
  return { result, ms: performance.now() - started }
}

function checksum(result) {
  return createHash('sha256').update(bytesInOrder(result)).digest('hex')
}
