// Which element is looked at: under the pointer, under a finger, or where the arrow keys have led.

export interface Cell {
  row: number
  column: number
}

/** Counts rows as they are drawn, from the top; whoever draws upside down turns them around. */
export class Crosshair {
  #cell: Cell | undefined
  #rows = 1
  #columns = 1

  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly marker: HTMLElement,
    readonly moved: (cell: Cell | undefined) => void,
  ) {
    const follow = (event: PointerEvent) => this.#move(this.#cellAt(event.clientX, event.clientY))
    canvas.addEventListener('pointermove', follow)
    canvas.addEventListener('pointerdown', follow)
    canvas.addEventListener('keydown', (event) => {
      if (this.#press(event.key, event.shiftKey ? 10 : 1)) event.preventDefault()
    })
  }

  get cell(): Cell | undefined {
    return this.#cell
  }

  /** Another grid of elements; the place is kept where it still exists. */
  resize(rows: number, columns: number): void {
    const kept = this.#cell && this.#cell.row < rows && this.#cell.column < columns ? this.#cell : undefined
    this.#rows = rows
    this.#columns = columns
    this.#move(kept)
  }

  clear(): void {
    this.#move(undefined)
  }

  #cellAt(clientX: number, clientY: number): Cell {
    const box = this.canvas.getBoundingClientRect()
    return this.#within(
      Math.floor(((clientY - box.top) / box.height) * this.#rows),
      Math.floor(((clientX - box.left) / box.width) * this.#columns),
    )
  }

  #within(row: number, column: number): Cell {
    const clamp = (value: number, count: number) => Math.min(count - 1, Math.max(0, value))
    return { row: clamp(row, this.#rows), column: clamp(column, this.#columns) }
  }

  #press(key: string, by: number): boolean {
    if (key === 'Escape') {
      this.clear()
      return true
    }
    const direction = { ArrowUp: [-by, 0], ArrowDown: [by, 0], ArrowLeft: [0, -by], ArrowRight: [0, by] }[key]
    if (!direction) return false
    const [down = 0, right = 0] = direction
    // The first key shows where the keys are: in the middle.
    const { row, column } = this.#cell ?? { row: this.#rows >> 1, column: this.#columns >> 1 }
    this.#move(this.#cell ? this.#within(row + down, column + right) : { row, column })
    return true
  }

  #move(cell: Cell | undefined): void {
    this.#cell = cell
    this.marker.hidden = cell === undefined
    if (cell) {
      const { style } = this.marker
      style.left = `${(cell.column / this.#columns) * 100}%`
      style.top = `${(cell.row / this.#rows) * 100}%`
      style.width = `${100 / this.#columns}%`
      style.height = `${100 / this.#rows}%`
    }
    this.moved(cell)
  }
}
