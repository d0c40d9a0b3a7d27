// The picture on the canvas. Nothing is smoothed: each pixel shows one element, the one that the readout names for it.
import type { Window } from './camera.js'
import { colourIndex, colourMap } from './colour_map.js'
import type { Plane } from './plane.js'
import type { Range } from './range.js'
import type { Tile } from './tiles.js'

/** A colour is copied as one 32-bit word. */
const palette = new Uint32Array(colourMap.buffer)

/** What is not read yet is striped, so that it is not taken for missing: a translucent grey, for either theme. */
const UNREAD = 0x80808080
const STRIPE = { width: 2, distance: 10 }

/** Colours of the tiles, which stay the same until the range changes. */
const painted = new WeakMap<Tile, { range: Range; colours: Uint32Array }>()

/** Later tiles cover earlier ones. What is missing is clear: the page's own neutral shade stands there in either theme. */
export function draw(
  canvas: HTMLCanvasElement,
  plane: Plane,
  window: Window,
  tiles: readonly Tile[],
  range: Range,
): void {
  const { width, height } = canvas
  const image = new ImageData(width, height)
  const pixels = new Uint32Array(image.data.buffer)
  pixels.forEach((_, i) => {
    const isStripe = ((i % width) + Math.floor(i / width)) % STRIPE.distance < STRIPE.width
    if (isStripe) pixels[i] = UNREAD
  })
  const columns = elementsAlong(width, window.left, window.width)
  const drawn = elementsAlong(height, window.top, window.height)
  const rows = plane.isDrawnUpwards ? drawn.map((row) => plane.grid.rows - 1 - row) : drawn
  for (const tile of tiles) {
    const { top, bottom, left, right, rowStep, columnStep } = tile.cells
    const colours = coloursOf(tile, range)
    const cells = columns.map((column) => Math.floor(column / columnStep))
    const [first, last] = [left, right].map((cell) => firstFrom(cells, cell))
    for (let y = 0; y < height; y++) {
      const row = Math.floor(rows[y] / rowStep)
      if (row < top || row >= bottom) continue
      const from = (row - top) * (right - left) - left
      for (let x = first; x < last; x++) pixels[y * width + x] = colours[from + cells[x]]
    }
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0)
}

/** The element at the middle of each pixel. */
function elementsAlong(pixels: number, start: number, elements: number): Float64Array {
  return Float64Array.from({ length: pixels }, (_, i) => Math.floor(start + ((i + 0.5) / pixels) * elements))
}

/** Where rising numbers reach this one. */
function firstFrom(numbers: Float64Array, wanted: number): number {
  const found = numbers.findIndex((number) => number >= wanted)
  return found < 0 ? numbers.length : found
}

/** Missing values are transparent. */
function coloursOf(tile: Tile, range: Range): Uint32Array {
  const known = painted.get(tile)
  if (known && known.range.low === range.low && known.range.high === range.high) return known.colours
  const colours = Uint32Array.from(tile.block.values, (value) =>
    Number.isNaN(value) ? 0 : palette[colourIndex(value, range.low, range.high)],
  )
  painted.set(tile, { range, colours })
  return colours
}
