/** The type of an array's elements: by its Zarr v3 name, with the length in bytes where that is fixed
 * (`fixed_length_utf32[20]`); NumPy's for times, such as `datetime64[ns]`; `list[…]` and `object` for objects of Zarr v2. */
export type DataType =
  | 'bool'
  | 'int2'
  | 'int4'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint2'
  | 'uint4'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bfloat16'
  | 'float16'
  | 'float32'
  | 'float64'
  | `float${4 | 6 | 8}_${string}`
  | 'complex64'
  | 'complex128'
  | `complex_${string}`
  | `datetime64${string}`
  | `timedelta64${string}`
  | 'string'
  | `fixed_length_utf32[${number}]`
  | `null_terminated_bytes[${number}]`
  | 'bytes'
  | `raw_bytes[${number}]`
  | `list[${string}]`
  | 'object'
  | 'struct'

/**
 * What numbers are held in. `bool` is a `Uint8Array` of 0 and 1; integers of less than 8 bits take 8, floats of less than
 * 32 bits are widened to `float32`; complex numbers are interleaved (real, imaginary); 64-bit integers and times are
 * `bigint`s, NaT is −2⁶³. `raw_bytes` of n bytes take n numbers of a `Uint8Array` for each element.
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

/** Records: what each field has, by its name. A field that is an array itself has all its numbers for each record. */
export type Columns = { readonly [field: string]: Data }

/**
 * What results are held in: a typed array for numbers; a list for texts (`string`), bytes (`Uint8Array`), lists (typed
 * arrays) and objects; columns for records.
 */
export type Data = TypedArray | string[] | Uint8Array[] | TypedArray[] | unknown[] | Columns

/** A type in which elements can be had: `get(selection, { as })`. */
export type AsType =
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float32'
  | 'float64'
  | 'string'
  | 'bytes'

/** A field of records. */
export interface Field {
  /** Its name. */
  name: string
  /** The type of what it has. */
  dtype: DataType
  /** Extents of a field that is an array itself. */
  shape?: number[]
  /** The fields of a field that is a record itself. */
  fields?: Field[]
}

/** An element as JavaScript sees it; complex numbers are pairs, lists empty ones, records objects. */
export type Scalar =
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly [number, number]
  | readonly unknown[]
  | { readonly [field: string]: unknown }

/** JSON, except that integers beyond 2⁵³ are `bigint`s. */
export type AttributeValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly AttributeValue[]
  | { readonly [name: string]: AttributeValue }

/** Attributes of a node by their names. */
export type Attributes = { readonly [name: string]: AttributeValue }

/** A codec as the metadata have it. */
export interface Codec {
  /** Its Zarr v3 name. */
  name: string
  /** Its settings; empty where it has none. */
  configuration: Attributes
}

/** A region read from an array: C-contiguous, in the platform's byte order. */
export interface Chunk<D extends Data = Data> {
  /** The elements. */
  data: D
  /** Extents in elements; `[]` for a scalar. */
  shape: number[]
  /** Distance in elements from one index to the next, for each dimension. */
  stride: number[]
}

/** What a store is told with a request. */
export interface RangeOptions {
  /** Aborts when nobody waits for the answer any more. */
  signal?: AbortSignal
}

/** A part of an object: bytes from an offset, or the last ones. */
export type RangeQuery =
  | {
      /** Of the first byte. */
      offset: number
      /** How many bytes there are. */
      length: number
    }
  | {
      /** How many of the last bytes. */
      suffixLength: number
    }

type Bytes = Uint8Array | ArrayBuffer | undefined

/**
 * Anything that has objects by key. Keys begin with a slash; `undefined` means that there is no such object; anything
 * thrown is an error. Without `getRange`, shards are read whole. A `Map<string, Uint8Array>` is a store.
 *
 * @example
 * const prefixed = { get: (key) => store.get(key.replace('/inner/', '/')) }
 * const inner = await open(prefixed, { path: 'inner', kind: 'array' })
 */
export interface Store {
  /** A whole object. */
  get(key: string, options?: RangeOptions): Bytes | Promise<Bytes>
  /** A part of an object. */
  getRange?(key: string, range: RangeQuery, options?: RangeOptions): Bytes | Promise<Bytes>
  /**
   * Names right below a key that ends with a slash: of objects, and, with or without a slash at their end, of what has
   * objects below it. For `children` and `tree` of groups without consolidated metadata.
   */
  listDir?(key: string, options?: RangeOptions): Iterable<string> | Promise<Iterable<string>>
}

/** How the objects of a store are kept: each by itself, in an archive, or as references to where they are. */
export type StoreKind = 'directory' | 'zip' | 'reference'

/** Counters of the whole library since it was loaded: see `stats`. */
export interface Stats {
  /** Requests begun. */
  requests: number
  /** Bytes received. */
  bytes: number
  /** Requests under way now. */
  inFlight: number
  /** The most requests that were under way at once. */
  maxInFlight: number
  /** Requests that were sent again. */
  retries: number
  /** Bytes of requests under way, and of those that have arrived and are not yet decoded; of URLs alone. */
  bytesInFlight: number
  /** The most there were at once. */
  maxBytesInFlight: number
  /** Requests to URLs that may be under way at once, now: what was configured or found out. */
  concurrency: number
  /** Chunks that were in the cache of decoded chunks when they were wanted, while it was on. */
  cacheHits: number
  /** Chunks that were looked for in the cache and not there. */
  cacheMisses: number
  /** Bytes of the decoded chunks in it. */
  cachedBytes: number
}
