// The types of the installed package, as compilers see them that are set up in one way or another.
import { cp } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { inRoot, run } from '../../scripts/run.mjs'
import { install } from './installed.mjs'

const TSC = inRoot('node_modules/typescript/bin/tsc')
const STRICT = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022']
const MODULES = ['api.ts', 'data_types.ts', 'entries.ts']

/** What there is without the library dom, and what needs it: `zarr-wasm/slim` names WebAssembly and Worker. */
const NODE_ALONE = ['--lib', 'es2022', '--types', 'node', '--typeRoots', inRoot('node_modules/@types')]
const WITHOUT_DOM = ['api.ts', 'data_types.ts']

let installed
before(async () => {
  installed = await install()
  await cp(inRoot('tests/package/types'), path.join(installed.folder, 'types'), { recursive: true })
})
after(() => installed.close())

for (const [name, options, files] of [
  ['as Node finds modules', ['--module', 'nodenext'], [...MODULES, 'common.cts']],
  ['as bundlers find modules', ['--module', 'esnext', '--moduleResolution', 'bundler'], MODULES],
  ['by @types/node alone', ['--module', 'nodenext', ...NODE_ALONE], [...WITHOUT_DOM, 'common.cts']],
]) {
  test(`they say what they should, ${name}`, async () => {
    const sources = files.map((file) => path.join(installed.folder, 'types', file))
    const args = [TSC, ...STRICT, ...options, ...sources]
    await run('node', args, { quiet: true, cwd: installed.folder })
  })
}
