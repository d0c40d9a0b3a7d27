// A zip archive as a store: its entries are the objects, stored as they are or deflated.
//
// 1. The directory is read once (zip_directory.ts).
// 2. All of an object is one request: its local header, its name and its bytes lie together. The header is compared with
//    the directory, the bytes with their checksum.
// 3. Of an entry that is stored, parts are read without the rest. Where its bytes begin only its local header says: it is
//    read along with the first part, which is read again if it was not where it was supposed to be.
import type { RangeOptions, RangeQuery, Store } from '../types.js'
import { crc32 } from './crc32.js'
import { inflated } from './inflate.js'
import { namesBelow } from './names.js'
import { bytesOf, failure, type Source } from './source.js'
import { Directory, type Entry, LOCAL_LENGTH, viewOf } from './zip_directory.js'

const LOCAL_SIGNATURE = 0x04034b50
const STORED = 0
const DEFLATED = 8
const METHODS: Record<number, string> = { 9: 'deflate64', 12: 'bzip2', 14: 'lzma', 93: 'zstd', 95: 'xz' }

/** APPNOTE.TXT, section 4.4.4: encrypted, patched, strongly encrypted, with masked headers. */
const UNREADABLE_FLAGS = (1 << 0) | (1 << 5) | (1 << 6) | (1 << 13)
/** Checksum and lengths stand behind the bytes. */
const DESCRIPTOR_FLAG = 1 << 3

/** Bytes of fields that a local header may have beyond those in the directory: most have as many. */
const SPARE = 64

/** No deflated byte becomes more (RFC 1951: 258 bytes take two bits). */
const MOST_INFLATED = 1032

/** A whole object may have this many bytes; a document, which costs many times its length, this many. */
const MOST_WHOLE = 512 << 20
const MOST_DOCUMENT = 64 << 20
const DOCUMENT = /(^|\/)(zarr\.json|\.zarray|\.zgroup|\.zattrs|\.zmetadata)$/

/** Inflated entries that parts are wanted of are kept, up to this many bytes, and the last one however large it is. */
const MAX_KEPT = 64 << 20

export async function openZip(source: Source, signal?: AbortSignal): Promise<Store> {
  return new ZipStore(source, await Directory.of(source, signal))
}

class ZipStore implements Store {
  readonly #source: Source
  readonly #directory: Directory
  /** Where the bytes of entries begin that were looked at. */
  readonly #places = new Map<string, number>()
  /** By how much fields of local headers were longer than in the directory, the last time. */
  #surplus = 0
  #kept = new Map<string, Promise<Uint8Array>>()
  #keptLength = 0

  constructor(source: Source, directory: Directory) {
    this.#source = source
    this.#directory = directory
  }

  async get(key: string, { signal }: RangeOptions = {}): Promise<Uint8Array | undefined> {
    const entry = this.#find(key)
    return entry && this.#whole(entry, signal)
  }

