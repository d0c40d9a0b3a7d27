// References in Parquet files, as kerchunk and fsspec write them: of each array the references of so many chunks in one file,
// a row for each chunk in the order of the chunk grid; all documents of metadata in `.zmetadata`.
//
// A row has `path`, `offset` and `size`, or the bytes themselves, `raw`; of a chunk that is missing it has nothing.
import { documentAt, encodeText, isObject, type Pointer, type References } from './documents.js'
import { exactText } from './exact_text.js'
import { namesBelow } from './names.js'
import { failure } from './source.js'
import type { SourceAt } from './targets.js'

const ARRAY_DOCUMENT = '.zarray'

/** Files that are kept. */
const MAX_KEPT = 16

/** What a file inflates to may have this many bytes, and it this many rows. */
const MAX_BYTES = 256 << 20
const MAX_ROWS = 1 << 24

type Row = Record<string, unknown>

export class ParquetReferences implements References {
  readonly #folder: URL
  /** Of the document of metadata. */
  readonly #name: string
  readonly #sourceAt: SourceAt
  readonly #documents: Map<string, unknown>
  readonly #recordSize: number
  /** How many chunks arrays have along each axis, by their paths with a slash at the end. */
  readonly #grids = new Map<string, number[]>()
  readonly #files = new Map<string, Promise<Row[] | undefined>>()

  static async at(
    folder: URL,
    sourceAt: SourceAt,
    signal: AbortSignal | undefined,
  ): Promise<ParquetReferences> {
    const source = sourceAt(below(folder, '.zmetadata'))
    const document = await documentAt(source, signal)
    return new ParquetReferences(folder, sourceAt, document, source.name)
  }

  private constructor(folder: URL, sourceAt: SourceAt, document: Record<string, unknown>, name: string) {
    this.#folder = folder
    this.#name = name
    this.#sourceAt = sourceAt
    const { metadata, record_size: size } = document
    if (!isObject(metadata)) throw this.#broken('it has no metadata')
    if (!Number.isSafeInteger(size) || Number(size) < 1 || Number(size) > MAX_ROWS)
      throw this.#broken(`record_size is ${JSON.stringify(size)}, expected an integer from 1 to ${MAX_ROWS}`)
    this.#recordSize = Number(size)
    this.#documents = new Map(Object.entries(metadata))
    this.#documents.set('.zmetadata', document)
    for (const [key, array] of this.#documents) {
      if (key === ARRAY_DOCUMENT || key.endsWith(`/${ARRAY_DOCUMENT}`))
        this.#grids.set(key.slice(0, -ARRAY_DOCUMENT.length), this.#grid(key, array))
    }
  }

  async find(key: string): Promise<Uint8Array | Pointer | undefined> {
    const document = this.#documents.get(key)
    if (document !== undefined) return encodeText(exactText(document))
    const place = this.#place(key)
    if (!place) return undefined
    const row = (await this.#rows(place.file))?.[place.row]
    return row && this.#interpreted(row, key)
  }

  names(folder: string): Iterable<string> {
    return namesBelow(folder, this.#documents.keys())
  }

  #broken(message: string) {
    return failure('invalid-metadata', `${this.#name}: ${message}`)
  }

  /** How many chunks an array has along each axis. */
  #grid(key: string, array: unknown): number[] {
    const { shape, chunks } = isObject(array) ? array : {}
    const counts =
      Array.isArray(shape) && Array.isArray(chunks) && shape.length === chunks.length
        ? shape.map((extent, axis) => Math.ceil(extent / chunks[axis]))
        : [Number.NaN]
    if (counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return counts
    throw this.#broken(`${key} has no chunk grid`)
  }

  /** In which file and row the reference of a chunk is. */
  #place(key: string): Place | undefined {
    const names = key.split('/')
    for (let depth = names.length - 1; depth >= 0; depth--) {
      const array = names.slice(0, depth).reduce((path, name) => `${path}${name}/`, '')
      const grid = this.#grids.get(array)
      if (grid) return this.#placeIn(array, grid, names.slice(depth).join('.'))
    }
    return undefined
  }

