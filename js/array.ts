import type { Output } from './decoder.js'
import { calling, checkSignal, rethrow, ZarrError } from './errors.js'
import { isIndexArray, toAxisIndices, toIndices, toMask } from './index_arrays.js'
import type { Coordinates, MaskSelection, OrthogonalSelection, Selection } from './selection.js'
import type { Attributes, Chunk, DataType, Scalar, TypedArray } from './types.js'
import type { ArrayHandle, ReadHandle } from './wasm/zarr_wasm.js'
import type { Library } from './wasm.js'

/** What an array says of itself; the same names as the properties of `ZarrArray`. */
interface ArrayInfo {
  path: string
  zarrFormat: 2 | 3
  shape: number[]
  chunks: number[]
  shards: number[] | null
  dtype: DataType
  fillValue: Scalar | null
  dimensionNames: (string | null)[] | null
  attrs: Attributes
}

export interface GetOptions<Data extends TypedArray = TypedArray> {
  /** Ends the read and its requests; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /**
   * Where to put the result, instead of a new array: of the type and length that the result would have. Its contents
   * are unspecified if the read fails.
   */
  out?: Data | undefined
}

type TypedArrayConstructor = {
  new (length: number): TypedArray
  readonly BYTES_PER_ELEMENT: number
  readonly name: string
}

/** For each data type what holds its elements, and how many numbers an element takes. */
const OUTPUTS: Record<string, [TypedArrayConstructor, number]> = {
  bool: [Uint8Array, 1],
  int8: [Int8Array, 1],
  int16: [Int16Array, 1],
  int32: [Int32Array, 1],
  int64: [BigInt64Array, 1],
  uint8: [Uint8Array, 1],
  uint16: [Uint16Array, 1],
  uint32: [Uint32Array, 1],
  uint64: [BigUint64Array, 1],
  float16: [Float32Array, 1],
  float32: [Float32Array, 1],
  float64: [Float64Array, 1],
  complex64: [Float32Array, 2],
  complex128: [Float64Array, 2],
  datetime64: [BigInt64Array, 1],
  timedelta64: [BigInt64Array, 1],
}

/** Another way to say what is read. */
export interface Indexer<S> {
  get<Data extends TypedArray = TypedArray>(
    selection?: S,
    options?: GetOptions<Data> | null,
  ): Promise<Chunk<Data>>
}

/** An array of a Zarr hierarchy. Made by `open`. */
export class ZarrArray {
  /** Path within the store, with a leading slash. */
  readonly path: string
  readonly zarrFormat: 2 | 3
  /** Extents in elements. */
  readonly shape: readonly number[]
  /** Shape of the parts that are read by themselves: inner chunks where the array is sharded. */
  readonly chunks: readonly number[]
  /** Shape of the shards, or `null` where the array is not sharded. */
  readonly shards: readonly number[] | null
  readonly dtype: DataType
  /** What missing chunks hold; `null` where a Zarr v2 array leaves that open, and zero is read. */
  readonly fillValue: Scalar | null
  /** Names of the dimensions (Zarr v3), or `null` where there are none. */
  readonly dimensionNames: readonly (string | null)[] | null
  readonly attrs: Attributes

  /**
   * Every dimension by itself, as zarr-python's `oindex`: also lists of indices, unsorted and with repeats, and masks.
   *
   * @throws ZarrError as `get`
   * @example const { data } = await array.oindex.get([[1, 5, 9], slice(0, 3)])
   */
  readonly oindex: Indexer<OrthogonalSelection>
  /**
   * Point by point, as zarr-python's `vindex`: coordinate arrays that are broadcast against each other, or a mask of the
   * array's shape.
   *
   * @throws ZarrError as `get`
   * @example const { data } = await array.vindex.get([[0, 3], [7, 7]]) // the elements [0, 7] and [3, 7]
   */
  readonly vindex: Indexer<Coordinates | MaskSelection>
  /**
   * By chunk, as zarr-python's `blocks`: integers and slices count chunks, of a sharded array shards. An integer keeps its
   * dimension.
   *
   * @throws ZarrError as `get`
   * @example const { data } = await array.blocks.get([0, slice(1, 3)])
   */
  readonly blocks: Indexer<Selection>

  readonly #handle: ArrayHandle
  readonly #library: Library

