// The figure: title, canvas with its axes, colour bar, crosshair and the value that it points at.
import { axisTicks, roundValues, showTicks } from './axes.js'
import { cssGradient } from './colour_map.js'
import { type Cell, Crosshair } from './crosshair.js'
import type { Dimension } from './dimension.js'
import { byId } from './dom.js'
import { paint, project } from './draw.js'
import { formatNumber, formatWithin } from './format.js'
import { isKelvin, unitsOf } from './units.js'
import type { Picture, View } from './view.js'

const HINT = 'Point at the map, tap it, or focus it and use the arrow keys.'
const FLATTEST = 0.3
const STEEPEST = 1.2
const PIXELS_PER_TICK = { across: 84, down: 34 }

const canvas = byId('map', HTMLCanvasElement)
const title = byId('title', HTMLElement)
const subtitle = byId('subtitle', HTMLElement)
const plot = byId('plot', HTMLElement)
const axes = {
  across: { ticks: byId('x-ticks', HTMLElement), title: byId('x-title', HTMLElement) },
  down: { ticks: byId('y-ticks', HTMLElement), title: byId('y-title', HTMLElement) },
}
const bar = {
  colours: byId('bar-colours', HTMLElement),
  ticks: byId('bar-ticks', HTMLElement),
  units: byId('bar-units', HTMLElement),
}
const celsius = byId('celsius', HTMLInputElement)
const readout = {
  box: byId('readout', HTMLOutputElement),
  value: byId('value', HTMLElement),
  place: byId('place', HTMLElement),
}

interface Shown {
  view: View
  picture: Picture
  /** Of all slices of this array that were seen: it only widens, so that the colours of neighbouring slices compare. */
  low: number
  high: number
  painted: OffscreenCanvas
}
let shown: Shown | undefined

const crosshair = new Crosshair(canvas, byId('marker', HTMLElement), showValue)
new ResizeObserver(fit).observe(canvas)
celsius.addEventListener('change', () => {
  showBar()
  showValue(crosshair.cell)
})
bar.colours.style.background = cssGradient()

/** `ready` when the slice that the sliders stand at is drawn; tests and assistive technology go by it. */
export function setState(state: 'loading' | 'ready' | 'error'): void {
  canvas.dataset.state = state
  canvas.setAttribute('aria-busy', String(state === 'loading'))
}

/** Draws a slice; another array than before also gets its title, axes and a colour scale of its own. */
export function showPicture(view: View, picture: Picture): void {
  const previous = shown?.view === view ? shown : undefined
  const [low, high] = widen(previous, picture)
  const painted = paint(picture, low, high, isUpwards(view))
  shown = { view, picture, low, high, painted }
  if (!previous) {
    plot.style.setProperty('--ratio', String(ratioOf(view, picture)))
    axes.across.title.textContent = view.horizontal?.title ?? ''
    axes.down.title.textContent = view.vertical?.title ?? ''
    byId('celsius-choice', HTMLElement).hidden = !isKelvin(view.array.attrs.units)
    crosshair.clear()
  }
  showTitle(view, picture)
  fit()
  crosshair.resize(picture.rows, picture.columns)
}

function widen(previous: Shown | undefined, { low, high }: Picture): [number, number] {
  const lows = [previous?.low, low].filter((value) => value !== undefined && !Number.isNaN(value)) as number[]
  const highs = [previous?.high, high].filter(
    (value) => value !== undefined && !Number.isNaN(value),
  ) as number[]
  return lows.length > 0 ? [Math.min(...lows), Math.max(...highs)] : [Number.NaN, Number.NaN]
}

function showTitle({ array, leading }: View, picture: Picture): void {
  const { attrs, path } = array
  const name = [attrs.long_name, attrs.standard_name, path.split('/').at(-1)].find(
    (text) => typeof text === 'string' && text,
  )
  const words = String(name ?? 'array').replaceAll('_', ' ')
  title.textContent = words.charAt(0).toUpperCase() + words.slice(1)
  subtitle.textContent = picture.leading.map((index, axis) => describe(leading[axis], index)).join(' · ')
  canvas.setAttribute('aria-label', `Map of ${[words, subtitle.textContent].filter(Boolean).join(', ')}`)
}

