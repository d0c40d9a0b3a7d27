// The installed package in the runtimes that have no page.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { run } from '../../scripts/run.mjs'
import { expected, PATHS, serveData } from './data.mjs'
import { install } from './installed.mjs'
import { program, version } from './modules.mjs'

const DENO = ['run', '--quiet', '--no-remote', '--node-modules-dir=manual']
const ALLOWED = ['--allow-net', '--allow-read', '--allow-env']

/** `[name, program, arguments]` */
const RUNTIMES = [
  [`Node ${process.versions.node}, import`, () => process.execPath, ['program.js']],
  [`Node ${process.versions.node}, require`, () => process.execPath, ['program.cjs']],
  [`Deno ${version('deno')}`, () => program('@deno', 'deno'), [...DENO, ...ALLOWED, 'program.js']],
  [`Bun ${version('bun')}`, () => program('@oven', 'bin/bun', 'bin/bun.exe'), ['run', 'program.js']],
]

let installed
let data
before(async () => {
  installed = await install()
  data = await serveData()
})
after(async () => {
  await data.close()
  await installed.close()
})

for (const entry of ['zarr-wasm', 'zarr-wasm/inline']) {
  describe(entry, () => {
    for (const [name, runtime, args] of RUNTIMES) {
      test(name, async () => {
        const cwd = await installed.project(`${entry}-${name}`.replaceAll(/\W+/g, '-'), entry)
        const output = await run(runtime(), [...args, data.origin, ...PATHS], { quiet: true, cwd })
        assert.deepEqual(JSON.parse(output), await expected())
      })
    }
  })
}
