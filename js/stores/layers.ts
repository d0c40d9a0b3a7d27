// Which store a location is: objects by their keys, an archive of them, or references to them.
import type { Location } from '../open.js'
import type { Store, StoreKind } from '../types.js'
import type { StoreHandle } from '../wasm/zarr_wasm.js'
import { merged } from './merged.js'
import { openReference } from './reference.js'
import { blobSource, failure, located, type Source, shownUrl } from './source.js'
import { openZip } from './zip.js'

/** Reads files: js/stores/node_files.ts. */
export interface Files {
  /** The store that a folder is. */
  storeOf(folder: string): Store
  sourceOf(file: string): Source
  isFolder(place: string): Promise<boolean>
  /** The path that a URL, or a path, stands for, and its URL. */
  pathOf(location: string | URL): string
  urlOf(file: string): URL
}

/** What is needed of the library. */
export interface Surroundings {
  /** What reads at a URL. */
  at(url: URL): StoreHandle
  /** The URL of a text. */
  resolve(location: string | URL): URL
  /** What reads files, where there are any and the location is one of them. */
  files: Files | undefined
}

export interface Layer {
  store: Store
  /** What a person may look for. */
  name: string
}

const KINDS = [undefined, 'directory', 'zip', 'reference']

/** The store at a location; `undefined` where it is a folder of objects, for which no layer is needed. */
export async function layered(
  location: Location,
  wanted: StoreKind | undefined,
  surroundings: Surroundings,
  signal: AbortSignal | undefined,
): Promise<Layer | undefined> {
  if (!KINDS.includes(wanted)) {
    const found = typeof wanted === 'string' ? JSON.stringify(wanted) : String(wanted)
    throw failure('invalid-argument', `store is ${found}, expected "directory", "zip" or "reference"`)
  }
  if (location instanceof Blob) return ofBlob(location, wanted ?? 'zip', surroundings, signal)
  if (typeof location !== 'string' && !(location instanceof URL)) {
    if (wanted === 'directory') return undefined
    const message = `store is "${wanted}", for which the location must be a URL, a path or a Blob`
    throw failure('invalid-argument', message)
  }
  const { files } = surroundings
  const file = files?.pathOf(location)
  const kind = wanted ?? (await recognised(file ?? withoutQuery(location), file, surroundings))
  if (kind === 'directory')
    return files && file !== undefined ? { store: files.storeOf(file), name: file } : undefined
  const url = files && file !== undefined ? files.urlOf(file) : surroundings.resolve(location)
  const sourceAt = sources(surroundings)
  const name = file ?? shownUrl(url)
  if (kind === 'zip') return { store: await zip(sourceAt(url), signal), name }
  return { store: await openReference(url, sourceAt, signal), name }
}

const withoutQuery = (location: string | URL) => String(location).replace(/[?#].*$/s, '')

/** By the ending of its name; a folder in the file system is what it is. */
async function recognised(
  name: string,
  file: string | undefined,
  { files }: Surroundings,
): Promise<StoreKind> {
  if (/\.(parq|parquet)\/?$/i.test(name)) return 'reference'
  const kind = /\.(zip|ozx)$/i.test(name) ? 'zip' : /\.json$/i.test(name) ? 'reference' : 'directory'
  return file !== undefined && (await files?.isFolder(file)) ? 'directory' : kind
}

async function ofBlob(
  blob: Blob,
  kind: StoreKind,
  surroundings: Surroundings,
  signal: AbortSignal | undefined,
): Promise<Layer> {
  const source = blobSource(blob)
  const { name } = source
  if (kind === 'zip') return { store: await zip(source, signal), name }
  if (kind === 'directory') throw failure('invalid-argument', `${name} is one file, and no directory`)
  // Nothing is relative to it.
  const base = new URL('about:blank')
  const others = sources(surroundings)
  return { store: await openReference(base, (url) => (url === base ? source : others(url)), signal), name }
}

const zip = (source: Source, signal: AbortSignal | undefined) => openZip(merged(source), signal)

/** What reads one object at a URL, in the file system too. */
const sources =
  ({ at, files, resolve }: Surroundings) =>
  (url: URL): Source => {
    if (files && url.protocol === 'file:') return files.sourceOf(files.pathOf(url))
    const { name, handle } = addressed(url, resolve, at)
    const refused = (thrown: unknown) => {
      throw located(thrown, { url: name })
    }
    return { name, read: (start, stop, signal) => handle.get('', start, stop, signal).catch(refused) }
  }

/** What is wrong with a URL is said in the form in which errors of these stores are thrown. */
function addressed(url: URL, resolve: Surroundings['resolve'], at: Surroundings['at']) {
  try {
    return { name: shownUrl(resolve(url)), handle: at(url) }
  } catch (thrown) {
    throw thrown instanceof Error ? { ...thrown, zarrError: true, message: thrown.message } : thrown
  }
}
