// Numbers as people read them.

const LONGEST_PLAIN = 10

/** Seven significant digits, about what a float32 has, without trailing zeros. */
export function formatNumber(value: number): string {
  const rounded = Number(value.toPrecision(7))
  const plain = String(rounded)
  return withMinus(plain.length > LONGEST_PLAIN ? rounded.toExponential() : plain)
}

/** A value beside others: all of them with the decimals that tell the first from the last. */
export function formatWithin(value: number, span: number): string {
  const decimals = span > 0 ? 3 - Math.floor(Math.log10(span)) : 3
  return decimals >= 0 && decimals <= 6 ? withMinus(value.toFixed(decimals)) : formatNumber(value)
}

export function formatLatitude(degrees: number): string {
  return formatDegrees(degrees, 'N', 'S')
}

export function formatLongitude(degrees: number): string {
  const wrapped = ((((degrees + 180) % 360) + 360) % 360) - 180
  return wrapped === -180 ? '180°' : formatDegrees(wrapped, 'E', 'W')
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${Number((bytes / 1000).toPrecision(3))} kB`
  return `${Number((bytes / 1_000_000).toPrecision(3))} MB`
}

export function formatDuration(milliseconds: number): string {
  if (milliseconds < 9.95) return `${Number(milliseconds.toFixed(1))} ms`
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  return `${(milliseconds / 1000).toFixed(1)} s`
}

function formatDegrees(degrees: number, positive: string, negative: string): string {
  const rounded = Number(Math.abs(degrees).toFixed(2))
  if (rounded === 0) return '0°'
  return `${rounded}°${degrees > 0 ? positive : negative}`
}

const withMinus = (text: string) => text.replace('-', '−')

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
