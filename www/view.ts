// An array that is looked at: which of its dimensions are drawn down and across, and the indices along the others.
import type { ZarrArray } from 'zarr-wasm'
import { type Catalogue, dimensionNames } from './catalogue.js'
import { type Coordinate, Dimension } from './dimension.js'
import { type Packing, packingOf } from './packing.js'
import { isNumeric, Plane } from './plane.js'

/** A longer coordinate costs more than it tells: its dimension is shown by index. */
const LONGEST_COORDINATE = 1 << 20

export class View {
  /** Where the sliders stand, for each dimension; of no meaning for those that are drawn. */
  readonly indices: number[]
  /** The axes that are drawn; an array of less than two dimensions has a single row, or element. */
  down: number | undefined
  across: number | undefined
  readonly packing: Packing

  constructor(
    readonly array: ZarrArray,
    readonly dimensions: readonly Dimension[],
  ) {
    if (dimensions.some(({ length }) => length === 0)) {
      throw new Error(`There is nothing to draw: the array is empty (shape ${formatShape(array.shape)}).`)
    }
    const axes = dimensions.length
    this.indices = dimensions.map(() => 0)
    this.across = axes > 0 ? axes - 1 : undefined
    this.down = axes > 1 ? axes - 2 : undefined
    this.packing = packingOf(array)
  }

  /** The dimensions that are not drawn. */
  get leading(): number[] {
    return this.dimensions.map((_, axis) => axis).filter((axis) => axis !== this.down && axis !== this.across)
  }

  /** The slice that is selected now, or the one that would be with another index along an axis. */
  plane(axis?: number, index = 0): Plane {
    const indices = this.indices.map((own, at) => (at === axis ? index : own))
    return new Plane(this, this.down, this.across, indices)
  }

  /** Draws another axis; the one that was drawn there takes the place of the other. */
  turn(direction: 'down' | 'across', axis: number): void {
    const other = direction === 'down' ? 'across' : 'down'
    if (this[other] === axis) this[other] = this[direction]
    this[direction] = axis
  }

  /** Takes what it can of indices and axes that came from elsewhere. */
  restore(indices: readonly number[], axes: readonly number[]): void {
    this.dimensions.forEach(({ length }, axis) => {
      const index = indices[axis] ?? 0
      this.indices[axis] = Number.isInteger(index) && index >= 0 && index < length ? index : 0
    })
    const [down, across] = axes
    const exist = axes.every((axis) => this.dimensions[axis] !== undefined)
    if (axes.length === 2 && exist && down !== across) Object.assign(this, { down, across })
  }
}

/** Opens an array and the coordinates that belong to its dimensions. */
export async function openView(catalogue: Catalogue, path: string, signal: AbortSignal): Promise<View> {
  const array = await catalogue.open(path, signal)
  const parent = path.slice(0, path.lastIndexOf('/') + 1)
  const dimensions = await Promise.all(
    dimensionNames(array).map(async (name, axis) => {
      const length = array.shape[axis] ?? 0
      const isKnown = length > 0 && length <= LONGEST_COORDINATE && catalogue.has(parent + name)
      const coordinate = isKnown ? await readCoordinate(catalogue, parent + name, length, signal) : undefined
      return new Dimension(name, length, coordinate)
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
  length: number,
  signal: AbortSignal,
): Promise<Coordinate | undefined> {
  const array = await catalogue.open(path, signal)
  if (array.shape.length !== 1 || array.shape[0] !== length) return undefined
  const { data } = await array.get(null, { signal })
  // Text labels, say, have no place on an axis of numbers.
  if (!isNumeric(data) || data.length !== length) return undefined
  return { values: Float64Array.from(data, packingOf(array).unpack), attrs: array.attrs }
}
