// How often which values are in the window: each element that is drawn counts once. It stands on the colour bar, whose axis
// it shares.
import { colourIndex } from './colour_map.js'
import { byId } from './dom.js'
import { type Frame, regionOf } from './stage.js'

export interface Histogram {
  /** From the low to the high end of the colours, in bins of equal width; values beyond are in the last ones. */
  counts: number[]
  values: number
  missing: number
  /** Over the values that are finite; NaN where there are none. */
  mean: number
}

const COLOURS_PER_BIN = 4
const BINS = 256 / COLOURS_PER_BIN

const chart = byId('histogram', SVGElement)
const summary = byId('histogram-summary', HTMLElement)

export function showHistogram(frame: Frame): void {
  const histogram = count(frame)
  const { counts, values, missing } = histogram
  const most = Math.max(1, ...counts)
  const bars = counts.map((n, bin) => `M${bin} 1h1v${-n / most}h-1z`).join('')
  chart.querySelector('path')?.setAttribute('d', bars)
  chart.dataset.counts = counts.join()
  chart.dataset.missing = String(missing)
  chart.dataset.mean = String(histogram.mean)
  summary.textContent = `${values.toLocaleString('en')} values, ${missing.toLocaleString('en')} missing`
}

function count({ plane, window, level, tiles, range }: Frame): Histogram {
  const counts = new Array<number>(BINS).fill(0)
  const region = regionOf(plane, window)
  let [values, missing, finite, sum] = [0, 0, 0, 0]
  for (const { cells, block } of tiles) {
    if (cells.rowStep !== level.rowStep || cells.columnStep !== level.columnStep) continue
    const within = (from: number, to: number, step: number, start: number, stop: number) => [
      Math.max(from, Math.floor(start / step)),
      Math.min(to, Math.ceil(stop / step)),
    ]
    const [top, bottom] = within(cells.top, cells.bottom, level.rowStep, region.top, region.bottom)
    const [left, right] = within(cells.left, cells.right, level.columnStep, region.left, region.right)
    const columns = cells.right - cells.left
    for (let row = top; row < bottom; row++) {
      const from = (row - cells.top) * columns - cells.left
      for (const value of block.values.subarray(from + left, from + right)) {
        if (Number.isNaN(value)) {
          missing++
          continue
        }
        values++
        counts[Math.floor(colourIndex(value, range.low, range.high) / COLOURS_PER_BIN)]++
        if (!Number.isFinite(value)) continue
        finite++
        sum += value
      }
    }
  }
  return { counts, values, missing, mean: sum / finite }
}