  private constructor(handle: ArrayHandle, library: Library) {
    const info: ArrayInfo = calling(() => handle.info())
    this.path = info.path
    this.zarrFormat = info.zarrFormat
    this.shape = info.shape
    this.chunks = info.chunks
    this.shards = info.shards
    this.dtype = info.dtype
    this.fillValue = info.fillValue
    this.dimensionNames = info.dimensionNames
    this.attrs = info.attrs
    this.#handle = handle
    this.#library = library
    const indexer = <S>(select: (selection: S) => ReadHandle): Indexer<S> => ({
      get: (selection, options) => this.#read(() => select(selection as S), options),
    })
    this.oindex = indexer((selection) => handle.selectOrthogonal(orthogonal(selection)))
    this.vindex = indexer((selection) =>
      Array.isArray(selection)
        ? handle.selectPoints(selection.map(toIndices))
        : selectMask(handle, selection as MaskSelection),
    )
    this.blocks = indexer((selection) => handle.selectBlocks(selection))
  }

  /** @internal */
  static of(handle: ArrayHandle, library: Library): ZarrArray {
    return new ZarrArray(handle, library)
  }

  /**
   * Reads a region: integers drop their dimension, slices and `null` keep it, `"..."` stands for as many `null`s as are
   * missing. Only chunks that hold a selected element are requested; missing ones have the fill value.
   *
   * @throws ZarrError `invalid-selection`, `invalid-argument`, `store`, `corrupt-chunk`, `out-of-memory`
   * @example const { data, shape } = await array.get([0, slice(10, 20), null])
   */
  get<Data extends TypedArray = TypedArray>(
    selection: Selection = null,
    options?: GetOptions<Data> | null,
  ): Promise<Chunk<Data>> {
    return this.#read(() => this.#handle.select(selection), options)
  }

  async #read<Data extends TypedArray>(
    select: () => ReadHandle,
    options: GetOptions<Data> | null | undefined,
  ): Promise<Chunk<Data>> {
    const { signal, out, ...unknown } = options ?? {}
    const [name] = Object.keys(unknown)
    if (name !== undefined) throw new ZarrError('invalid-argument', `there is no option ${name}`)
    checkSignal(signal)
    let read: ReadHandle | undefined
    let output: Output | undefined
    try {
      read = select()
      const shape = Array.from(read.shape())
      const data = this.#output(shape, out)
      output = { bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), ended: false }
      await read.read(output, out === undefined, this.#library.decoder, signal)
      return { data: data as Data, shape, stride: strides(shape) }
    } catch (thrown) {
      return rethrow(thrown)
    } finally {
      // What was still waiting for its turn must not touch memory that is the caller's again.
      if (output) output.ended = true
      read?.free()
    }
  }

  #output(shape: number[], out: TypedArray | undefined): TypedArray {
    const [Constructor, numbers] = OUTPUTS[this.dtype.replace(/\[.*/, '')]
    const length = shape.reduce((product, extent) => product * extent, numbers)
    if (out !== undefined) {
      if (out instanceof Constructor && out.length === length) return out
      const found = ArrayBuffer.isView(out) ? `a ${out.constructor.name} of ${out.length}` : 'no typed array'
      throw new ZarrError('invalid-argument', `out is ${found}, expected a ${Constructor.name} of ${length}`)
    }
    try {
      return new Constructor(length)
    } catch (cause) {
      const bytes = length * Constructor.BYTES_PER_ELEMENT
      throw new ZarrError('out-of-memory', `the result takes ${bytes} bytes`, { path: this.path }, { cause })
    }
  }
}

/** The entries with every list in the form that crosses to wasm. */
function orthogonal(selection: OrthogonalSelection) {
  return Array.isArray(selection)
    ? selection.map((entry) => (isIndexArray(entry) ? toAxisIndices(entry) : entry))
    : selection
}

function selectMask(handle: ArrayHandle, selection: MaskSelection): ReadHandle {
  const { mask, shape } = toMask(selection)
  return handle.selectMask(mask, Float64Array.from(shape))
}

/** C-order strides in elements. */
function strides(shape: readonly number[]): number[] {
  const stride = new Array<number>(shape.length).fill(1)
  for (let axis = shape.length - 2; axis >= 0; axis--) stride[axis] = stride[axis + 1] * shape[axis + 1]
  return stride
}
