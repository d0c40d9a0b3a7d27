// The second page: reads side by side with zarrita, in the visitor's browser.
import { contest, median, type Outcome } from './contest.js'
import { byId, element } from './dom.js'
import { formatDuration, messageOf } from './format.js'
import { Latest } from './latest.js'
import { followTheme } from './theme.js'
import { MADE, overHttp, SAMPLES, type Workload } from './workloads.js'

const form = byId('source', HTMLFormElement)
const address = byId('url', HTMLInputElement)
const repeats = byId('repeats', HTMLSelectElement)
const run = byId('run', HTMLButtonElement)
const stop = byId('stop', HTMLButtonElement)
const rows = byId('rows', HTMLElement)
const progress = byId('progress', HTMLElement)

/** Behind the name. */
const COLUMNS = ['zarr-wasm', 'zarrita', 'ratio', 'results']

const running = new Latest()

async function runAll(signal: AbortSignal): Promise<void> {
  const given = address.value.trim()
  const workloads = [...(given ? [overHttp(given, 'at your address, over HTTP')] : []), ...SAMPLES, ...MADE]
  const shown = workloads.map((workload) => ({ workload, row: rowOf(workload) }))
  rows.replaceChildren(...shown.map(({ row }) => row))
  for (const [i, { workload, row }] of shown.entries()) {
    progress.textContent = `${workload.name}: ${i + 1} of ${shown.length}`
    row.dataset.state = 'running'
    try {
      const readers = await workload.readers()
      signal.throwIfAborted()
      show(row, await contest(readers, Number(repeats.value), signal, (outcomes) => show(row, outcomes)))
      row.dataset.state = 'done'
    } catch (error) {
      signal.throwIfAborted()
      row.dataset.state = 'failed'
      row.querySelector('.results')?.replaceChildren(messageOf(error))
    }
  }
  progress.textContent = `Done: ${repeats.value} reads of each, in turns.`
}

function rowOf({ name, about }: Workload): HTMLTableRowElement {
  const title = element('th', { scope: 'row' }, name, element('span', { class: 'about' }, about))
  const cells = COLUMNS.map((kind) => element('td', { class: kind, 'data-label': kind }, '–'))
  return element('tr', { 'data-name': name }, title, ...cells)
}

function show(row: HTMLElement, outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) row.querySelector(`.${outcome.name}`)?.replaceChildren(...timesOf(outcome))
  const [ours, theirs] = outcomes.map(({ times }) => median(times))
  const ratio = theirs / ours
  row.querySelector('.ratio')?.replaceChildren(Number.isFinite(ratio) ? `${ratio.toPrecision(2)} ×` : '–')
  const verdict = row.querySelector<HTMLElement>('.results')
  if (!verdict) return
  const isSame = outcomes.every((outcome) => outcome.isSame)
  const failed = outcomes.some(({ error }) => error !== undefined)
  verdict.textContent = !isSame ? 'differ' : failed ? '–' : 'the same'
}

function timesOf({ times, error }: Outcome): (Node | string)[] {
  if (error !== undefined) return [messageOf(error)]
  if (times.length === 0) return ['…']
  const range = `${formatDuration(Math.min(...times))} – ${formatDuration(Math.max(...times))}`
  return [formatDuration(median(times)), element('span', { class: 'about' }, range)]
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  run.disabled = true
  stop.disabled = false
  try {
    await running.run(runAll)
  } finally {
    run.disabled = false
    stop.disabled = true
  }
})
stop.addEventListener('click', () => {
  running.cancel()
  progress.textContent = 'Stopped.'
})
rows.replaceChildren(...[...SAMPLES, ...MADE].map(rowOf))
followTheme()
