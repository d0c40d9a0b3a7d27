// The picture on the canvas. Scaling never smooths: a pixel shows one element, the one that the readout names for it.
import { colourIndex, colourMap } from './colour_map.js'
import type { Picture } from './view.js'

/** One pixel an element, missing ones transparent, so that the page's own neutral shade stands there in either theme. */
export function paint(picture: Picture, low: number, high: number, upwards: boolean): OffscreenCanvas {
  const { rows, columns, values } = picture
  const image = new ImageData(columns, rows)
  // A colour is copied as one 32-bit word.
  const palette = new Uint32Array(colourMap.buffer)
  const pixels = new Uint32Array(image.data.buffer)
  for (let row = 0; row < rows; row++) {
    const target = (upwards ? rows - 1 - row : row) * columns
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column] ?? Number.NaN
      if (!Number.isNaN(value)) pixels[target + column] = palette[colourIndex(value, low, high)] ?? 0
    }
  }
  const painted = new OffscreenCanvas(columns, rows)
  painted.getContext('2d')?.putImageData(image, 0, 0)
  return painted
}

/** Fills the canvas, at the resolution of the screen. */
export function project(painted: OffscreenCanvas, canvas: HTMLCanvasElement): void {
  const ratio = window.devicePixelRatio
  canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio))
  canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio))
  const context = canvas.getContext('2d')
  if (!context) return
  context.imageSmoothingEnabled = false
  context.drawImage(painted, 0, 0, canvas.width, canvas.height)
}
