// NumPy's file format, version 1.0 (numpy.lib.format): magic, version, a header in Python, the elements in C order.
import { type AsType, type DataType, ZarrError } from '../../node.js'
import type { Result } from '../get.js'
import { raw } from './raw.js'

const MAGIC = [0x93, ...Buffer.from('NUMPY'), 1, 0]
const LENGTH_BYTES = 2

/** The header is filled up to a multiple of this. */
const ALIGNMENT = 64

const CODE_POINT_BYTES = 4

export function npy(result: Result): Uint8Array {
  const { data, shape } = result
  const isText = Array.isArray(data) && data.every((value) => typeof value === 'string')
  const texts = isText
    ? (data as string[]).map((text) => Array.from(text, (point) => point.codePointAt(0) ?? 0))
    : []
  const longest = Math.max(1, ...texts.map(({ length }) => length))
  const descr = isText ? `<U${longest}` : descrOf(result)
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${extents}), }`
  const before = MAGIC.length + LENGTH_BYTES
  const padded = header.padEnd(Math.ceil((before + header.length + 1) / ALIGNMENT) * ALIGNMENT - before - 1)
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt16LE(padded.length + 1)
  const body = isText ? codePoints(texts, longest) : raw(result)
  return Buffer.concat([Buffer.from(MAGIC), length, Buffer.from(`${padded}\n`, 'latin1'), body])
}

function codePoints(texts: number[][], longest: number): Uint8Array {
  const body = Buffer.alloc(texts.length * longest * CODE_POINT_BYTES)
  texts.forEach((text, at) => {
    text.forEach((point, place) => {
      body.writeUInt32LE(point, (at * longest + place) * CODE_POINT_BYTES)
    })
  })
  return body
}

const BY_ARRAY: Record<string, string> = {
  Int8Array: '|i1',
  Int16Array: '<i2',
  Int32Array: '<i4',
  BigInt64Array: '<i8',
  Uint8Array: '|u1',
  Uint16Array: '<u2',
  Uint32Array: '<u4',
  BigUint64Array: '<u8',
  Float32Array: '<f4',
  Float64Array: '<f8',
}

/** How NumPy calls what the elements are held in. */
function descrOf({ data, dtype }: Result): string {
  if (dtype === 'bool') return '|b1'
  if (dtype === 'complex128') return '<c16'
  if (dtype.startsWith('complex')) return '<c8'
  const [, time, unit] = /^(datetime|timedelta)64(.*)$/.exec(dtype) ?? []
  if (time !== undefined) return `<${time === 'datetime' ? 'M8' : 'm8'}${unit}`
  const length = /^raw_bytes\[(\d+)\]$/.exec(dtype)?.[1]
  if (length !== undefined) return `|V${length}`
  const descr = ArrayBuffer.isView(data) ? BY_ARRAY[data.constructor.name] : undefined
  if (descr !== undefined && dtype !== 'bytes') return descr
  throw refusal(dtype)
}

/** Why results are not written; of objects it is only known when they are here: they may all be texts. */
export function npyRefusal(dtype: DataType, as: AsType | undefined): ZarrError | undefined {
  const wanted = as ?? dtype
  return /^(bytes|list|struct)\b/.test(wanted) ? refusal(wanted) : undefined
}

const refusal = (dtype: string) =>
  new ZarrError('unsupported', `npy has no elements of ${dtype} without pickles: try json`)
