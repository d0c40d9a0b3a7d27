// The state of the page: one array, an index for each leading dimension, and the 2-D slice that these select.
import { slice, type ZarrArray } from 'zarr-wasm'
import { type Catalogue, dimensionNames } from './catalogue.js'
import { type Coordinate, Dimension } from './dimension.js'
import { type Packing, packingOf } from './packing.js'

/** More elements than that along an axis of the slice would not show: every second, third … is read. */
const MOST_ALONG_AXIS = 2048
/** A longer coordinate costs more than it tells: its dimension is shown by index. */
const LONGEST_COORDINATE = 1 << 20

/** A slice that was read; element (row, column) is number `row * columns + column`. */
export interface Picture {
  rows: number
  columns: number
  /** As stored, for exact text. */
  stored: ArrayLike<number | bigint>
  /** In the array's units; NaN where missing. */
  values: Float64Array
  /** Over the values that are not missing; NaN when all are. */
  low: number
  high: number
  /** The indices of the leading dimensions that it was read at. */
  leading: readonly number[]
}

export class View {
  /** The dimensions that have a slider, and where it stands. */
  readonly leading: Dimension[]
  readonly indices: number[]
  /** The dimensions of the slice; an array of less than two dimensions has a single row, or element. */
  readonly vertical: Dimension | undefined
  readonly horizontal: Dimension | undefined
  readonly rowStep: number
  readonly columnStep: number
  readonly packing: Packing

  constructor(
    readonly array: ZarrArray,
    dimensions: Dimension[],
  ) {
    if (dimensions.some(({ length }) => length === 0)) {
      throw new Error(`There is nothing to draw: the array is empty (shape ${formatShape(array.shape)}).`)
    }
    this.leading = dimensions.slice(0, -2)
    this.indices = this.leading.map(() => 0)
    this.horizontal = dimensions.at(-1)
    this.vertical = dimensions.at(-2)
    this.rowStep = stepFor(this.vertical)
    this.columnStep = stepFor(this.horizontal)
    this.packing = packingOf(array)
  }

  /** Reads the slice that the indices select now. */
  async read(signal: AbortSignal): Promise<Picture> {
    const leading = [...this.indices]
    const axes = [
      ...(this.vertical ? [everyNth(this.rowStep)] : []),
      ...(this.horizontal ? [everyNth(this.columnStep)] : []),
    ]
    const { data, shape } = await this.array.get([...leading, ...axes], { signal })
    const columns = shape.at(-1) ?? 1
    const rows = shape.at(-2) ?? 1
    if (!isNumeric(data) || data.length !== rows * columns) {
      throw new Error(`An array of ${this.array.dtype} has no colours to be drawn in.`)
    }
    const values = Float64Array.from(data as ArrayLike<number | bigint>, this.packing.unpack)
    return { rows, columns, stored: data, values, ...extent(values), leading }
  }

  /** The index in the array of an element of a picture. */
  indexOf(picture: Picture, row: number, column: number): number[] {
    const axes = [
      ...(this.vertical ? [row * this.rowStep] : []),
      ...(this.horizontal ? [column * this.columnStep] : []),
    ]
    return [...picture.leading, ...axes]
  }
}

/** Opens an array and the coordinates that belong to its dimensions. */
export async function openView(catalogue: Catalogue, path: string, signal: AbortSignal): Promise<View> {
  const array = await catalogue.open(path, signal)
  const parent = path.slice(0, path.lastIndexOf('/') + 1)
  const dimensions = await Promise.all(
    dimensionNames(array).map(async (name, axis) => {
      const length = array.shape[axis] ?? 0
      const coordinatePath = parent + name
      const entry = catalogue.entries.find((other) => other.path === coordinatePath)
      const known =
        entry?.shape.length === 1 && entry.shape[0] === length && length > 0 && length <= LONGEST_COORDINATE
      return new Dimension(
        name,
        length,
        known ? await readCoordinate(catalogue, coordinatePath, signal) : undefined,
      )
    }),
  )
  return new View(array, dimensions)
}

export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join(' × ')
}

async function readCoordinate(
  catalogue: Catalogue,
  path: string,
  signal: AbortSignal,
): Promise<Coordinate | undefined> {
  const array = await catalogue.open(path, signal)
  const { data } = await array.get(null, { signal })
  // Text labels, say, have no place on an axis of numbers.
  if (!isNumeric(data) || data.length !== array.shape[0]) return undefined
  return {
    values: Float64Array.from(data as ArrayLike<number | bigint>, packingOf(array).unpack),
    attrs: array.attrs,
  }
}

const stepFor = (dimension?: Dimension) => Math.ceil((dimension?.length ?? 1) / MOST_ALONG_AXIS)

const everyNth = (step: number) => (step === 1 ? null : slice(null, null, step))

function isNumeric(data: unknown): data is ArrayLike<number | bigint> {
  return ArrayBuffer.isView(data) && !(data instanceof DataView)
}

function extent(values: Float64Array): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    // Infinities are values, but a colour scale that reached them would show nothing else.
    if (!Number.isFinite(value)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  return low <= high ? { low, high } : { low: Number.NaN, high: Number.NaN }
}
