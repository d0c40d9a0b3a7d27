// The golden arrays that real servers serve: some of each layout, because they cost a request or more each.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { groups } from '../node/golden.mjs'
import { objectsBelow } from './folder.mjs'

const GROUPS = ['v2/shape', 'v2/key', 'v2/order-f', 'v2/name', 'v3/shape', 'v3/key', 'v3/shard', 'v3/name']
const NOT_THERE = 'error/no-store'

/** Paths of cases are below it. */
export const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url))

const { cases } = JSON.parse(readFileSync(`${fixtures}/manifest.json`, 'utf8'))

/** `[name, cases]` of each group. */
export const someGroups = [...groups(cases)].filter(([name]) => [...GROUPS, NOT_THERE].includes(name))

/** All objects of these groups: a `Map` from keys with a leading slash to bytes. */
export function someObjects() {
  const folders = someGroups.filter(([name]) => name !== NOT_THERE).flatMap(([, group]) => group)
  return new Map(
    folders.flatMap(({ path: folder }) => objectsBelow(path.join(fixtures, folder), `/${folder}`)),
  )
}
