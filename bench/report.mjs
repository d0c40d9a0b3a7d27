// Measurements → a report in Markdown, a plot, and the numbers, written to a folder.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { markdownTable, shownSpread, spread, unique } from './figures.mjs'
import { plot } from './plot.mjs'

/**
 * Writes `name.md`, `name.svg` and `name.json`. A report is `{ title, unit, lines, measurements }`, a measurement
 * `{ group, reader, values, details }`: what was measured in the unit, run by run, and cells of a second table, by their
 * headings; or `{ group, reader, error }`.
 */
export function writeReport(folder, name, report) {
  mkdirSync(folder, { recursive: true })
  const text = markdown(report)
  const bars = report.measurements
    .filter(({ values }) => values)
    .map(({ group, reader, values }) => ({ group, reader, ...spread(values) }))
  writeFileSync(path.join(folder, `${name}.md`), text)
  writeFileSync(path.join(folder, `${name}.svg`), plot({ ...report, bars }))
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(report, null, 1)}\n`)
  console.log(`\n${text}\nwritten to ${path.join(folder, name)}.md, .svg and .json`)
}

function markdown({ title, unit, lines, measurements }) {
  const groups = unique(measurements.map(({ group }) => group))
  const readers = unique(measurements.map(({ reader }) => reader))
  const cell = (group, reader) => {
    const found = measurements.find((one) => one.group === group && one.reader === reader)
    if (!found) return ''
    return found.values ? shownSpread(spread(found.values)) : 'failed'
  }
  const overview = markdownTable([
    [unit, ...readers],
    ...groups.map((group) => [group, ...readers.map((reader) => cell(group, reader))]),
  ])
  const failures = measurements.filter(({ error }) => error)
  const parts = [
    `# ${title}`,
    lines.map((line) => `- ${line}`).join('\n'),
    overview,
    ...details(measurements),
    failures.map(({ group, reader, error }) => `- ${reader} failed at ${group}: ${error}`).join('\n'),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

function details(measurements) {
  const rows = measurements.filter(({ details }) => details)
  if (rows.length === 0) return []
  const heads = unique(rows.flatMap(({ details }) => Object.keys(details)))
  return [
    markdownTable([
      ['', ...heads],
      ...rows.map(({ group, reader, details }) => [
        `${group}, ${reader}`,
        ...heads.map((head) => details[head] ?? ''),
      ]),
    ]),
  ]
}
