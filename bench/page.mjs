// One run in a page, bundled with the adapter that takes the place of `adapter`: browser.mjs calls `measure`.
import * as adapter from 'adapter'
import { bytesInOrder } from './layout.mjs'

const TURN_MS = 4

/** Answers what client.mjs does, with { gap, longestTask } of the first read in place of { blocked } and { peakBytes }. */
globalThis.measure = async (url, selection) => {
  const tasks = []
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries()))
  observer.observe({ type: 'longtask' })
  await pause(300) // until the page has loaded
  const gaps = watchGaps()
  const first = await timed(() => adapter.read(url, selection))
  const gap = gaps.longest()
  await pause(200) // until the observer has heard of the end
  observer.disconnect()
  const during = tasks.filter(({ startTime }) => startTime >= first.started && startTime <= first.ended)
  const longestTask = Math.max(0, ...during.map(({ duration }) => duration))
  const checksums = await checksumOf(first.result)
  first.result = undefined
  const second = await timed(() => adapter.read(url, selection))
  checksums.push(...(await checksumOf(second.result)))
  return {
    first: first.ended - first.started,
    second: second.ended - second.started,
    gap,
    longestTask,
    checksums,
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function timed(read) {
  const started = performance.now()
  const result = await read()
  return { started, ended: performance.now(), result }
}

/** The longest time between two turns of the event loop, from now on. */
function watchGaps() {
  let last = performance.now()
  let longest = 0
  const turn = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  const timer = setInterval(turn, TURN_MS)
  return {
    longest() {
      turn()
      clearInterval(timer)
      return longest
    },
  }
}

async function checksumOf(result) {
  if (adapter.decodes === false) return []
  const digest = await crypto.subtle.digest('SHA-256', bytesInOrder(result))
  return [Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')]
}
