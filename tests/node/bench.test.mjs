// The bench from end to end, on little data: it reads what it wrote, reports it, and notices a wrong result. No time is judged.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { ARRAYS } from '../../bench/arrays.mjs'
import { spread } from '../../bench/figures.mjs'
import { bytesInOrder } from '../../bench/layout.mjs'
import { hasPeers } from '../../bench/peers.mjs'
import { inRoot, run } from '../../scripts/run.mjs'

let folder
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zarr-wasm-bench-'))
})
after(() => rm(folder, { recursive: true }))

const bench = (...args) => {
  const places = ['--data', path.join(folder, 'data'), '--out', path.join(folder, 'results')]
  const options = ['--quick', '--offline', '--repeat', '1', '--latency', '1']
  return run('node', [inRoot('bench/run.mjs'), ...options, ...places, ...args], { quiet: true })
}

const result = (file) => readFile(path.join(folder, 'results', file), 'utf8')

test('every reader reads what was written, and the report has all of it', async () => {
  await bench('--only', 'many')
  const readers = hasPeers() ? ['zarr-wasm', 'zarrita', 'fetching'] : ['zarr-wasm', 'fetching']
  const { measurements } = JSON.parse(await result('node.json'))
  assert.deepEqual(
    measurements.map(({ group, reader, error, values }) => [group, reader, error, values?.length]),
    readers.map((reader) => ['many', reader, undefined, 1]),
  )
  // The chunks, and what opening asks for.
  const [ours] = measurements
  assert.equal(ours.details.requests, '403')
  const table = await result('node.md')
  assert.ok(
    table.includes(`\n| ms | ${readers.join(' | ')} |\n|---|${'--:|'.repeat(readers.length)}\n`),
    table,
  )
  const plot = await result('node.svg')
  assert.equal(plot.match(/<rect [^>]*height="12" fill="#0072b2"/g).length, 2) // and one in the legend
})

test('a result that is not what was written fails', async () => {
  await bench('--only', 'many', '--readers', 'zarr-wasm')
  const made = path.join(folder, 'data/quick/many/made.json')
  const facts = JSON.parse(await readFile(made, 'utf8'))
  facts.checksums.many = facts.checksums.many.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
  await writeFile(made, JSON.stringify(facts))
  const message = /zarr-wasm failed at many: the result is not what was written/
  await assert.rejects(bench('--only', 'many', '--readers', 'zarr-wasm'), message)
  assert.ok((await result('node.md')).includes('| many | failed |'))
})

test('codecs are compared, if there is something to compare them with', async () => {
  const running = bench('--codecs', '--only', 'gzip')
  if (!hasPeers()) return assert.rejects(running, /--codecs needs the peers of bench/)
  await running
  const { measurements } = JSON.parse(await result('codecs.json'))
  assert.deepEqual(
    measurements.map(({ group, reader, values }) => [group, reader, values.length]),
    ['zarr-wasm', 'zarrita', 'numcodecs.js'].map((reader) => ['gzip, 64 KiB', reader, 1]),
  )
})

test('what there is not is refused', async () => {
  await assert.rejects(
    bench('--only', 'nothing'),
    /there is no workload nothing: there are field_blosc_lz4, /,
  )
  await assert.rejects(bench('--readers', 'nobody'), /there is no reader nobody: there are zarr-wasm, /)
  await assert.rejects(bench('--repeat', '0'), /--repeat is 0, expected 1 or more/)
})

test('the contents are the same on every machine', () => {
  assert.deepEqual(
    [...ARRAYS.field_gzip.contents([1, 2, 3])],
    [269.84375, 269.828125, 270.078125, 282.4375, 291.203125, 291.140625],
  )
  assert.deepEqual([...ARRAYS.image_u16.contents([1, 2, 3])], [306, 303, 323, 331, 329, 321])
})

test('results are compared in C order', () => {
  const columns = { data: Uint8Array.of(0, 3, 1, 4, 2, 5), shape: [2, 3], stride: [1, 2] }
  assert.deepEqual([...bytesInOrder(columns)], [0, 1, 2, 3, 4, 5])
  const data = Uint8Array.of(7, 8, 9)
  assert.equal(bytesInOrder({ data, shape: [1, 3], stride: [99, 1] }).byteOffset, data.byteOffset)
  assert.deepEqual([...bytesInOrder({ data, shape: [3, 1], stride: [1, 1] })], [7, 8, 9])
})

test('the median and the spread', () => {
  assert.deepEqual(spread([3, 1, 2]), { median: 2, least: 1, most: 3 })
  assert.deepEqual(spread([10, 4, 1, 2]), { median: 3, least: 1, most: 10 })
})
