// What the package is tried with: bundlers and runtimes that set-up has installed in the tools folder.

import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { consumerModules } from '../../scripts/setup.mjs'

const folder = consumerModules()
const require = createRequire(path.join(folder, 'from-here.js'))

/** Where the entry of one of these packages is. */
export const modulePath = (name) => require.resolve(name)

/** Imports one of these packages. */
export const load = (name) => import(pathToFileURL(modulePath(name)).href)

export const version = (name) => require(path.join(folder, name, 'package.json')).version

/** A program that npm has as a package for each platform, of which only the fitting one is installed. */
export function program(scope, ...names) {
  const files = readdirSync(path.join(folder, scope)).flatMap((platform) =>
    names.map((name) => path.join(folder, scope, platform, name)),
  )
  const found = files.find((file) => existsSync(file))
  if (!found) throw new Error(`there is no ${names[0]} in ${scope} for this platform`)
  return found
}
