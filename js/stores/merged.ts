// Parts of one object that lie side by side, requested together.
import type { Part, Source } from './source.js'

/** Bytes between two parts that are requested along with them, as in src/read/ranges.rs. */
const MAX_GAP = 32 << 10

/** Parts that have more bytes together come sooner side by side. */
const MAX_MERGED = 8 << 20

interface Wanted {
  start: number
  stop: number
  signal: AbortSignal | undefined
  resolve(part: Part | undefined): void
  reject(error: unknown): void
}

/**
 * Reads of the source that begin in the same turn are merged where they are neighbours. Of a source that answers parts
 * with all it has, that is kept: it would come again for each of them.
 */
export function merged(source: Source): Source {
  let waiting: Wanted[] = []
  let whole: Uint8Array<ArrayBuffer> | undefined

  const read = async (start: number, stop: number, signal: AbortSignal | undefined) => {
    const part = await source.read(start, stop, signal)
    if (!part) return undefined
    const [bytes, length] = part
    if (bytes.length > (start < 0 ? -start : stop - start)) whole = bytes
    return whole ? cut(whole, start, stop) : ([bytes, length] satisfies Part)
  }

  const flush = () => {
    const groups = grouped(waiting)
    waiting = []
    for (const group of groups) {
      const [{ start, signal }] = group
      const stop = Math.max(...group.map((wanted) => wanted.stop))
      const reading = read(start, stop, group.length === 1 ? signal : allAborted(group))
      for (const wanted of group) {
        const own = (part: Part | undefined): Part | undefined =>
          part && [part[0].subarray(wanted.start - start, wanted.stop - start), part[1]]
        reading.then((part) => wanted.resolve(own(part)), wanted.reject)
      }
    }
  }

  return {
    name: source.name,
    read(start, stop, signal) {
      if (whole) return Promise.resolve(cut(whole, start, stop))
      if (start < 0 || stop === Number.POSITIVE_INFINITY) return read(start, stop, signal)
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) queueMicrotask(flush)
        waiting.push({ start, stop, signal, resolve, reject })
      })
    },
  }
}

const cut = (whole: Uint8Array<ArrayBuffer>, start: number, stop: number): Part => [
  whole.subarray(start, stop === Number.POSITIVE_INFINITY ? whole.length : stop),
  whole.length,
]

/** Neighbours, in the order of their places. */
function grouped(parts: Wanted[]): Wanted[][] {
  const groups: Wanted[][] = []
  let end = 0
  for (const wanted of parts.sort((a, b) => a.start - b.start)) {
    const last = groups.at(-1)
    const isNear = last && wanted.start <= end + MAX_GAP
    if (isNear && Math.max(end, wanted.stop) - last[0].start <= MAX_MERGED) last.push(wanted)
    else groups.push([wanted])
    end = isNear ? Math.max(end, wanted.stop) : wanted.stop
  }
  return groups
}

/** Aborted once nobody wants any of them. */
function allAborted(group: readonly Wanted[]): AbortSignal | undefined {
  const signals = group.flatMap(({ signal }) => signal ?? [])
  if (signals.length < group.length) return undefined
  const controller = new AbortController()
  let wanting = signals.length
  const leave = () => {
    wanting -= 1
    if (wanting === 0) controller.abort()
  }
  for (const signal of signals) {
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
  }
  return controller.signal
}
