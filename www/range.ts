// From the least to the greatest of some values: what the colours are for.

export interface Range {
  /** NaN where there are no values. */
  low: number
  high: number
}

export const NOTHING: Range = { low: Number.NaN, high: Number.NaN }

export function extent(values: Float64Array): Range {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    // Infinities are values, but a colour scale that reached them would show nothing else.
    if (!Number.isFinite(value)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  return low <= high ? { low, high } : NOTHING
}

/** A range that has both. */
export function joined(a: Range, b: Range): Range {
  if (Number.isNaN(a.low)) return b
  if (Number.isNaN(b.low)) return a
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) }
}
