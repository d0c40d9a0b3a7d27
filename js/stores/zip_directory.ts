// The directory of a zip archive (PKWARE's APPNOTE.TXT 6.3.10): what is in it and where.
//
// An archive ends with its end record (section 4.3.16), which says where the central directory is (4.3.12); where numbers
// do not fit, a ZIP64 record before it does (4.3.14). All of it is checked before anything is read: that records end where
// the directory ends, that there are as many as promised, and that no entry overlaps another or the directory.
import { crc32 } from './crc32.js'
import { bytesOf, failure, type Source } from './source.js'

const END_SIGNATURE = 0x06054b50
const END_LENGTH = 22
const MAX_COMMENT = 0xffff
const LOCATOR_SIGNATURE = 0x07064b50
const LOCATOR_LENGTH = 20
const END64_SIGNATURE = 0x06064b50
const END64_LENGTH = 56
const RECORD_SIGNATURE = 0x02014b50
const RECORD_LENGTH = 46
export const LOCAL_LENGTH = 30

/** In place of a number that a ZIP64 record or field has (sections 4.4.1.4 and 4.5.3). */
const ELSEWHERE_16 = 0xffff
const ELSEWHERE_32 = 0xffffffff
const ZIP64_FIELD = 0x0001

/** Of names in UTF-8 (section 4.4.4). */
const UTF8_FLAG = 1 << 11
/** A name in UTF-8, of Info-ZIP (section 4.6.9). */
const UNICODE_PATH_FIELD = 0x7075

export interface Entry {
  name: string
  /** Its name as it stands in the archive. */
  rawName: Uint8Array
  flags: number
  method: number
  crc: number
  compressedLength: number
  length: number
  /** Where its local header is. */
  start: number
  /** Where the next entry or the directory begins: it ends before. */
  limit: number
  /** Length of the fields of its record; that of its local header may be another. */
  extraLength: number
}

export class Directory {
  readonly #bytes: DataView
  readonly #name: string
  /** Bytes that stand before the archive. */
  readonly #shift: number
  /** Where the record of each entry begins. */
  readonly #records = new Map<string, number>()
  /** Where all entries begin, and at last the directory. */
  readonly #starts: Float64Array

  /** Reads the directory of an archive that has `length` bytes. */
  static async of(source: Source, signal?: AbortSignal): Promise<Directory> {
    const { start, stop, count, shift } = await place(source, signal)
    const bytes = await bytesOf(source, start, stop, signal)
    return new Directory(source.name, bytes, start, shift, count)
  }

  private constructor(name: string, bytes: Uint8Array, start: number, shift: number, count: number) {
    this.#name = name
    this.#bytes = viewOf(bytes)
    this.#shift = shift
    const starts: number[] = []
    const ends: number[] = []
    let at = 0
    for (; at < bytes.length; at += this.#recordLength(at)) {
      const entry = this.#entry(at)
      starts.push(entry.start)
      ends.push(entry.start + LOCAL_LENGTH + entry.rawName.length + entry.compressedLength)
      // Whoever writes an object again appends it: the last one counts.
      if (!entry.name.endsWith('/')) this.#records.set(entry.name, at)
    }
    // Some writers count modulo 2^16.
    if (starts.length !== count && (count > ELSEWHERE_16 || starts.length % (ELSEWHERE_16 + 1) !== count))
      throw this.#broken(`its directory has ${starts.length} entries, expected ${count}`)
    this.#starts = checkedStarts(starts, ends, start, (message) => this.#broken(message))
  }

  names(): IterableIterator<string> {
    return this.#records.keys()
  }

  find(name: string): Entry | undefined {
    const at = this.#records.get(name)
    if (at === undefined) return undefined
    const entry = this.#entry(at)
    entry.limit = following(this.#starts, entry.start)
    return entry
  }

  #broken(message: string) {
    return failure('store', `${this.#name} is not a valid zip archive: ${message}`)
  }

