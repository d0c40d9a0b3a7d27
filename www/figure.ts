// The figure: title, map with its axes, colour bar with the histogram, and what is pointed at.
import { axisTicks, roundValues, showTicks } from './axes.js'
import { cssGradient } from './colour_map.js'
import { byId } from './dom.js'
import { formatNumber } from './format.js'
import { showHistogram } from './histogram.js'
import type { Plane } from './plane.js'
import { followPointers, type Gestures, type Point, zoomIn, zoomOut } from './pointer.js'
import { type Element, showNothing, showValue } from './readout.js'
import { type Frame, Stage } from './stage.js'
import type { Level } from './tile_grid.js'
import { isKelvin, unitsOf } from './units.js'
import type { View } from './view.js'

const FLATTEST = 0.3
const STEEPEST = 1.2
/** Higher ones have their controls beside them. */
const TALL = 0.55
const PIXELS_PER_TICK = { across: 84, down: 34 }
/** Of the window, that a far step goes. */
const FAR = 1 / 8

const canvas = byId('map', HTMLCanvasElement)
const title = byId('title', HTMLElement)
const subtitle = byId('subtitle', HTMLElement)
const box = byId('stage', HTMLElement)
const detail = byId('detail', HTMLElement)
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

export interface Watcher {
  state(state: State): void
  drawn(frame: Frame): void
  failed(error: unknown): void
  play(): void
}

/** `ready` when the slice that the sliders stand at is drawn; tests and assistive technology go by it. */
export type State = 'loading' | 'ready' | 'error'

export class Figure {
  readonly stage: Stage
  readonly #watcher: Watcher
  #focus: Element | undefined
  #shown: View | undefined

  constructor(watcher: Watcher) {
    this.#watcher = watcher
    this.stage = new Stage(canvas, {
      loading: () => this.setState('loading'),
      drawn: (frame) => this.#drawn(frame),
      failed: (error) => watcher.failed(error),
    })
    const gestures = this.#gestures()
    followPointers(canvas, gestures)
    byId('zoom-in', HTMLButtonElement).addEventListener('click', () => zoomIn(gestures))
    byId('zoom-out', HTMLButtonElement).addEventListener('click', () => zoomOut(gestures))
    byId('zoom-all', HTMLButtonElement).addEventListener('click', gestures.showAll)
    celsius.addEventListener('change', () => this.#showTexts())
    bar.colours.style.background = cssGradient()
  }

  /** As `Stage.show`. The frame has its proportions before anything is read for it. */
  show(plane: Plane, ahead: readonly Plane[]): void {
    const ratio = ratioOf(plane)
    box.style.setProperty('--ratio', String(ratio))
    box.dataset.shape = ratio > TALL ? 'tall' : 'flat'
    this.stage.show(plane, ahead)
  }

  setState(state: State): void {
    if (canvas.dataset.state === state) return
    canvas.dataset.state = state
    canvas.setAttribute('aria-busy', String(state === 'loading'))
    this.#watcher.state(state)
  }

  #drawn(frame: Frame): void {
    const { plane, window, level } = frame
    if (this.#shown !== plane.view) {
      this.#shown = plane.view
      this.#focus = undefined
    }
    canvas.style.touchAction = this.stage.camera.zoom > 1 ? 'none' : 'pan-y'
    showTitle(frame)
    axes.across.title.textContent = plane.horizontal?.title ?? ''
    axes.down.title.textContent = plane.vertical?.title ?? ''
    const { left, width } = window
    const across = canvas.clientWidth / PIXELS_PER_TICK.across
    const columns = plane.horizontal ? axisTicks(plane.horizontal, left, width, across) : []
    showTicks(axes.across.ticks, columns, 'left')
    const start = plane.isDrawnUpwards ? plane.grid.rows - window.top - window.height : window.top
    const down = canvas.clientHeight / PIXELS_PER_TICK.down
    const rows = plane.vertical ? axisTicks(plane.vertical, start, window.height, down) : []
    const turned = plane.isDrawnUpwards ? rows.map(({ at, text }) => ({ at: 1 - at, text })) : rows
    showTicks(axes.down.ticks, turned, 'top')
    detail.textContent = describeDetail(level)
    this.#showTexts()
    if (frame.isComplete) {
      showHistogram(frame)
      this.setState('ready')
    }
    this.#watcher.drawn(frame)
  }

  #showTexts(): void {
    const { frame } = this.stage
    if (!frame) return
    const { attrs } = frame.plane.view.array
    byId('celsius-choice', HTMLElement).hidden = !isKelvin(attrs.units)
    const units = unitsOf(attrs.units, celsius.checked)
    const [low, high] = [units.convert(frame.range.low), units.convert(frame.range.high)]
    const ticks = roundValues(low, high, bar.colours.clientWidth / PIXELS_PER_TICK.across)
    const at = (value: number) => (high > low ? (value - low) / (high - low) : 0.5)
    showTicks(
      bar.ticks,
      ticks.map((value) => ({ at: at(value), text: formatNumber(value) })),
      'left',
    )
    bar.units.textContent = frame.isComplete && Number.isNaN(low) ? 'No values in this slice' : units.name
    if (this.#focus) showValue(frame, this.#focus, celsius.checked)
    else showNothing()
  }

