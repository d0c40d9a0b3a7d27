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
  /** Whether values only rise, or only fall: then each has one place on the axis. */
  readonly isMonotonic: boolean
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
    this.isMonotonic = coordinate !== undefined && isMonotonic(coordinate.values)
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

  /** What stands at an index, and of what that is, where it would not be known. */
  describe(index: number): string {
    const label = this.label(index)
    return this.kind === 'number' || this.kind === 'index' ? `${this.title} ${label}` : label
  }

  /** From the first to the last coordinate. */
  get span(): number {
    return Math.abs(this.valueAt(this.length - 1) - this.valueAt(0))
  }

  /** The coordinate at a position between elements; element i has the position i. */
  valueAt(position: number): number {
    const index = Math.min(Math.max(0, position), this.length - 1)
    const [before, after] = [Math.floor(index), Math.ceil(index)].map((i) => this.values?.[i] ?? i)
    return before + (after - before) * (index - Math.floor(index))
  }

  /** The position of a value of a monotonic coordinate; beyond its ends, that of the end. */
  positionOf(value: number): number {
    const { values } = this
    if (!values) return value
    const rising = this.valueAt(0) < this.valueAt(this.length - 1)
    let [least, most] = [0, this.length - 1]
    while (least < most) {
      const middle = (least + most) >> 1
      const isBefore = rising ? values[middle] < value : values[middle] > value
      if (isBefore) least = middle + 1
      else most = middle
    }
    if (least === 0) return 0
    const [before, after] = [values[least - 1], values[least]]
    return Math.min(least, least - 1 + (value - before) / (after - before))
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

function isMonotonic(values: Float64Array): boolean {
  const rising = Number(values.at(-1)) > Number(values[0])
  return values.every((value, i) => i === 0 || (rising ? value > values[i - 1] : value < values[i - 1]))
}