  async getRange(
    key: string,
    range: RangeQuery,
    { signal }: RangeOptions = {},
  ): Promise<Uint8Array | undefined> {
    const entry = this.#find(key)
    if (!entry) return undefined
    const { length } = entry
    const start = 'offset' in range ? range.offset : length - range.suffixLength
    const stop = 'offset' in range ? range.offset + range.length : length
    if (start < 0 || stop > length) {
      const message = `bytes ${start}..${stop} were asked for, ${entry.name} has ${length}`
      throw failure('corrupt-chunk', message)
    }
    if (entry.method === STORED) return this.#part(entry, start, stop, signal)
    return (await this.#inflatedOnce(entry)).subarray(start, stop)
  }

  listDir(key: string): Iterable<string> {
    return namesBelow(key.slice(1), this.#directory.names())
  }

  #find(key: string): Entry | undefined {
    const entry = this.#directory.find(key.slice(1))
    if (!entry) return undefined
    const { name, flags, method, compressedLength, length } = entry
    if (flags & UNREADABLE_FLAGS)
      throw failure('unsupported', `${name} is encrypted or patched in the archive`)
    if (method !== STORED && method !== DEFLATED) {
      const shown = METHODS[method] ?? `method ${method}`
      const message = `${name} is compressed by ${shown} in the archive, expected none or deflate`
      throw failure('unsupported', message)
    }
    if (method === STORED && compressedLength !== length) {
      const message = `${name} is stored in ${compressedLength} bytes, expected the ${length} that it has`
      throw failure('corrupt-chunk', message)
    }
    if (length > compressedLength * MOST_INFLATED) {
      throw failure('corrupt-chunk', `${name} cannot inflate from ${compressedLength} bytes to ${length}`)
    }
    return entry
  }

  async #whole(entry: Entry, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const { name, start, limit, rawName, extraLength, method, length, compressedLength } = entry
    const most = DOCUMENT.test(name) ? MOST_DOCUMENT : MOST_WHOLE
    if (length > most) {
      throw failure('corrupt-chunk', `${name} has ${length} bytes, more than the ${most} that it can have`)
    }
    const head = LOCAL_LENGTH + rawName.length
    const read = Math.min(limit, start + head + extraLength + SPARE + compressedLength)
    const bytes = await bytesOf(this.#source, start, read, signal)
    const begin = this.#checked(entry, bytes) - start
    const end = begin + compressedLength
    const compressed =
      end <= bytes.length
        ? bytes.subarray(begin, end)
        : await bytesOf(this.#source, start + begin, start + end, signal)
    const whole = method === STORED ? compressed : await inflated(compressed, length, name)
    const crc = crc32(whole)
    if (crc === entry.crc) return whole
    const [found, expected] = [crc, entry.crc].map((sum) => sum.toString(16).padStart(8, '0'))
    throw failure('corrupt-chunk', `${name} has the checksum ${found} (CRC-32), expected ${expected}`)
  }

  async #part(
    entry: Entry,
    start: number,
    stop: number,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    const read = (place: number) => {
      if (place + entry.length > entry.limit) throw reaches(entry, place)
      return bytesOf(this.#source, place + start, place + stop, signal)
    }
    const place = this.#places.get(entry.name)
    if (place !== undefined) return read(place)
    const head = entry.start + LOCAL_LENGTH + entry.rawName.length
    const supposed = Math.min(
      head + Math.max(0, entry.extraLength + this.#surplus),
      entry.limit - entry.length,
    )
    const [header, bytes] = await Promise.all([
      bytesOf(this.#source, entry.start, head, signal),
      read(supposed),
    ])
    const found = this.#checked(entry, header)
    return found === supposed ? bytes : read(found)
  }

  /** Where the bytes of the entry begin, if its local header says what the directory says. */
  #checked(entry: Entry, bytes: Uint8Array): number {
    const view = viewOf(bytes)
    const { name, rawName, flags, method, crc, compressedLength, length, start } = entry
    const refuse = (what: string) =>
      failure('corrupt-chunk', `${name}: the header at byte ${start} of the archive ${what}`)
    if (view.getUint32(0, true) !== LOCAL_SIGNATURE) throw refuse('is none')
    const nameLength = view.getUint16(26, true)
    const isSame =
      nameLength === rawName.length && rawName.every((byte, i) => byte === bytes[LOCAL_LENGTH + i])
    if (!isSame) throw refuse('has another name')
    if (view.getUint16(8, true) !== method) throw refuse('has another method')
    if (!(view.getUint16(6, true) & flags & DESCRIPTOR_FLAG)) {
      // Lengths that do not fit stand in a field, as in the directory.
      const differs = (at: number, expected: number) =>
        ![expected, 0xffffffff].includes(view.getUint32(at, true))
      if (view.getUint32(14, true) !== crc) throw refuse('has another checksum')
      if (differs(18, compressedLength) || differs(22, length)) throw refuse('has other lengths')
    }
    const extraLength = view.getUint16(28, true)
    this.#surplus = extraLength - entry.extraLength
    const place = start + LOCAL_LENGTH + nameLength + extraLength
    if (place + compressedLength > entry.limit) throw reaches(entry, place)
    this.#places.set(name, place)
    return place
  }

  /** Many parts of it may be wanted, one after the other. */
  #inflatedOnce(entry: Entry): Promise<Uint8Array> {
    const kept = this.#kept.get(entry.name)
    if (kept) return kept
    if (this.#keptLength + entry.length > MAX_KEPT) {
      this.#kept = new Map()
      this.#keptLength = 0
    }
    const inflating = this.#whole(entry, undefined)
    this.#kept.set(entry.name, inflating)
    this.#keptLength += entry.length
    const kepts = this.#kept
    inflating.catch(() => kepts.delete(entry.name))
    return inflating
  }
}

const reaches = ({ name, compressedLength, limit }: Entry, place: number) =>
  failure(
    'corrupt-chunk',
    `${name} has ${compressedLength} bytes from byte ${place} of the archive, expected its end before ${limit}`,
  )
