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

/** Ticks for the part of a dimension that is in the window: `width` elements from `start` on. */
export function axisTicks(dimension: Dimension, start: number, width: number, most: number): Tick[] {
  // Element i takes the place from i to i + 1, and its value stands in the middle.
  const at = (position: number) => (position + 0.5 - start) / width
  const first = Math.max(0, start - 0.5)
  const last = Math.min(dimension.length - 1, start + width - 0.5)
  if (dimension.isMonotonic && dimension.kind !== 'time') {
    const ends = [dimension.valueAt(first), dimension.valueAt(last)]
    const angular = dimension.kind === 'latitude' || dimension.kind === 'longitude'
    return roundValues(Math.min(...ends), Math.max(...ends), most, angular).map((value) => ({
      at: at(dimension.positionOf(value)),
      text: dimension.format(value),
    }))
  }
  return roundValues(Math.ceil(first), Math.floor(last), most)
    .filter(Number.isInteger)
    .map((index) => ({ at: at(index), text: dimension.label(index) }))
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
