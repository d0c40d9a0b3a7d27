// Bars from 0 to the median, and a line from the least to the most: an SVG that shows on light and on dark pages.
import { unique } from './figures.mjs'

const WIDTH = 760
const LABELS = 150
const RIGHT = 70
const TOP = 64
const BAR = 14
const GAP = 12
/** Also told apart by those who see few colours (Okabe and Ito). */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9']

/** `bars` are `{ group, reader, median, least, most }`, those of a group one after another. */
export function plot({ title, unit, bars }) {
  const readers = unique(bars.map(({ reader }) => reader))
  const groups = unique(bars.map(({ group }) => group))
  const step = niceStep(Math.max(1, ...bars.map(({ most }) => most)))
  const ticks = Math.max(1, Math.ceil(Math.max(0, ...bars.map(({ most }) => most)) / step))
  const x = (value) => LABELS + ((WIDTH - LABELS - RIGHT) * value) / (ticks * step)
  const marks = []
  let y = TOP
  for (const group of groups) {
    const own = bars.filter((bar) => bar.group === group)
    marks.push(text(LABELS - 8, y + (own.length * BAR) / 2 + 4, group, 'end'))
    for (const { reader, median, least, most } of own) {
      const middle = y + BAR / 2
      marks.push(
        `<rect x="${LABELS}" y="${y + 1}" width="${at(x(median) - LABELS)}" height="${BAR - 2}" fill="${colour(readers, reader)}"/>`,
        `<path d="M${at(x(least))} ${middle}H${at(x(most))}" stroke="#333" stroke-width="1.5"/>`,
        text(x(most) + 5, middle + 4, median.toFixed(median < 20 ? 1 : 0), 'start'),
      )
      y += BAR
    }
    y += GAP
  }
  const axis = Array.from({ length: ticks + 1 }, (_, i) => i * step).flatMap((value) => [
    `<path d="M${at(x(value))} ${TOP - 6}V${y - GAP + 4}" stroke="#ddd"/>`,
    text(x(value), y + 8, value, 'middle'),
  ])
  const legend = readers.flatMap((reader, i) => [
    `<rect x="${LABELS + i * 120}" y="32" width="12" height="12" fill="${colour(readers, reader)}"/>`,
    text(LABELS + i * 120 + 17, 42, reader, 'start'),
  ])
  const height = y + 36
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="${LABELS}" y="20" font-size="14" fill="#222">${escaped(title)}</text>`,
    ...axis,
    ...marks,
    ...legend,
    text(x(ticks * step), y + 26, unit, 'end'),
    '</svg>\n',
  ].join('\n')
}

const colour = (readers, reader) => COLOURS[readers.indexOf(reader) % COLOURS.length]

/** The smallest of 1, 2 and 5 times a power of ten that gives at most eight steps. */
function niceStep(most) {
  const power = 10 ** Math.floor(Math.log10(most / 8))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => most / step <= 8)
}

const text = (x, y, content, anchor) =>
  `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" fill="#222">${escaped(content)}</text>`

const at = (number) => Number(number.toFixed(1))

const escaped = (content) => String(content).replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt()};`)
