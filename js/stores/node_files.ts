// What is in the file system, in Node.
import { open, readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { RangeOptions, RangeQuery, Store } from '../types.js'
import { failure, type Part, type Source } from './source.js'

/** A folder, whose files are the objects. */
class FolderStore implements Store {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  get(key: string, { signal }: RangeOptions = {}): Promise<Uint8Array | undefined> {
    return unlessMissing(readFile(this.#path(key), signal ? { signal } : {}))
  }

  async getRange(key: string, range: RangeQuery): Promise<Uint8Array | undefined> {
    const [start, stop] =
      'offset' in range
        ? [range.offset, range.offset + range.length]
        : [-range.suffixLength, Number.POSITIVE_INFINITY]
    const part = await readPart(this.#path(key), start, stop)
    return part?.[0]
  }

  async listDir(key: string): Promise<string[]> {
    const entries = await unlessMissing(readdir(this.#path(key)))
    return entries ?? []
  }

  #path(key: string): string {
    const names = key.split('/').filter((name) => name !== '')
    if (names.includes('..')) throw failure('invalid-argument', `the key ${key} leads out of its folder`)
    return path.join(this.#folder, ...names)
  }
}

export const storeOf = (folder: string): Store => new FolderStore(folder)

export const sourceOf = (file: string): Source => ({
  name: file,
  read: (start, stop) => readPart(file, start, stop),
})

export const pathOf = (location: string | URL): string =>
  location instanceof URL || /^file:/i.test(location) ? fileURLToPath(location) : path.resolve(location)

export const urlOf = (file: string): URL => pathToFileURL(file)

export const isFolder = async (place: string): Promise<boolean> =>
  (await unlessMissing(stat(place)))?.isDirectory() ?? false

const readPart = (file: string, start: number, stop: number): Promise<Part | undefined> =>
  unlessMissing(readOpened(file, start, stop))

async function readOpened(file: string, start: number, stop: number): Promise<Part> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const first = start < 0 ? Math.max(0, size + start) : start
    const bytes = new Uint8Array(Math.max(0, Math.min(stop, size) - first))
    let count = 0
    while (count < bytes.length) {
      const { bytesRead } = await handle.read(bytes, count, bytes.length - count, first + count)
      if (bytesRead === 0) break
      count += bytesRead
    }
    return [bytes.subarray(0, count), size]
  } finally {
    await handle.close()
  }
}

/** A file that is not there, a folder in its place or a file in the place of a folder: there is no such object. */
async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && MISSING.has(error.code)
    if (isMissing) return undefined
    throw error
  }
}

const MISSING = new Set<unknown>(['ENOENT', 'ENOTDIR', 'EISDIR'])
