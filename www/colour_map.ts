// Colours for numbers. The path runs through a few anchors in OKLab, a space in which equal distances look equally
// different, and is cut into pieces of equal length: equal steps of the data are equal steps for the eye. Lightness only
// rises along it, so that the map also reads in grey and for colour-blind eyes.

type Triple = readonly [number, number, number]

/** Lightness 0…1, chroma, hue in degrees: night blue through teal and green to yellow. */
const ANCHORS: readonly Triple[] = [
  [0.24, 0.1, 300],
  [0.37, 0.14, 280],
  [0.5, 0.1, 245],
  [0.62, 0.095, 200],
  [0.73, 0.135, 160],
  [0.83, 0.165, 125],
  [0.94, 0.165, 106],
]
const COLOURS = 256
const STEPS_BETWEEN_ANCHORS = 64

/** 256 colours, red, green, blue and alpha each. */
export const colourMap: Uint8ClampedArray = makeColourMap()

/** The number of the colour for a value, of a range whose ends may be equal. */
export function colourIndex(value: number, low: number, high: number): number {
  if (!(high > low)) return COLOURS >> 1
  // Halved, because the ends of float64 are further apart than float64 can say.
  const part = (value / 2 - low / 2) / (high / 2 - low / 2)
  return Math.min(COLOURS - 1, Math.max(0, Math.floor(part * COLOURS)))
}

/** The whole map as a CSS gradient, from left to right. */
export function cssGradient(): string {
  const stops = Array.from({ length: 33 }, (_, i) => {
    const at = Math.round((i * (COLOURS - 1)) / 32) * 4
    return `rgb(${colourMap.subarray(at, at + 3).join(' ')})`
  })
  return `linear-gradient(to right, ${stops.join(', ')})`
}

function makeColourMap(): Uint8ClampedArray {
  const path = smoothPath(ANCHORS.map(polarToLab))
  const lengths = [0]
  for (let i = 1; i < path.length; i++) lengths.push(lengths[i - 1] + distance(path[i - 1], path[i]))
  const total = lengths[lengths.length - 1]
  const map = new Uint8ClampedArray(COLOURS * 4)
  let at = 0
  for (let colour = 0; colour < COLOURS; colour++) {
    const wanted = (colour / (COLOURS - 1)) * total
    while (at < path.length - 2 && lengths[at + 1] < wanted) at++
    const part = (wanted - lengths[at]) / (lengths[at + 1] - lengths[at])
    map.set([...labToRgb(mix(path[at], path[at + 1], part)), 255], colour * 4)
  }
  return map
}

/** Catmull-Rom: through every anchor, without a corner that would be seen as a band. */
function smoothPath(points: readonly Triple[]): Triple[] {
  const point = (i: number) => points[Math.min(points.length - 1, Math.max(0, i))]
  const path: Triple[] = []
  for (let i = 0; i < points.length - 1; i++) {
    const [a, b, c, d] = [point(i - 1), point(i), point(i + 1), point(i + 2)]
    for (let step = 0; step < STEPS_BETWEEN_ANCHORS; step++) {
      const t = step / STEPS_BETWEEN_ANCHORS
      path.push(
        combine((k) => {
          const slopeB = (c[k] - a[k]) / 2
          const slopeC = (d[k] - b[k]) / 2
          const bend = 3 * (c[k] - b[k]) - 2 * slopeB - slopeC
          return b[k] + t * (slopeB + t * (bend + t * (2 * (b[k] - c[k]) + slopeB + slopeC)))
        }),
      )
    }
  }
  return [...path, point(points.length)]
}

function combine(component: (k: 0 | 1 | 2) => number): Triple {
  return [component(0), component(1), component(2)]
}

function mix(a: Triple, b: Triple, part: number): Triple {
  return combine((k) => a[k] + (b[k] - a[k]) * part)
}

function distance(a: Triple, b: Triple): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
}

function polarToLab([lightness, chroma, hue]: Triple): Triple {
  const angle = (hue * Math.PI) / 180
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)]
}

/** Matrices of OKLab's definition (Björn Ottosson, 2020), then the transfer curve of sRGB. */
function labToRgb([lightness, a, b]: Triple): Triple {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  const linear: Triple = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
  return combine(
    (k) => 255 * (linear[k] <= 0.0031308 ? 12.92 * linear[k] : 1.055 * linear[k] ** (1 / 2.4) - 0.055),
  )
}
