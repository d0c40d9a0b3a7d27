// One dimension of an array and, where the store has a coordinate array of the same name, what stands at each index.
import { formatDate, timeDecoder } from './calendar.js'
import { formatLatitude, formatLongitude, formatNumber } from './format.js'

export interface Coordinate {
  values: Float64Array
  attrs: Record<string, unknown>
}

type Kind = 'index' | 'number' | 'latitude' | 'longitude' | 'time'

export class Dimension {
  readonly kind: Kind
  readonly title: string
  readonly values: Float64Array | undefined
  readonly #format: (value: number) => string

  constructor(
    readonly name: string,
    readonly length: number,
    coordinate?: Coordinate,
  ) {
    this.values = coordinate?.values
    const [kind, format, suffix] = meaning(name, coordinate)
    this.kind = kind
    this.#format = format
    this.title = name.replaceAll('_', ' ') + suffix
  }

  /** A coordinate value as text. */
  format(value: number): string {
    return Number.isFinite(value) ? this.#format(value) : '–'
  }

  /** What stands at an index: the coordinate there, or the index itself. */
  label(index: number): string {
    return this.format(this.values ? (this.values[index] ?? Number.NaN) : index)
  }

  /** Maps have north at the top, whichever way the array runs. */
  get isDrawnUpwards(): boolean {
    return (
      this.kind === 'latitude' &&
      this.values !== undefined &&
      Number(this.values[0]) < Number(this.values.at(-1))
    )
  }
}

function meaning(name: string, coordinate?: Coordinate): [Kind, (value: number) => string, suffix: string] {
  if (!coordinate) return ['index', String, ' (index)']
  const { attrs, values } = coordinate
  const units = typeof attrs.units === 'string' ? attrs.units : ''
  const decode = timeDecoder(units, typeof attrs.calendar === 'string' ? attrs.calendar : undefined)
  if (decode) {
    const day = (value = Number.NaN) => formatDate(decode(value), false)
    const severalADay = values.length > 1 && day(values[0]) === day(values[1])
    return ['time', (value) => formatDate(decode(value), severalADay), '']
  }
  const words = [attrs.standard_name, name.toLowerCase()]
  if (/^degrees?_?(north|n)$/i.test(units) || words.includes('latitude'))
    return ['latitude', formatLatitude, '']
  if (/^degrees?_?(east|e)$/i.test(units) || words.includes('longitude'))
    return ['longitude', formatLongitude, '']
  return ['number', formatNumber, units && units !== '1' ? ` (${units})` : '']
}
