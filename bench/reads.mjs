// Reads over HTTP: each workload by each reader in turns, a process (or browser) of its own for every run, and every result
// compared with what was written.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { ARRAYS, WORKLOADS } from './arrays.mjs'
import { chosen } from './choice.mjs'
import { shownSpread, spread } from './figures.mjs'
import { machine } from './machine.mjs'
import { hasPeers, versions } from './peers.mjs'
import { make, startServer } from './processes.mjs'

/** Those that only zarr-wasm's own repository is needed for. */
const WITHOUT_PEERS = ['zarr-wasm', 'fetching']

/**
 * A host is where readers run: `{ title, readers, columns, open }`. `open(readers)` resolves with `{ run, close, program }`:
 * `run(reader, url, selection)` makes one run, and answers as client.mjs does. `columns` are the headings of details, with
 * a function of an outcome for each.
 */
export async function readsReport(host, { quick, only, repeat, latency, readers: wanted, data }) {
  const place = machine()
  const size = quick ? 'quick' : 'full'
  const readers = chosen('reader', host.readers, wanted).filter(
    (reader) => hasPeers() || WITHOUT_PEERS.includes(reader),
  )
  const workloads = chosen('workload', WORKLOADS, only, ({ name }) => name).filter(
    ({ array }) => hasPeers() || ARRAYS[array].codec.withoutPeers,
  )
  const { run, close, program } = await host.open(readers)
  const measurements = []
  try {
    for (const workload of workloads) {
      const folder = path.join(data, size, workload.array)
      console.log(`\n==> ${workload.name}`)
      await make(folder, workload.array, size)
      const runs = await interleaved(workload, { folder, latency, repeat, readers, run })
      measurements.push(
        ...runs.map(([reader, outcomes]) => measurement(workload, reader, outcomes, host.columns)),
      )
    }
  } finally {
    await close()
  }
  const lines = [
    [place, program].filter(Boolean).join('; '),
    `${versions(readers).join(', ')}; ${new Date().toISOString().slice(0, 10)}`,
    `${size} size, ${latency} ms until a reply, median (least–most) of ${repeat} interleaved runs, each in a new process`,
    'results are compared with what was written: one that differs has failed',
  ]
  return { title: host.title, unit: 'ms', lines, measurements }
}

/** The outcomes of each reader; one that failed is not tried again. */
async function interleaved(workload, { folder, latency, repeat, readers, run }) {
  const { checksums } = JSON.parse(readFileSync(path.join(folder, 'made.json'), 'utf8'))
  const server = await startServer(path.join(folder, 'store'), latency)
  // Fetching knows no selections.
  const able = readers.filter((reader) => reader !== 'fetching' || workload.selection === null)
  const outcomes = new Map(able.map((reader) => [reader, []]))
  try {
    for (let i = 0; i < repeat; i++) {
      for (const [reader, list] of outcomes) {
        if (list.some(({ error }) => error)) continue
        await server.counts()
        const outcome = await run(reader, server.url, workload.selection)
        const wrong = outcome.checksums?.some((checksum) => checksum !== checksums[workload.name])
        if (wrong) outcome.error = 'the result is not what was written'
        list.push({ ...outcome, ...(await server.counts()) })
        console.log(`    ${reader}: ${outcome.error ?? `${outcome.first.toFixed(0)} ms`}`)
      }
    }
  } finally {
    server.close()
  }
  return [...outcomes]
}

function measurement({ name }, reader, outcomes, columns) {
  const error = outcomes.find(({ error }) => error)?.error
  if (error) return { group: name, reader, error }
  const details = Object.entries(columns).map(([head, figure]) => [
    head,
    shownSpread(spread(outcomes.map(figure))),
  ])
  return {
    group: name,
    reader,
    values: outcomes.map(({ first }) => first),
    details: Object.fromEntries(details),
  }
}
