// A 2-D slice of an array: where it lies, and how rectangles of it are read.
import { type Priority, slice } from 'zarr-wasm'
import { extent } from './range.js'
import type { Cells, Grid } from './tile_grid.js'
import type { View } from './view.js'

/** Where chunks differ in shape, tiles are made as if they were of that many elements. */
const CHUNK_OF_NO_SHAPE = 256

/** What was read of a slice: row by row. */
export interface Block {
  /** As stored, for exact text. */
  stored: ArrayLike<number | bigint>
  /** In the array's units; NaN where missing. */
  values: Float64Array
  /** Over the values that are finite; NaN when there are none. */
  low: number
  high: number
}

export class Plane {
  /** Planes of one array with the same key are the same. */
  readonly key: string
  readonly grid: Grid

  /** `down` and `across` are axes of the array; one of less than two dimensions has a single row, or element. */
  constructor(
    readonly view: View,
    readonly down: number | undefined,
    readonly across: number | undefined,
    readonly indices: readonly number[],
  ) {
    const { shape, chunks } = view.array
    const parts = chunks ?? shape.map(() => CHUNK_OF_NO_SHAPE)
    const along = (axis: number | undefined, extents: readonly number[]) =>
      axis === undefined ? 1 : (extents[axis] ?? 1)
    this.key = indices.map((index, axis) => (axis === down ? '↓' : axis === across ? '→' : index)).join()
    this.grid = {
      rows: along(down, shape),
      columns: along(across, shape),
      chunkRows: along(down, parts),
      chunkColumns: along(across, parts),
    }
  }

  /** Maps have north at the top, whichever way the array runs. */
  get isDrawnUpwards(): boolean {
    return this.vertical?.isDrawnUpwards ?? false
  }

  get vertical() {
    return this.down === undefined ? undefined : this.view.dimensions[this.down]
  }

  get horizontal() {
    return this.across === undefined ? undefined : this.view.dimensions[this.across]
  }

  /** The index in the array of an element of the plane. */
  indexOf(row: number, column: number): number[] {
    return this.indices.map((index, axis) =>
      axis === this.down ? row : axis === this.across ? column : index,
    )
  }

  async read(cells: Cells, options: { signal: AbortSignal; priority: Priority }): Promise<Block> {
    const selection = this.indices.map((index, axis) => {
      if (axis === this.down) return everyNth(cells.top, cells.bottom, cells.rowStep)
      if (axis === this.across) return everyNth(cells.left, cells.right, cells.columnStep)
      return index
    })
    const { array, packing } = this.view
    const { data } = await array.get(selection, options)
    const rows = cells.bottom - cells.top
    const columns = cells.right - cells.left
    if (!isNumeric(data) || data.length !== rows * columns) {
      throw new Error(`An array of ${array.dtype} has no colours to be drawn in.`)
    }
    const isTransposed = this.down !== undefined && this.across !== undefined && this.down > this.across
    const stored = isTransposed ? transposed(data, rows, columns) : data
    const values = Float64Array.from(stored, packing.unpack)
    return { stored, values, ...extent(values) }
  }
}

export function isNumeric(data: unknown): data is ArrayLike<number | bigint> {
  return ArrayBuffer.isView(data) && !(data instanceof DataView)
}

const everyNth = (from: number, to: number, step: number) => slice(from * step, (to - 1) * step + 1, step)

/** The other way round: `data` has the columns one after the other. */
function transposed(data: ArrayLike<number | bigint>, rows: number, columns: number) {
  return Array.from(data, (_, i) => data[(i % columns) * rows + Math.floor(i / columns)] as number | bigint)
}
