// What the canvas shows, and what is read for it: each change of slice, window or size makes a new list of tiles.
//
// 1. Tiles of the wanted slice that the window touches come first, those around it next, then what was asked for ahead.
// 2. Until all that the window touches are here, it is `loading`; another slice stays on the canvas meanwhile.
// 3. Of one slice, what is already here of other levels is drawn below.
import { Camera, type Window } from './camera.js'
import { draw } from './draw.js'
import type { Plane } from './plane.js'
import { joined, NOTHING, type Range } from './range.js'
import { type Cells, type Level, type Region, stepFor, tilesWithin } from './tile_grid.js'
import { type Tile, Tiles, type Wanted } from './tiles.js'

/** Where a slice has more chunks than that, the first look is at its middle. */
const MOST_CHUNKS_AT_FIRST = 1024

export interface Frame {
  plane: Plane
  window: Window
  level: Level
  /** Those of the level last. */
  tiles: readonly Tile[]
  range: Range
  /** Whether all of the window is there. */
  isComplete: boolean
}

export interface Watcher {
  loading(): void
  drawn(frame: Frame): void
  failed(error: unknown): void
}

export class Stage {
  camera = new Camera(1, 1)
  frame: Frame | undefined
  readonly #tiles = new Tiles(() => this.#soon())
  #wanted: Plane | undefined
  #ahead: readonly Plane[] = []
  /** Of all slices of this array that were seen: it only widens, so that the colours of neighbouring slices compare. */
  #range = NOTHING
  #scheduled = 0

  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly watcher: Watcher,
  ) {
    new ResizeObserver(() => this.update()).observe(canvas)
  }

  get counts() {
    return this.#tiles.counts
  }

  /** Shows a slice; `ahead` are read when nothing else is to be. */
  show(plane: Plane, ahead: readonly Plane[] = []): void {
    const before = this.#wanted
    if (before?.view !== plane.view) {
      this.clear()
    }
    if (before?.view !== plane.view || before.down !== plane.down || before.across !== plane.across) {
      this.camera = startingCamera(plane)
      this.frame = undefined
    }
    this.#wanted = plane
    this.#ahead = ahead
    this.update()
  }

  /** Nothing is shown any more, and nothing read. */
  clear(): void {
    cancelAnimationFrame(this.#scheduled)
    this.#tiles.clear()
    this.#wanted = undefined
    this.#ahead = []
    this.frame = undefined
    this.#range = NOTHING
  }

  /** After the window has changed. One reading and drawing for each frame of the screen at most. */
  update(): void {
    if (!this.#wanted) return
    this.watcher.loading()
    this.#soon()
  }

  #soon(): void {
    cancelAnimationFrame(this.#scheduled)
    this.#scheduled = requestAnimationFrame(() => this.#advance())
  }

  #advance(): void {
    const plane = this.#wanted
    if (!plane) return
    const { canvas, camera } = this
    const { window } = camera
    // While an error takes its place it has no size: then it keeps that of before.
    if (canvas.clientWidth > 0) {
      canvas.width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio))
      canvas.height = Math.max(1, Math.round(canvas.clientHeight * devicePixelRatio))
    }
    const level = {
      rowStep: stepFor(window.height, canvas.height),
      columnStep: stepFor(window.width, canvas.width),
    }
    const region = regionOf(plane, window)
    const visible = tilesWithin(plane.grid, level, region)
    this.#tiles.want(wantedOf(plane, visible, tilesWithin(plane.grid, level, around(region)), this.#ahead))
    try {
      const here = visible.flatMap((cells) => this.#tiles.get(plane, cells) ?? [])
      const isComplete = here.length === visible.length
      const shown = isComplete || this.frame === undefined ? plane : this.frame.plane
      this.#draw(shown, window, level, shown.key === plane.key && isComplete)
    } catch (error) {
      this.watcher.failed(error)
    }
  }

  #draw(plane: Plane, window: Window, level: Level, isComplete: boolean): void {
    const tiles = this.#tiles
      .of(plane)
      .filter(({ cells }) => touches(cells, regionOf(plane, window)))
      .filter(({ cells }) => !isComplete || isOf(level, cells))
      .sort((a, b) => rank(a.cells, level) - rank(b.cells, level))
    this.#range = tiles.reduce((range, { block }) => joined(range, block), this.#range)
    this.frame = { plane, window, level, tiles, range: this.#range, isComplete }
    draw(this.canvas, plane, window, tiles, this.#range)
    this.watcher.drawn(this.frame)
  }
}

const isOf = ({ rowStep, columnStep }: Level, cells: Cells) =>
  cells.rowStep === rowStep && cells.columnStep === columnStep

/** In which order tiles are drawn: the coarsest first, those of the level last. */
const rank = (cells: Cells, level: Level) => (isOf(level, cells) ? 1 : -cells.rowStep * cells.columnStep)

/** What a pixel at this element of the plane shows: the tile, and the place of the value in it. */
export function sampleAt({ tiles }: Frame, row: number, column: number) {
  const tile = tiles.findLast(
    ({ cells }) =>
      within(Math.floor(row / cells.rowStep), cells.top, cells.bottom) &&
      within(Math.floor(column / cells.columnStep), cells.left, cells.right),
  )
  if (!tile) return undefined
  const { rowStep, columnStep, top, left, right } = tile.cells
  const cell = { row: Math.floor(row / rowStep), column: Math.floor(column / columnStep) }
  return { tile, at: (cell.row - top) * (right - left) + cell.column - left }
}

/** The part of the array that a window shows: as it lies there, not as it is drawn. */
export function regionOf(plane: Plane, { left, top, width, height }: Window): Region {
  const start = plane.isDrawnUpwards ? plane.grid.rows - top - height : top
  return { top: start, bottom: start + height, left, right: left + width }
}

function startingCamera({ grid }: Plane): Camera {
  const camera = new Camera(grid.columns, grid.rows)
  const chunks = (grid.rows / grid.chunkRows) * (grid.columns / grid.chunkColumns)
  camera.zoomBy(Math.max(1, Math.sqrt(chunks / MOST_CHUNKS_AT_FIRST)))
  return camera
}

function wantedOf(plane: Plane, visible: Cells[], near: Cells[], ahead: readonly Plane[]): Wanted[] {
  const key = ({ top, left }: Cells) => `${top}.${left}`
  const seen = new Set(visible.map(key))
  const of = (one: Plane, cells: Cells, isVisible: boolean) => ({ plane: one, cells, isVisible })
  return [
    ...visible.map((cells) => of(plane, cells, true)),
    ...near.filter((cells) => !seen.has(key(cells))).map((cells) => of(plane, cells, false)),
    ...ahead.flatMap((other) => visible.map((cells) => of(other, cells, false))),
  ]
}

/** Half as far again, to all sides. */
function around({ top, bottom, left, right }: Region): Region {
  const [down, across] = [(bottom - top) / 2, (right - left) / 2]
  return { top: top - down, bottom: bottom + down, left: left - across, right: right + across }
}

const within = (value: number, from: number, to: number) => value >= from && value < to

function touches({ top, bottom, left, right, rowStep, columnStep }: Cells, region: Region): boolean {
  return (
    top * rowStep < region.bottom &&
    bottom * rowStep > region.top &&
    left * columnStep < region.right &&
    right * columnStep > region.left
  )
}
