// Fuzzes one target after the other, and prints how many inputs each of them ran: needs a nightly Rust and cargo-fuzz.
//   node scripts/fuzz.mjs [--seconds 600] [target ...]
// New inputs are kept in build/fuzz/, findings in fuzz/artifacts/; the committed corpus is only read.
import { mkdirSync, readdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Failure, inRoot, main, run } from './run.mjs'

/** A run that takes longer is a finding, as is one that takes more memory. */
const LIMITS = ['-timeout=10', '-rss_limit_mb=2048', '-malloc_limit_mb=256']

const EXECUTED = /^stat::number_of_executed_units:\s*(?<inputs>\d+)/m

await main(import.meta, async () => {
  const { values, positionals } = parseArgs({
    options: { seconds: { type: 'string', default: '600' } },
    allowPositionals: true,
  })
  const all = readdirSync(inRoot('fuzz/fuzz_targets')).map((file) => file.replace(/\.rs$/, ''))
  for (const target of positionals.length > 0 ? positionals : all.sort()) {
    const corpus = inRoot('build/fuzz', target)
    mkdirSync(corpus, { recursive: true })
    const time = [`-max_total_time=${values.seconds}`, '-print_final_stats=1']
    const args = [
      '+nightly',
      'fuzz',
      'run',
      target,
      corpus,
      inRoot('fuzz/corpus', target),
      '--',
      ...time,
      ...LIMITS,
    ]
    const { inputs } = (await run('cargo', args, { quiet: true, both: true })).match(EXECUTED)?.groups ?? {}
    if (!inputs) throw new Failure(`${target}: libFuzzer did not say what it ran`)
    console.log(`${target}: ${inputs} inputs, no finding`)
  }
})
