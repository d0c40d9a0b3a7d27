// A folder as the objects of a server.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** `[key, bytes]` of every file below a folder; keys begin with the prefix. */
export const objectsBelow = (folder, prefix) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name))
    .map((file) => [[prefix, ...path.relative(folder, file).split(path.sep)].join('/'), readFileSync(file)])
