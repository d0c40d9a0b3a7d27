// The package as its users have it: packed, and installed in a folder that is not within the clone.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inRoot, run } from '../../scripts/run.mjs'

const quiet = { quiet: true }

/** `{ folder, packed, project, close }`: where it is installed, and what `npm pack` says. */
export async function install() {
  const folder = await mkdtemp(path.join(tmpdir(), 'zarr-wasm-'))
  const answer = await run('npm', ['pack', '--json', '--pack-destination', folder], quiet)
  const [packed] = JSON.parse(answer)
  await writeFile(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  const options = ['--prefer-offline', '--no-audit', '--no-fund']
  await run('npm', ['install', ...options, `./${packed.filename}`], { ...quiet, cwd: folder })
  return { folder, packed, project, close: () => rm(folder, { recursive: true }) }

  /** A project of its own with the files of `projects/`, which import another `entry` if that is given; its folder. */
  async function project(name, entry = 'zarr-wasm') {
    const place = path.join(folder, name)
    await cp(inRoot('tests/package/projects'), place, { recursive: true })
    for (const file of ['read.js', 'program.cjs']) {
      const source = await readFile(path.join(place, file), 'utf8')
      await writeFile(path.join(place, file), source.replace("'zarr-wasm'", `'${entry}'`))
    }
    return place
  }
}
