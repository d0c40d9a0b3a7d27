// What results are held in follows from the data type of the array: for the compiler alone.
import type { AsType, Columns, Data, DataType, TypedArray } from './types.js'

/** Names that stand for all data types with that name and something in brackets. */
interface Families {
  datetime64: `datetime64${string}`
  timedelta64: `timedelta64${string}`
  fixed_length_utf32: `fixed_length_utf32[${number}]`
  null_terminated_bytes: `null_terminated_bytes[${number}]`
  raw_bytes: `raw_bytes[${number}]`
  list: `list[${string}]`
}

/** A data type, or the name of one without what it has in brackets: `"datetime64"` is any `datetime64[…]`. */
export type DataTypeName = DataType | keyof Families

/** The data types of a name. */
export type DataTypeNamed<N extends DataTypeName> = N extends keyof Families
  ? Families[N]
  : Extract<N, DataType>

/** What elements of a data type are held in; where it is not known any more than `DataType`, anything. */
export type DataOf<D extends DataType> = DataType extends D ? Data : Held<D>

type Held<D extends DataType> = D extends keyof NumberArrays
  ? NumberArrays[D]
  : D extends `float${4 | 6 | 8}_${string}` | `complex_${string}`
    ? Float32Array
    : D extends `datetime64${string}` | `timedelta64${string}`
      ? BigInt64Array
      : D extends `raw_bytes[${number}]`
        ? Uint8Array
        : D extends 'bytes'
          ? Uint8Array[]
          : D extends 'struct'
            ? Columns
            : D extends `list[${string}]`
              ? TypedArray[]
              : D extends 'object'
                ? unknown[]
                : string[]

interface NumberArrays {
  bool: Uint8Array
  int2: Int8Array
  int4: Int8Array
  int8: Int8Array
  int16: Int16Array
  int32: Int32Array
  int64: BigInt64Array
  uint2: Uint8Array
  uint4: Uint8Array
  uint8: Uint8Array
  uint16: Uint16Array
  uint32: Uint32Array
  uint64: BigUint64Array
  bfloat16: Float32Array
  float16: Float32Array
  float32: Float32Array
  float64: Float64Array
  complex64: Float32Array
  complex128: Float64Array
}

/** What a read answers: elements in the type in which they are wanted, or as they are. */
export type ResultOf<D extends DataType, A extends AsType | undefined> = A extends keyof NumberArrays
  ? NumberArrays[A]
  : A extends 'string'
    ? string[]
    : A extends 'bytes'
      ? D extends 'bytes'
        ? Uint8Array[]
        : Uint8Array
      : DataOf<D>
