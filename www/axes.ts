// Ticks: round values along the axes and the colour bar, as elements placed by percentage, so that resizing needs no drawing.
import type { Dimension } from './dimension.js'
import { element } from './dom.js'

export interface Tick {
  /** 0…1 along the axis. */
  at: number
  text: string
}

const DECIMAL_STEPS = [1, 2, 5, 10]
const ANGLE_STEPS = [1, 2, 5, 10, 15, 30, 45, 60, 90]

/** Multiples of a round step within a range, at most about `most` of them. */
export function roundValues(low: number, high: number, most: number, angular = false): number[] {
  if (!(high > low)) return Number.isFinite(low) ? [low] : []
  const least = (high - low) / Math.max(1, most)
  // The ends of float64 are further apart than float64 can say.
  if (!Number.isFinite(least)) return []
  const power = angular && least >= 1 ? 1 : 10 ** Math.floor(Math.log10(least))
  const steps = angular && least >= 1 ? ANGLE_STEPS : DECIMAL_STEPS
  const step =
    power * (steps.find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? steps.at(-1) ?? 1)
  // Coordinates are often float32: an axis that begins at 4.9999924°S still has its tick at 5°S.
  const first = Math.ceil(low / step - 1e-5)
  const count = Math.floor(high / step + 1e-5) - first + 1
  return Array.from({ length: count }, (_, k) => Number(((first + k) * step).toPrecision(12)))
}

/** Ticks for `count` elements of a dimension, of which every `step`th was read. */
export function axisTicks(dimension: Dimension, count: number, step: number, most: number): Tick[] {
  const place = (index: number) => (index / step + 0.5) / count
  const { values, kind, length } = dimension
  if (values && kind !== 'time' && isMonotonic(values)) {
    const [first = 0, last = 0] = [values[0], values.at(-1)]
    const angular = kind === 'latitude' || kind === 'longitude'
    return roundValues(Math.min(first, last), Math.max(first, last), most, angular).map((value) => ({
      at: place(fractionalIndex(values, value)),
      text: dimension.format(value),
    }))
  }
  return roundValues(0, length - 1, most)
    .filter(Number.isInteger)
    .map((index) => ({ at: place(index), text: dimension.label(index) }))
}

/** A label that would stick out of the page is left out. */
export function showTicks(parent: HTMLElement, ticks: readonly Tick[], side: 'left' | 'top'): void {
  const items = ticks.map(({ at, text }) => {
    const item = element('li', {}, text)
    item.style.setProperty(side, `${at * 100}%`)
    return item
  })
  parent.replaceChildren(...items)
  const page = document.documentElement.clientWidth
  const boxes = items.map((item) => item.getBoundingClientRect())
  items.forEach((item, i) => {
    if (boxes[i].left < 0 || boxes[i].right > page) item.remove()
  })
}

function isMonotonic(values: Float64Array): boolean {
  const rising = Number(values.at(-1)) > Number(values[0])
  return values.every(
    (value, i) => i === 0 || (rising ? value > Number(values[i - 1]) : value < Number(values[i - 1])),
  )
}

/** Where a value stands between the elements of a monotonic coordinate. */
function fractionalIndex(values: Float64Array, wanted: number): number {
  const rising = Number(values.at(-1)) > Number(values[0])
  const next = values.findIndex((value) => (rising ? value >= wanted : value <= wanted))
  if (next <= 0) return next === 0 ? 0 : values.length - 1
  const [before, after] = [Number(values[next - 1]), Number(values[next])]
  return next - 1 + (wanted - before) / (after - before)
}
