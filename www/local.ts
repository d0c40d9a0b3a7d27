// Files and folders of the visitor's own, dropped on the page or chosen: nothing of them leaves the browser.
import type { Location, RangeQuery, Store, StoreKind } from 'zarr-wasm'

export interface Local {
  name: string
  location: Location
  store: StoreKind
}

/** The file at a path below a folder. */
type Find = (path: string) => Promise<File | undefined>

/** Null where something else was dropped: text, say. */
export function dropped(transfer: DataTransfer): Local | null {
  const item = [...transfer.items].find(({ kind }) => kind === 'file')
  const entry = item?.webkitGetAsEntry()
  if (entry?.isDirectory) return droppedFolder(entry as FileSystemDirectoryEntry)
  const file = item?.getAsFile()
  return file ? chosenFile(file) : null
}

export function chosenFile(file: File): Local {
  const store = /\.json$/i.test(file.name) ? 'reference' : 'zip'
  return { name: file.name, location: file, store }
}

/** The files of a folder as `<input webkitdirectory>` has them: their paths begin with its name. */
export function chosenFolder(files: Iterable<File>): Local {
  const byPath = new Map([...files].map((file) => [pathWithin(file.webkitRelativePath), file]))
  const [first] = byPath.values()
  const list = async (folder: string) => {
    const below = [...byPath.keys()].filter((path) => path.startsWith(folder))
    return new Set(below.map((path) => path.slice(folder.length).split('/')[0]))
  }
  return {
    name: first.webkitRelativePath.split('/')[0],
    location: storeOf(async (path) => byPath.get(path), list),
    store: 'directory',
  }
}

function droppedFolder(folder: FileSystemDirectoryEntry): Local {
  const find: Find = (path) =>
    new Promise((resolve, reject) => {
      folder.getFile(
        path,
        {},
        (entry) => (entry as FileSystemFileEntry).file(resolve, reject),
        (error) => (isAbsence(error) ? resolve(undefined) : reject(error)),
      )
    })
  const list = async (path: string) => {
    const below = await new Promise<FileSystemDirectoryEntry>((resolve, reject) => {
      if (path === '') resolve(folder)
      else folder.getDirectory(path, {}, (entry) => resolve(entry as FileSystemDirectoryEntry), reject)
    })
    return namesIn(below)
  }
  return { name: folder.name, location: storeOf(find, list), store: 'directory' }
}

/** No such file, or a folder in its place, or where a folder was expected. */
const isAbsence = ({ name }: DOMException) => name === 'NotFoundError' || name === 'TypeMismatchError'

/** A reader answers some of them at a time, and at the end none. */
async function namesIn(folder: FileSystemDirectoryEntry): Promise<string[]> {
  const reader = folder.createReader()
  const names: string[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return names
    names.push(...some.map(({ name }) => name))
  }
}

function storeOf(find: Find, list: (folder: string) => Promise<Iterable<string>>): Store {
  return {
    get: async (key) => (await find(key.slice(1)))?.arrayBuffer(),
    getRange: async (key, range) => {
      const file = await find(key.slice(1))
      return file && partOf(file, range).arrayBuffer()
    },
    listDir: (key) => list(key.slice(1)),
  }
}

function partOf(file: File, range: RangeQuery): Blob {
  if ('suffixLength' in range) return file.slice(Math.max(0, file.size - range.suffixLength))
  return file.slice(range.offset, range.offset + range.length)
}

const pathWithin = (path: string) => path.slice(path.indexOf('/') + 1)
