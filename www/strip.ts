// The strip that shows the queue at work: how many requests are in flight, how many tiles wait, and what reading costs, of
// the last slice and in total, as the library counts.
import { stats } from 'zarr-wasm'
import { byId } from './dom.js'
import { formatBytes, formatDuration } from './format.js'

interface Counts {
  visible: number
  ahead: number
  aborted: number
}

const MILLISECONDS_PER_BAR = 60
const BAR_WIDTH = 3

const strip = byId('strip', HTMLElement)
const chart = byId('queue', HTMLCanvasElement)
const cell = (id: string) => byId(id, HTMLElement)
const last = { requests: cell('last-requests'), bytes: cell('last-bytes'), time: cell('last-time') }
const total = { requests: cell('total-requests'), bytes: cell('total-bytes'), retries: cell('total-retries') }
const queue = {
  inFlight: cell('in-flight'),
  limit: cell('limit'),
  visible: cell('waiting-visible'),
  ahead: cell('waiting-ahead'),
  aborted: cell('aborted'),
}

export class Strip {
  /** Newest last: requests that were in flight at some time of each, and the tiles that waited at its end. */
  readonly #bars: { inFlight: number; waiting: number }[] = []
  #read: { started: number; requests: number; bytes: number } | undefined
  #frame = 0
  #lastBar = { at: 0, requests: 0, inFlight: 0 }

  constructor(readonly counts: () => Counts) {
    new ResizeObserver(() => this.#draw()).observe(chart)
    this.#follow()
  }

  /** Something is read; in place of what was being read before, if that has not ended. */
  begin(): void {
    const { requests, bytes } = stats()
    this.#read ??= { started: performance.now(), requests, bytes }
    this.#follow()
  }

  /** What was begun is there. */
  end(): void {
    if (this.#read) {
      const { requests, bytes } = stats()
      last.requests.textContent = counted(requests - this.#read.requests, 'request')
      last.bytes.textContent = formatBytes(bytes - this.#read.bytes)
      last.time.textContent = formatDuration(performance.now() - this.#read.started)
    }
    this.#read = undefined
    this.#follow()
  }

  /** Frame by frame while something is on its way. */
  #follow(): void {
    cancelAnimationFrame(this.#frame)
    const { requests, bytes, retries, inFlight, concurrency } = stats()
    const { visible, ahead, aborted } = this.counts()
    total.requests.textContent = counted(requests, 'request')
    total.bytes.textContent = formatBytes(bytes)
    total.retries.textContent = counted(retries, 'retry').replace('retrys', 'retries')
    queue.inFlight.textContent = String(inFlight)
    queue.limit.textContent = `of ${concurrency}`
    queue.visible.textContent = String(visible)
    queue.ahead.textContent = String(ahead)
    queue.aborted.textContent = String(aborted)
    strip.dataset.inFlight = String(inFlight)
    const isBusy = this.#read !== undefined || inFlight > 0 || visible + ahead > 0
    const now = performance.now()
    const seen = this.#lastBar.inFlight + requests - this.#lastBar.requests
    if (now - this.#lastBar.at >= MILLISECONDS_PER_BAR || (!isBusy && seen > 0)) {
      this.#lastBar = { at: now, requests, inFlight }
      this.#bars.push({ inFlight: seen, waiting: visible + ahead })
      this.#draw()
    }
    if (isBusy) this.#frame = requestAnimationFrame(() => this.#follow())
  }

  #draw(): void {
    const width = Math.round(chart.clientWidth * devicePixelRatio)
    const height = Math.round(chart.clientHeight * devicePixelRatio)
    const bar = Math.round(BAR_WIDTH * devicePixelRatio)
    this.#bars.splice(0, this.#bars.length - Math.max(1, Math.floor(width / bar)))
    chart.width = width
    chart.height = height
    const context = chart.getContext('2d')
    if (!context) return
    const { color, backgroundColor } = getComputedStyle(chart)
    const most = Math.max(8, ...this.#bars.map(({ inFlight, waiting }) => Math.max(inFlight, waiting)))
    const column = (i: number, value: number, colour: string) => {
      const top = Math.ceil((value / most) * height)
      context.fillStyle = colour
      context.fillRect(i * bar, height - top, bar - 1, top)
    }
    this.#bars.forEach(({ inFlight, waiting }, i) => {
      column(i, waiting, `color-mix(in srgb, ${color} 30%, ${backgroundColor})`)
      column(i, inFlight, color)
    })
  }
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
