// Many runs → the figures that are reported of them.

/** Median, least and most of some numbers. */
export function spread(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const median = sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
  return { median, least: sorted[0], most: sorted.at(-1) }
}

/** `12 (11–15)`, or `12` where there is nothing between; with a decimal where the numbers are small. */
export function shownSpread({ median, least, most }) {
  const digits = median < 20 ? 1 : 0
  if (least === most) return `${Number(median.toFixed(digits))}`
  return `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`
}

export const unique = (list) => [...new Set(list)]

/** Rows of cells, the first of them headings, as a table in Markdown: all columns but the first are numbers. */
export function markdownTable(rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  const [head, ...others] = rows
  return [line(head), `|---|${'--:|'.repeat(head.length - 1)}`, ...others.map(line)].join('\n')
}
