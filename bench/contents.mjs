// What is in the arrays: the same numbers on every run, with as much structure and noise as measurements have.

/** Temperatures: waves that wander from plane to plane, noise, and digits down to 1/64. */
export function field([planes, rows, columns]) {
  const noise = noises(1)
  const out = new Float32Array(planes * rows * columns)
  let at = 0
  for (let plane = 0; plane < planes; plane++) {
    const south = waves(rows, 1.5, plane / 9)
    const east = waves(columns, 2.5, -plane / 13)
    for (let row = 0; row < rows; row++) {
      const mean = 270 + (25 * row) / rows
      for (let column = 0; column < columns; column++) {
        out[at++] = Math.round(64 * (mean + 10 * south[row] * east[column] + noise() / 20)) / 64
      }
    }
  }
  return out
}

/** Counts of photons: bright spots on a dark ground, with the noise that counts have. */
export function volume([planes, rows, columns]) {
  const noise = noises(2)
  const out = new Uint16Array(planes * rows * columns)
  const [high, south, east] = [
    waves(planes, planes / 200, 0),
    waves(rows, rows / 150, 1),
    waves(columns, columns / 180, 2),
  ]
  let at = 0
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < rows; row++) {
      const brightness = 300 * (1 + high[plane]) * Math.max(0, south[row])
      for (let column = 0; column < columns; column++) {
        const mean = 100 + brightness * Math.max(0, east[column])
        out[at++] = mean + 0.5 * Math.sqrt(mean) * noise()
      }
    }
  }
  return out
}

/** One instrument's readings. */
export const series = ([count]) => field([1, 1, count])

/** A wave of so many periods. */
const waves = (count, periods, phase) =>
  Float64Array.from({ length: count }, (_, i) => Math.sin((2 * Math.PI * periods * i) / count + phase))

/** Answers a function of numbers around 0 with a standard deviation of 1: sums of four bytes of a xorshift generator. */
function noises(seed) {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    const sum = (state & 255) + ((state >>> 8) & 255) + ((state >>> 16) & 255) + (state >>> 24)
    return (sum - 510) / 147.8
  }
}
