// Zip archives made for a test, byte by byte, so that anything in them can be wrong.
import { crc32, deflateRawSync } from 'node:zlib'

/** Where numbers stand elsewhere. */
const ELSEWHERE = 0xffffffff

/**
 * An archive of a `Map` from store keys, with a leading slash, to bytes.
 *
 * Of all entries: `deflate`; `descriptor`, lengths behind the bytes; `wide`, numbers in ZIP64 fields, with `fits` in the end
 * record, too; `extra`, bytes that only local headers have; `gap` bytes before each. `change` is given each entry before
 * it is written, and may make its record (`central`) and its header (`local`) say what is not so. Of the archive: `before`
 * and `comment`, bytes around it; `end`, numbers of the end record.
 */
export function zipOf(objects, options = {}) {
  const { before = new Uint8Array(0), comment = new Uint8Array(0), end = {}, wide = false } = options
  const parts = []
  const records = []
  let at = 0
  const add = (bytes) => {
    parts.push(bytes)
    at += bytes.length
  }
  for (const [key, bytes] of objects) {
    add(new Uint8Array(options.gap ?? 0))
    const entry = entryOf(key, bytes, at, options)
    options.change?.(entry)
    add(header(entry, options))
    add(entry.data)
    if (options.descriptor) add(descriptor(entry.central, wide))
    records.push(record(entry, wide))
  }
  const start = at
  for (const bytes of records) add(bytes)
  const numbers = { count: records.length, length: at - start, start, ...end }
  if (wide) add(wideEnd(numbers, at))
  const isElsewhere = wide && !options.fits
  add(endRecord(isElsewhere ? { count: 0xffff, length: ELSEWHERE, start: ELSEWHERE } : numbers, comment))
  return Buffer.concat([before, ...parts])
}

function entryOf(key, bytes, start, { deflate = false, descriptor = false }) {
  const data = deflate ? deflateRawSync(bytes) : bytes
  const name = Buffer.from(key.slice(1))
  const said = {
    name,
    flags: descriptor ? 8 : 0,
    method: deflate ? 8 : 0,
    crc: crc32(bytes),
    compressedLength: data.length,
    length: bytes.length,
  }
  return { data, local: { ...said }, central: { ...said, start, extra: Buffer.alloc(0) } }
}

function header({ local }, { descriptor = false, wide = false, ...options }) {
  const {
    name,
    flags,
    method,
    crc,
    compressedLength,
    length,
    extra = options.extra ?? Buffer.alloc(0),
  } = local
  const isElsewhere = descriptor || wide
  const fields = wide
    ? Buffer.concat([wideField(descriptor ? [0, 0] : [length, compressedLength]), extra])
    : extra
  const bytes = Buffer.alloc(30)
  bytes.writeUInt32LE(local.signature ?? 0x04034b50, 0)
  bytes.writeUInt16LE(flags, 6)
  bytes.writeUInt16LE(method, 8)
  bytes.writeUInt32LE(descriptor ? 0 : crc, 14)
  bytes.writeUInt32LE(wide ? ELSEWHERE : isElsewhere ? 0 : compressedLength, 18)
  bytes.writeUInt32LE(wide ? ELSEWHERE : isElsewhere ? 0 : length, 22)
  bytes.writeUInt16LE(name.length, 26)
  bytes.writeUInt16LE(local.extraLength ?? fields.length, 28)
  return Buffer.concat([bytes, name, fields])
}

function record({ central }, wide) {
  const { name, flags, method, crc, compressedLength, length, start, extra } = central
  const fields = wide ? Buffer.concat([wideField([length, compressedLength, start]), extra]) : extra
  const bytes = Buffer.alloc(46)
  bytes.writeUInt32LE(0x02014b50, 0)
  bytes.writeUInt16LE(flags, 8)
  bytes.writeUInt16LE(method, 10)
  bytes.writeUInt32LE(crc, 16)
  bytes.writeUInt32LE(wide ? ELSEWHERE : compressedLength, 20)
  bytes.writeUInt32LE(wide ? ELSEWHERE : length, 24)
  bytes.writeUInt16LE(name.length, 28)
  bytes.writeUInt16LE(fields.length, 30)
  bytes.writeUInt32LE(wide ? ELSEWHERE : start, 42)
  return Buffer.concat([bytes, name, fields])
}

function descriptor({ crc, compressedLength, length }, wide) {
  const bytes = Buffer.alloc(wide ? 24 : 16)
  bytes.writeUInt32LE(0x08074b50, 0)
  bytes.writeUInt32LE(crc, 4)
  if (wide) {
    bytes.writeBigUInt64LE(BigInt(compressedLength), 8)
    bytes.writeBigUInt64LE(BigInt(length), 16)
  } else {
    bytes.writeUInt32LE(compressedLength, 8)
    bytes.writeUInt32LE(length, 12)
  }
  return bytes
}

export function wideField(numbers) {
  const bytes = Buffer.alloc(4 + 8 * numbers.length)
  bytes.writeUInt16LE(1, 0)
  bytes.writeUInt16LE(8 * numbers.length, 2)
  for (const [i, number] of numbers.entries()) bytes.writeBigUInt64LE(BigInt(number), 4 + 8 * i)
  return bytes
}

/** The ZIP64 record, and where it is. */
function wideEnd({ count, length, start, place }, at) {
  const bytes = Buffer.alloc(56 + 20)
  bytes.writeUInt32LE(0x06064b50, 0)
  bytes.writeBigUInt64LE(44n, 4)
  for (const [offset, number] of [
    [24, count],
    [32, count],
    [40, length],
    [48, start],
  ])
    bytes.writeBigUInt64LE(BigInt(number), offset)
  bytes.writeUInt32LE(0x07064b50, 56)
  bytes.writeBigUInt64LE(BigInt(place ?? at), 56 + 8)
  bytes.writeUInt32LE(1, 56 + 16)
  return bytes
}

function endRecord({ count, length, start, disk = 0, commentLength }, comment) {
  const bytes = Buffer.alloc(22)
  bytes.writeUInt32LE(0x06054b50, 0)
  bytes.writeUInt16LE(disk, 4)
  bytes.writeUInt16LE(count, 8)
  bytes.writeUInt16LE(count, 10)
  bytes.writeUInt32LE(length, 12)
  bytes.writeUInt32LE(start, 16)
  bytes.writeUInt16LE(commentLength ?? comment.length, 20)
  return Buffer.concat([bytes, comment])
}
