// What is measured against, from npm, as package-lock.json pins it; and the versions of all.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { run, step } from '../scripts/run.mjs'

const inBench = (file) => new URL(file, import.meta.url)
const INSTALLED = inBench('node_modules/.package-lock.json')

/** Whether the peers are there, as pinned. */
export const hasPeers = () =>
  existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync(inBench('package-lock.json')).mtimeMs

/** Installs the peers unless they are there; without a network the bench goes on without them. */
export async function installPeers() {
  if (hasPeers()) return
  const args = ['ci', '--no-audit', '--no-fund', '--ignore-scripts']
  const cwd = new URL('.', import.meta.url)
  await step('npm ci in bench/', () => run('npm', args, { cwd, quiet: true })).catch((error) =>
    console.warn(`${error.message}\nThe peers cannot be installed: zarr-wasm is measured alone.`),
  )
}

const versionIn = (file) => JSON.parse(readFileSync(inBench(file), 'utf8')).version

/** `zarrita 1.2.3` for each of the peers among these names, and zarr-wasm. */
export function versions(names) {
  const peers = names.filter((name) => existsSync(inBench(`node_modules/${folderOf(name)}/package.json`)))
  return [
    `zarr-wasm ${versionIn('../package.json')}`,
    ...peers.map((name) => `${name} ${versionIn(`node_modules/${folderOf(name)}/package.json`)}`),
  ]
}

const folderOf = (name) => (name === 'fizarrita' ? '@fideus-labs/fizarrita' : name)
