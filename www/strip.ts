// The strip that says what reading costs: requests, bytes and time, of the last read and in total, as the library counts.
import { stats } from 'zarr-wasm'
import { byId } from './dom.js'
import { formatBytes, formatDuration } from './format.js'

const strip = byId('strip', HTMLElement)
const cell = (id: string) => byId(id, HTMLElement)
const last = { requests: cell('last-requests'), bytes: cell('last-bytes'), time: cell('last-time') }
const total = { requests: cell('total-requests'), bytes: cell('total-bytes'), time: cell('total-time') }
const inFlightCell = cell('in-flight')

const counted = (requests: number) => `${requests} ${requests === 1 ? 'request' : 'requests'}`

let reads = 0
let totalTime = 0
let frame = 0

/** Does some reading and shows what it took; a read that was aborted counts in the total only. */
export async function measured<T>(signal: AbortSignal, read: () => Promise<T>): Promise<T> {
  const before = stats()
  const started = performance.now()
  reads++
  follow()
  try {
    const result = await read()
    if (!signal.aborted) {
      const now = stats()
      last.requests.textContent = counted(now.requests - before.requests)
      last.bytes.textContent = formatBytes(now.bytes - before.bytes)
      last.time.textContent = formatDuration(performance.now() - started)
    }
    return result
  } finally {
    reads--
    totalTime += performance.now() - started
    follow()
  }
}

/** Shows the counters, frame by frame while something is read or still in flight. */
function follow(): void {
  const { requests, bytes, inFlight } = stats()
  total.requests.textContent = counted(requests)
  total.bytes.textContent = formatBytes(bytes)
  total.time.textContent = formatDuration(totalTime)
  inFlightCell.textContent = String(inFlight)
  strip.dataset.inFlight = String(inFlight)
  cancelAnimationFrame(frame)
  if (reads > 0 || inFlight > 0) frame = requestAnimationFrame(follow)
}