  #point(focus: Element | undefined): void {
    const { frame } = this.stage
    this.#focus = focus
    if (frame && focus) showValue(frame, focus, celsius.checked)
    else showNothing()
  }

  #gestures(): Gestures {
    const { stage } = this
    return {
      point: (at) => {
        if (stage.frame) this.#point(elementAt(stage.frame, at))
      },
      drag: ({ across, down }) => {
        stage.camera.pan(-across, -down)
        stage.update()
      },
      zoom: (factor, at = this.#placeOfFocus()) => {
        stage.camera.zoomBy(factor, at.across, at.down)
        stage.update()
      },
      isZoomed: () => stage.camera.zoom > 1,
      step: (right, down, isFar) => this.#step(right, down, isFar),
      showAll: () => {
        stage.camera.zoomBy(0)
        stage.update()
      },
      forget: () => this.#point(undefined),
      play: () => this.#watcher.play(),
    }
  }

  /** To a neighbouring cell, and the map after it. The first step shows where steps begin: in the middle. */
  #step(right: number, down: number, isFar: boolean): void {
    const { frame, camera } = this.stage
    if (!frame) return
    const { plane, level, window } = frame
    const from = this.#focus ?? elementAt(frame, { across: 0.5, down: 0.5 })
    const by = (extent: number, step: number) => (isFar ? Math.max(1, Math.floor((extent * FAR) / step)) : 1)
    const moved = (index: number, cells: number, step: number, length: number) => {
      const last = Math.ceil(length / step) - 1
      return Math.min(last, Math.max(0, Math.floor(index / step) + cells)) * step
    }
    const upwards = plane.isDrawnUpwards ? -1 : 1
    const { rows, columns } = plane.grid
    const focus = this.#focus
      ? {
          row: moved(from.row, upwards * down * by(window.height, level.rowStep), level.rowStep, rows),
          column: moved(from.column, right * by(window.width, level.columnStep), level.columnStep, columns),
        }
      : from
    const top = plane.isDrawnUpwards ? rows - focus.row - level.rowStep : focus.row
    camera.include(focus.column, top, level.columnStep, level.rowStep)
    this.#point(focus)
    this.stage.update()
  }

  #placeOfFocus(): Point {
    const { frame } = this.stage
    const focus = this.#focus
    const middle = { across: 0.5, down: 0.5 }
    if (!frame || !focus) return middle
    const { plane, window } = frame
    const row = plane.isDrawnUpwards ? plane.grid.rows - 1 - focus.row : focus.row
    const place = {
      across: (focus.column + 0.5 - window.left) / window.width,
      down: (row + 0.5 - window.top) / window.height,
    }
    return [place.across, place.down].every((part) => part >= 0 && part <= 1) ? place : middle
  }
}

function elementAt({ plane, window }: Frame, { across, down }: Point): Element {
  const { rows, columns } = plane.grid
  const clamp = (value: number, length: number) => Math.min(length - 1, Math.max(0, Math.floor(value)))
  const drawn = clamp(window.top + down * window.height, rows)
  return {
    row: plane.isDrawnUpwards ? rows - 1 - drawn : drawn,
    column: clamp(window.left + across * window.width, columns),
  }
}

function showTitle({ plane }: Frame): void {
  const { view, indices } = plane
  const { attrs, path } = view.array
  const name = [attrs.long_name, attrs.standard_name, path.split('/').at(-1)].find(
    (text) => typeof text === 'string' && text,
  )
  const words = String(name ?? 'array').replaceAll('_', ' ')
  title.textContent = words.charAt(0).toUpperCase() + words.slice(1)
  const places = indices.flatMap((index, axis) =>
    axis === plane.down || axis === plane.across ? [] : [view.dimensions[axis].describe(index)],
  )
  subtitle.textContent = places.join(' · ')
  canvas.setAttribute('aria-label', `Map of ${[words, ...places].join(', ')}`)
}

/** Which elements are drawn, where there are more than pixels. */
function describeDetail({ rowStep, columnStep }: Level): string {
  const parts = [
    ...(rowStep > 1 ? [`1 of ${rowStep} rows`] : []),
    ...(columnStep > 1 ? [`1 of ${columnStep} columns`] : []),
  ]
  return parts.join(', ') || 'every element'
}

/** Height by width: degrees alike where both axes are in degrees, elements alike otherwise, neither a line nor a tower. */
function ratioOf({ vertical, horizontal, grid }: Plane): number {
  const degrees = vertical?.kind === 'latitude' && horizontal?.kind === 'longitude'
  const ratio = degrees ? vertical.span / horizontal.span : grid.rows / grid.columns
  return Math.min(STEEPEST, Math.max(FLATTEST, ratio || 1))
}