  #recordLength(at: number): number {
    const view = this.#bytes
    const lengths =
      view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
    return RECORD_LENGTH + lengths
  }

  #entry(at: number): Entry {
    const view = this.#bytes
    const isWhole = at + RECORD_LENGTH <= view.byteLength && at + this.#recordLength(at) <= view.byteLength
    if (!isWhole || view.getUint32(at, true) !== RECORD_SIGNATURE)
      throw this.#broken(`its directory has no record at byte ${at}`)
    const nameLength = view.getUint16(at + 28, true)
    const extraLength = view.getUint16(at + 30, true)
    const rawName = bytesAt(view, at + RECORD_LENGTH, nameLength)
    const extra = bytesAt(view, at + RECORD_LENGTH + nameLength, extraLength)
    const flags = view.getUint16(at + 8, true)
    const entry: Entry = {
      name: nameOf(rawName, flags, extra),
      rawName,
      flags,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      compressedLength: view.getUint32(at + 20, true),
      length: view.getUint32(at + 24, true),
      start: view.getUint32(at + 42, true),
      limit: 0,
      extraLength,
    }
    this.#widen(entry, extra)
    entry.start += this.#shift
    return entry
  }

  /** Numbers that do not fit into 32 bits stand in a field, in this order. */
  #widen(entry: Entry, extra: Uint8Array): void {
    const members = (['length', 'compressedLength', 'start'] as const).filter(
      (member) => entry[member] === ELSEWHERE_32,
    )
    if (members.length === 0) return
    const field = fieldOf(extra, ZIP64_FIELD)
    if (!field || field.length < 8 * members.length)
      throw this.#broken(`${entry.name} has no ZIP64 field for its numbers`)
    const numbers = viewOf(field)
    for (const [i, member] of members.entries()) entry[member] = this.#number(numbers, 8 * i)
  }

  #number(view: DataView, at: number): number {
    const number = wideNumber(view, at)
    if (number === undefined) throw this.#broken('a number in it is beyond 2^53')
    return number
  }
}

interface Place {
  start: number
  stop: number
  count: number
  shift: number
}

/** Where the directory is. */
async function place(source: Source, signal: AbortSignal | undefined): Promise<Place> {
  const broken = (message: string) =>
    failure('store', `${source.name} is not a valid zip archive: ${message}`)
  const end = await endRecord(source, broken, signal)
  const { view, offset } = end
  const found = {
    disk: view.getUint16(4, true),
    count: view.getUint16(10, true),
    length: view.getUint32(12, true),
    start: view.getUint32(16, true),
  }
  let stop = offset
  // Some writers add the wide record to numbers that fit: then the directory does not end at the end record.
  const mayBeWide = found.count === ELSEWHERE_16 || found.start + found.length !== offset
  const wide = mayBeWide ? await wideRecord(source, offset, broken, signal) : undefined
  if (wide) {
    Object.assign(found, wide)
    stop = wide.offset
  }
  if (found.disk !== 0 && found.disk !== ELSEWHERE_16)
    throw failure('unsupported', `${source.name} is one of several parts of a zip archive`)
  const start = stop - found.length
  const shift = start - found.start
  // What stands before an archive, such as a program that unpacks it, moves all of it.
  if (start < 0 || shift < 0 || (wide && shift !== 0))
    throw broken(`its directory of ${found.length} bytes at ${found.start} does not end at ${stop}`)
  return { start, stop, count: found.count, shift }
}

type Broken = (message: string) => unknown

/** The last record, whose comment ends where the archive ends. */
async function endRecord(
  source: Source,
  broken: Broken,
  signal: AbortSignal | undefined,
): Promise<{ view: DataView; offset: number }> {
  const part = await source.read(-END_LENGTH, Number.POSITIVE_INFINITY, signal)
  if (part === undefined) throw failure('not-found', `there is no archive ${source.name}`)
  const [bytes, length] = part
  if (Number.isNaN(length)) throw failure('store', `${source.name}: its server does not say how long it is`)
  if (bytes.length < END_LENGTH) throw broken(`it has ${length} bytes`)
  const isEnd = (view: DataView) => view.getUint32(0, true) === END_SIGNATURE
  const view = viewOf(bytes)
  if (isEnd(view) && view.getUint16(20, true) === 0) return { view, offset: length - END_LENGTH }
  const start = Math.max(0, length - END_LENGTH - MAX_COMMENT)
  const tail = viewOf(await bytesOf(source, start, length, signal))
  for (let at = tail.byteLength - END_LENGTH; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END_SIGNATURE) continue
    if (at + END_LENGTH + tail.getUint16(at + 20, true) !== tail.byteLength) continue
    return { view: viewOf(bytesAt(tail, at, END_LENGTH)), offset: start + at }
  }
  throw broken('it does not end with an end record: perhaps it is cut off')
}

