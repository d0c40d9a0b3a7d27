// Which part of the picture the frame shows. All of it at zoom 1; further in, what is under the pointer stays there.

/** In elements as they are drawn, from the upper left corner. */
export interface Window {
  left: number
  top: number
  width: number
  height: number
}

/** Of an axis that many elements stay visible: further in there is nothing to see. */
const FEWEST_VISIBLE = 8

export class Camera {
  readonly mostZoom: number
  #zoom = 1
  /** The middle of the window. */
  #x: number
  #y: number

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {
    this.mostZoom = Math.max(1, Math.max(columns, rows) / FEWEST_VISIBLE)
    this.#x = columns / 2
    this.#y = rows / 2
  }

  get zoom(): number {
    return this.#zoom
  }

  get centre(): { x: number; y: number } {
    return { x: this.#x, y: this.#y }
  }

  get window(): Window {
    const width = visible(this.columns, this.#zoom)
    const height = visible(this.rows, this.#zoom)
    return { left: this.#x - width / 2, top: this.#y - height / 2, width, height }
  }

  moveTo(x: number, y: number, zoom: number): void {
    this.#zoom = clamp(zoom, 1, this.mostZoom)
    const { width, height } = this.window
    this.#x = clamp(x, width / 2, this.columns - width / 2)
    this.#y = clamp(y, height / 2, this.rows - height / 2)
  }

  /** By parts of the window, to the right and down. */
  pan(across: number, down: number): void {
    const { width, height } = this.window
    this.moveTo(this.#x + across * width, this.#y + down * height, this.#zoom)
  }

  /** What is at this part of the frame (0…1 from the left and the top) stays there. */
  zoomBy(factor: number, across = 0.5, down = 0.5): void {
    const before = this.window
    const zoom = clamp(this.#zoom * factor, 1, this.mostZoom)
    const width = visible(this.columns, zoom)
    const height = visible(this.rows, zoom)
    const left = before.left + across * (before.width - width)
    const top = before.top + down * (before.height - height)
    this.moveTo(left + width / 2, top + height / 2, zoom)
  }

  /** Moves as little as brings these elements into the window. */
  include(column: number, row: number, width: number, height: number): void {
    const window = this.window
    const shift = (start: number, extent: number, from: number, span: number) =>
      Math.min(0, from - start) + Math.max(0, from + Math.min(span, extent) - (start + extent))
    this.moveTo(
      this.#x + shift(window.left, window.width, column, width),
      this.#y + shift(window.top, window.height, row, height),
      this.#zoom,
    )
  }
}

const visible = (length: number, zoom: number) => Math.max(length / zoom, Math.min(length, FEWEST_VISIBLE))

const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value))
