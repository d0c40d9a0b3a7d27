/** The type of an array's elements, by its Zarr v3 name; NumPy's for times, such as `datetime64[ns]`. */
export type DataType =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float16'
  | 'float32'
  | 'float64'
  | 'complex64'
  | 'complex128'
  | `datetime64${string}`
  | `timedelta64${string}`

/**
 * What results are held in. `bool` is a `Uint8Array` of 0 and 1; `float16` is widened to `float32`; complex numbers are
 * interleaved (real, imaginary); 64-bit integers and times are `bigint`s, NaT is −2⁶³.
 */
export type TypedArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array

/** A scalar as JavaScript sees it; complex numbers are pairs. */
export type Scalar = boolean | number | bigint | readonly [number, number]

/** JSON, except that integers beyond 2⁵³ are `bigint`s. */
export type AttributeValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly AttributeValue[]
  | { readonly [name: string]: AttributeValue }

export type Attributes = { readonly [name: string]: AttributeValue }

/** A region read from an array: C-contiguous, in the platform's byte order. */
export interface Chunk<Data extends TypedArray = TypedArray> {
  data: Data
  /** Extents in elements; `[]` for a scalar. */
  shape: number[]
  /** Distance in elements from one index to the next, for each dimension. */
  stride: number[]
}

export interface RangeOptions {
  signal?: AbortSignal
}

/** A part of an object: bytes from an offset, or the last ones. */
export type RangeQuery = { offset: number; length: number } | { suffixLength: number }

type Bytes = Uint8Array | ArrayBuffer | undefined

/**
 * Anything that has objects by key. Keys begin with a slash; `undefined` means that there is no such object; anything
 * thrown is an error. Without `getRange`, shards are read whole. A `Map<string, Uint8Array>` is a store.
 */
export interface Store {
  get(key: string, options?: RangeOptions): Bytes | Promise<Bytes>
  getRange?(key: string, range: RangeQuery, options?: RangeOptions): Bytes | Promise<Bytes>
}

/** Counters of the whole library since it was loaded. */
export interface Stats {
  /** Requests begun. */
  requests: number
  /** Bytes received. */
  bytes: number
  /** Requests under way now. */
  inFlight: number
  /** The most requests that were under way at once. */
  maxInFlight: number
}