  #placeIn(array: string, grid: readonly number[], name: string): Place | undefined {
    if (!/^\d+(\.\d+)*$/.test(name)) return undefined
    const coordinates = name.split('.').map(Number)
    // The only chunk of a scalar is called 0.
    const extents = grid.length === 0 ? [1] : grid
    const isInside =
      coordinates.length === extents.length && coordinates.every((at, axis) => at < extents[axis])
    if (!isInside) return undefined
    const index = coordinates.reduce((flat, at, axis) => flat * extents[axis] + at, 0)
    const record = Math.floor(index / this.#recordSize)
    return { file: `${array}refs.${record}.parq`, row: index % this.#recordSize }
  }

  /** The rows of a file. It is read for all who want it, and so whether or not one of them has left. */
  #rows(file: string): Promise<Row[] | undefined> {
    const kept = this.#files.get(file)
    const reading = kept ?? this.#read(file)
    // The one that was used last is the last.
    this.#files.delete(file)
    this.#files.set(file, reading)
    if (!kept) reading.catch(() => this.#files.delete(file))
    const [oldest] = this.#files.keys()
    if (this.#files.size > MAX_KEPT) this.#files.delete(oldest)
    return reading
  }

  async #read(file: string): Promise<Row[] | undefined> {
    const source = this.#sourceAt(below(this.#folder, file))
    const part = await source.read(0, Number.POSITIVE_INFINITY)
    // Where no chunk of a record is there, nobody writes a file.
    if (part === undefined) return undefined
    const [{ parquetMetadata, parquetReadObjects }, { compressors }] = await readers()
    const buffer = part[0].slice().buffer
    try {
      const metadata = parquetMetadata(buffer)
      const inflated = metadata.row_groups.reduce((sum, group) => sum + Number(group.total_byte_size), 0)
      if (inflated > MAX_BYTES || Number(metadata.num_rows) > MAX_ROWS)
        throw new Error(`it has ${metadata.num_rows} rows of ${inflated} bytes`)
      const columns = metadata.schema.map(({ name }) => name).filter((name) => COLUMNS.includes(name))
      const rows: Row[] = await parquetReadObjects({
        file: buffer,
        metadata,
        columns,
        compressors,
        utf8: false,
      })
      return rows
    } catch (cause) {
      throw failure('invalid-metadata', `${source.name} cannot be read: ${cause}`, {}, cause)
    }
  }

  #interpreted({ path, offset, size, raw }: Row, key: string): Uint8Array | Pointer | undefined {
    const bytes = typeof raw === 'string' ? encodeText(raw) : raw
    if (bytes instanceof Uint8Array) return bytes
    if (path === undefined || path === null) return undefined
    const location = path instanceof Uint8Array ? new TextDecoder().decode(path) : path
    const [start, length] = [offset ?? 0, size ?? 0].map(Number)
    if (
      typeof location !== 'string' ||
      !(start >= 0) ||
      !(length >= 0) ||
      !Number.isSafeInteger(start + length)
    )
      throw this.#broken(`the row of ${key} has the path ${path}, offset ${offset} and size ${size}`)
    return start === 0 && length === 0 ? { location, offset: 0 } : { location, offset: start, length }
  }
}

const COLUMNS = ['path', 'offset', 'size', 'raw']

interface Place {
  file: string
  row: number
}

const below = (folder: URL, path: string): URL => {
  const url = new URL(folder)
  url.pathname = `${folder.pathname.replace(/\/+$/, '')}/${path.split('/').map(encodeURIComponent).join('/')}`
  return url
}

/** The packages that read Parquet, which are of no use to anything else. */
const readers = () =>
  Promise.all([import('hyparquet'), import('hyparquet-compressors')]).catch((cause) => {
    const message =
      'references in Parquet need the packages hyparquet and hyparquet-compressors, which did not load'
    throw failure('unsupported', message, {}, cause)
  })