/** The numbers of the ZIP64 record, if there is one. */
async function wideRecord(source: Source, end: number, broken: Broken, signal: AbortSignal | undefined) {
  if (end < LOCATOR_LENGTH + END64_LENGTH) return undefined
  const locator = viewOf(await bytesOf(source, end - LOCATOR_LENGTH, end, signal))
  if (locator.getUint32(0, true) !== LOCATOR_SIGNATURE) return undefined
  const offset = wideNumber(locator, 8)
  if (offset === undefined || offset + END64_LENGTH > end - LOCATOR_LENGTH)
    throw broken('its ZIP64 record is not before its locator')
  const view = viewOf(await bytesOf(source, offset, offset + END64_LENGTH, signal))
  const [count, length, start] = [32, 40, 48].map((at) => wideNumber(view, at))
  if (view.getUint32(0, true) !== END64_SIGNATURE) throw broken(`there is no ZIP64 record at byte ${offset}`)
  if (count === undefined || length === undefined || start === undefined)
    throw broken('a number in it is beyond 2^53')
  return { offset, count, length, start, disk: view.getUint32(16, true) }
}

/** Where entries begin, in order, and at last the directory: none reaches into the next. */
function checkedStarts(
  starts: readonly number[],
  ends: readonly number[],
  directory: number,
  broken: Broken,
): Float64Array {
  const order = Uint32Array.from(starts.keys()).sort((a, b) => starts[a] - starts[b])
  const sorted = new Float64Array(starts.length + 1).fill(directory)
  let end = 0
  for (const [i, at] of order.entries()) {
    if (starts[at] < end) throw broken(`two entries overlap at byte ${starts[at]}`)
    end = ends[at]
    sorted[i] = starts[at]
  }
  if (end > directory)
    throw broken(`an entry ends at byte ${end}, in its directory, which begins at ${directory}`)
  return sorted
}

/** The first of the sorted numbers that is greater. */
function following(sorted: Float64Array, number: number): number {
  let [low, high] = [0, sorted.length - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle] > number) high = middle
    else low = middle + 1
  }
  return sorted[high]
}

function wideNumber(view: DataView, at: number): number | undefined {
  const number = view.getUint32(at, true) + 2 ** 32 * view.getUint32(at + 4, true)
  return Number.isSafeInteger(number) ? number : undefined
}

/** What an extra field has (section 4.5.1). */
function fieldOf(extra: Uint8Array, id: number): Uint8Array | undefined {
  const view = viewOf(extra)
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    const stop = at + 4 + view.getUint16(at + 2, true)
    if (view.getUint16(at, true) === id && stop <= extra.length) return extra.subarray(at + 4, stop)
  }
  return undefined
}

const utf8 = new TextDecoder()

/** The upper half of code page 437, in which names are that do not say otherwise (appendix D). */
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0'

function nameOf(raw: Uint8Array, flags: number, extra: Uint8Array): string {
  if (flags & UTF8_FLAG || raw.every((byte) => byte < 128)) return utf8.decode(raw)
  // A version and the checksum of the other name stand before it.
  const unicode = fieldOf(extra, UNICODE_PATH_FIELD)
  if (unicode && unicode.length > 5 && viewOf(unicode).getUint32(1, true) === crc32(raw))
    return utf8.decode(unicode.subarray(5))
  return Array.from(raw, (byte) => (byte < 128 ? String.fromCharCode(byte) : CP437[byte - 128])).join('')
}

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const bytesAt = (view: DataView, at: number, length: number): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + at, length)