function fit(): void {
  if (!shown) return
  const { view, picture, painted } = shown
  project(painted, canvas)
  const across = canvas.clientWidth / PIXELS_PER_TICK.across
  const down = canvas.clientHeight / PIXELS_PER_TICK.down
  showTicks(
    axes.across.ticks,
    view.horizontal ? axisTicks(view.horizontal, picture.columns, view.columnStep, across) : [],
    'left',
  )
  const rows = view.vertical ? axisTicks(view.vertical, picture.rows, view.rowStep, down) : []
  showTicks(
    axes.down.ticks,
    isUpwards(view) ? rows.map(({ at, text }) => ({ at: 1 - at, text })) : rows,
    'top',
  )
  showBar()
}

function showBar(): void {
  if (!shown) return
  const units = unitsOf(shown.view.array.attrs.units, celsius.checked)
  const [low, high] = [units.convert(shown.low), units.convert(shown.high)]
  const ticks = roundValues(low, high, bar.colours.clientWidth / PIXELS_PER_TICK.across)
  const at = (value: number) => (high > low ? (value - low) / (high - low) : 0.5)
  showTicks(
    bar.ticks,
    ticks.map((value) => ({ at: at(value), text: formatNumber(value) })),
    'left',
  )
  bar.units.textContent = Number.isNaN(low) ? 'No values in this slice' : units.name
}

function showValue(cell: Cell | undefined): void {
  if (!shown || !cell) {
    delete readout.box.dataset.value
    delete readout.box.dataset.index
    readout.value.textContent = ''
    readout.place.textContent = shown ? HINT : ''
    return
  }
  const { view, picture, low, high } = shown
  const row = isUpwards(view) ? picture.rows - 1 - cell.row : cell.row
  const element = row * picture.columns + cell.column
  const value = picture.values[element] ?? Number.NaN
  const index = view.indexOf(picture, row, cell.column)
  const units = unitsOf(view.array.attrs.units, celsius.checked)
  // In the array's own units and to the last digit, whatever the text is rounded or converted to.
  readout.box.dataset.value = String(
    view.packing.identity && !Number.isNaN(value) ? picture.stored[element] : value,
  )
  readout.box.dataset.index = index.join(',')
  if (Number.isNaN(value)) readout.value.textContent = 'no data'
  else {
    const converted = units.convert(value)
    const text = Number.isInteger(converted) ? readout.box.dataset.value : formatWithin(converted, high - low)
    readout.value.textContent = [text, units.name].join(' ')
  }
  const dimensions = [view.vertical, view.horizontal].filter((dimension) => dimension !== undefined)
  const places = dimensions.map((dimension, axis) =>
    describe(dimension, index.at(axis - dimensions.length) ?? 0),
  )
  readout.place.textContent = `${places.join(', ')} · element [${index.join(', ')}]`
}

function describe(dimension: Dimension | undefined, index: number): string {
  if (!dimension) return ''
  const label = dimension.label(index)
  return dimension.kind === 'number' || dimension.kind === 'index' ? `${dimension.title} ${label}` : label
}

const isUpwards = (view: View) => view.vertical?.isDrawnUpwards ?? false

/** Height by width: degrees alike where both axes are in degrees, elements alike otherwise, neither a line nor a tower. */
function ratioOf({ vertical, horizontal }: View, { rows, columns }: Picture): number {
  const degrees = vertical?.kind === 'latitude' && horizontal?.kind === 'longitude'
  const ratio = degrees ? span(vertical) / span(horizontal) : rows / columns
  return Math.min(STEEPEST, Math.max(FLATTEST, ratio || 1))
}

function span({ values }: Dimension): number {
  return values ? Math.abs(Number(values.at(-1)) - Number(values[0])) : 0
}
