// Compares how fast zarr-wasm and others read: bench/README.md says what is measured, and how.
//   npm run bench -- [--quick] [--codecs | --browser] [--only field_zstd,many] [--repeat 5] [--latency 20]
//                    [--readers zarr-wasm,zarrita] [--offline] [--data FOLDER] [--out FOLDER]
import { existsSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { build } from '../scripts/build.mjs'
import { Failure, inRoot, main } from '../scripts/run.mjs'
import { setup } from '../scripts/setup.mjs'
import { codecsReport } from './codecs.mjs'
import { hasPeers, installPeers } from './peers.mjs'
import { readsReport } from './reads.mjs'
import { writeReport } from './report.mjs'

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  codecs: { type: 'boolean', default: false },
  browser: { type: 'boolean', default: false },
  offline: { type: 'boolean', default: false },
  only: { type: 'string' },
  readers: { type: 'string' },
  repeat: { type: 'string', default: '5' },
  latency: { type: 'string', default: '20' },
  data: { type: 'string', default: inRoot('build/bench') },
  out: { type: 'string', default: inRoot('bench/results') },
}

await main(import.meta, async () => {
  const options = parsed()
  if (!existsSync(inRoot('dist/node.js'))) {
    await setup({ tests: false })
    await build()
  }
  if (!options.offline) await installPeers()
  const [name, report] = await measured(options)
  writeReport(options.out, name, report)
  const failed = report.measurements.find(({ reader, error }) => reader === 'zarr-wasm' && error)
  if (failed) throw new Failure(`zarr-wasm failed at ${failed.group}: ${failed.error}`)
})

async function measured(options) {
  if (options.browser) return ['browser', await readsReport((await import('./browser.mjs')).host, options)]
  if (!options.codecs) return ['node', await readsReport((await import('./node.mjs')).host, options)]
  if (hasPeers()) return ['codecs', await codecsReport(options)]
  throw new Failure('--codecs needs the peers of bench/: numcodecs.js encodes what is decoded')
}

function parsed() {
  let values
  try {
    values = parseArgs({ options: OPTIONS }).values
  } catch (error) {
    throw new Failure(error.message)
  }
  const [repeat, latency] = [Number(values.repeat), Number(values.latency)]
  if (!(Number.isInteger(repeat) && repeat > 0))
    throw new Failure(`--repeat is ${values.repeat}, expected 1 or more`)
  if (!(latency >= 0)) throw new Failure(`--latency is ${values.latency}, expected milliseconds`)
  const [only, readers] = [values.only?.split(','), values.readers?.split(',')]
  return {
    ...values,
    repeat,
    latency,
    only,
    readers,
    out: path.resolve(values.out),
    data: path.resolve(values.data),
  }
}
