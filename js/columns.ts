// What results are held in: the typed arrays and lists that a read fills, and the form in which they are handed out.
import { unpack } from './message_pack.js'
import type { Columns, Data, TypedArray } from './types.js'

/** A part of a result, as the engine describes it: a typed array, or a list of values. */
export interface ColumnInfo {
  /** The names of the fields that lead to it; none where elements are no records. */
  path: string[]
  /** Name of the typed array. */
  array?: string
  /** Numbers that an element takes in it. */
  perElement?: number
  /** What the values of a list are: `string`, `bytes`, `object`, or the name of the typed array that each of them is. */
  values?: string
}

/** Memory that decoders copy bytes to. */
export interface NumberColumn {
  readonly bytes: Uint8Array
}

/** A list that decoders put values into; in a decoder's memory are references to their bytes. */
export interface ValueColumn {
  readonly values: unknown[]
  readonly read: (bytes: Uint8Array) => unknown
}

export type OutputColumn = NumberColumn | ValueColumn

export type TypedArrayConstructor = {
  new (length: number): TypedArray
  new (buffer: ArrayBuffer): TypedArray
  readonly BYTES_PER_ELEMENT: number
  readonly name: string
}

const TYPED_ARRAYS: Record<string, TypedArrayConstructor> = {
  Int8Array,
  Int16Array,
  Int32Array,
  BigInt64Array,
  Uint8Array,
  Uint16Array,
  Uint32Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
}

const texts = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** How the bytes of a value are read. */
const READERS: Record<string, (bytes: Uint8Array) => unknown> = {
  string: (bytes) => texts.decode(bytes),
  bytes: (bytes) => bytes.slice(),
  object: unpack,
}

/** The typed array of a column, or `undefined` for a list. */
export const typedArrayOf = ({ array }: ColumnInfo): TypedArrayConstructor | undefined =>
  array === undefined ? undefined : TYPED_ARRAYS[array]

/** A column over what holds it. */
export function columnOver({ values = '' }: ColumnInfo, data: TypedArray | unknown[]): OutputColumn {
  if (ArrayBuffer.isView(data)) {
    return { bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }
  }
  const read = READERS[values] ?? ((bytes) => new TYPED_ARRAYS[values](bytes.slice().buffer))
  return { values: data, read }
}

/** The result: the only column, or the columns by the names of their fields. */
export function assembled(infos: readonly ColumnInfo[], columns: readonly (TypedArray | unknown[])[]): Data {
  if (infos.length === 1 && infos[0].path.length === 0) return columns[0] as Data
  const root: Tree = new Map()
  infos.forEach(({ path }, at) => {
    let tree = root
    for (const name of path.slice(0, -1)) {
      const inner = (tree.get(name) ?? new Map()) as Tree
      tree.set(name, inner)
      tree = inner
    }
    tree.set(path[path.length - 1], columns[at])
  })
  return plain(root)
}

type Tree = Map<string, Tree | TypedArray | unknown[]>

/** An object of own properties, also where a name is `__proto__`. */
const plain = (tree: Tree): Columns =>
  Object.fromEntries(
    Array.from(tree, ([name, value]) => [name, value instanceof Map ? plain(value) : value]),
  ) as Columns
