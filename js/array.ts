import { assembled, type ColumnInfo, columnOver, typedArrayOf } from './columns.js'
import { type Decoder, type Output, outputOf } from './decoder.js'
import type { DataTypeName, DataTypeNamed, ResultOf } from './element_types.js'
import { calling, rethrow, unloaded, ZarrError } from './errors.js'
import { isIndexArray, toAxisIndices, toIndices, toMask } from './index_arrays.js'
import { unpack } from './message_pack.js'
import { type Plan, planOf } from './plan.js'
import { type Priority, toPriority } from './priority.js'
import { rareDecoder } from './rare.js'
import type { Coordinates, MaskSelection, OrthogonalSelection, Selection } from './selection.js'
import { checkConcurrency } from './settings.js'
import { checkSignal } from './signals.js'
import type { Region } from './stream.js'
import { strides } from './strides.js'
import type { AsType, Attributes, Chunk, Codec, Data, DataType, Field, Scalar, TypedArray } from './types.js'
import type { ArrayHandle, ReadHandle } from './wasm/zarr_wasm.js'
import type { Library } from './wasm.js'
import { decoderFor } from './workers/workers.js'

/** What an array says of itself; the same names as the properties of `ZarrArray`. */
interface ArrayInfo {
  path: string
  zarrFormat: 2 | 3
  shape: number[]
  chunks: number[] | null
  shards: number[] | null
  chunkEdges: [number, number][][] | null
  dtype: DataType
  fields: Field[] | null
  fillValue: Scalar | null
  codecs: Codec[]
  dimensionNames: (string | null)[] | null
  attrs: Attributes
}

/**
 * Options of a read, of which it is known what holds its result, and what `as` is.
 *
 * @example
 * const out = new Float64Array(400)
 * const signal = AbortSignal.timeout(30_000)
 * await array.get([0], { out, as: 'float64', signal, onProgress: ({ chunks, totalChunks }) => draw(chunks / totalChunks) })
 */
export interface GetOptions<D extends Data = Data, A extends AsType | undefined = AsType | undefined> {
  /** Ends the read and its requests; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /**
   * Where to put the result, instead of a new array: the typed array that the result would be, of its length. Its contents
   * are unspecified if the read fails. Not for texts, objects and records.
   */
  out?: (D & TypedArray) | undefined
  /**
   * The type in which numbers are wanted; `"bytes"` for texts of fixed length in one byte, which are `"string"`s else. A
   * number that the type does not hold exactly is a `conversion` error; only floats are rounded to `float32` as usual.
   */
  as?: A | undefined
  /**
   * With `as`: numbers are rounded to the nearest of the type, ties to even, floats beyond `float32` to infinity. Those
   * outside of an integer type are an error all the same.
   */
  round?: boolean | undefined
  /** How urgent the read is: of all that wait, requests of the highest number are sent first. The default is 0. */
  priority?: number | Priority | undefined
  /**
   * Objects of this read in flight, or here and not yet decoded, at once, where these are to be fewer than `configure`
   * allows. The default of `stream` is 32, so that whoever takes its regions slowly does not keep others from reading.
   */
  concurrency?: number | undefined
  /** Called whenever chunks are done. */
  onProgress?: ((progress: Progress) => void) | undefined
}

/** How far a read is. */
export interface Progress {
  /** Chunks that are in the result; inner chunks where the array is sharded. */
  chunks: number
  /** Chunks that will be. */
  totalChunks: number
  /** Bytes received for them. */
  bytes: number
}

/** Another way to say what is read. */
export interface Indexer<S, D extends DataType = DataType> {
  /** As `ZarrArray.get`, with another kind of selection. */
  get<A extends AsType | undefined = undefined>(
    selection?: S,
    options?: GetOptions<ResultOf<D, A>, A> | null,
  ): Promise<Chunk<ResultOf<D, A>>>
}

const STREAMED = 32

/**
 * An array of a Zarr hierarchy, of elements of the data type `D` as far as that is known. Made by `open`.
 *
 * @example
 * const { path, shape, chunks, dtype, attrs } = array
 * console.log(`${path}: ${dtype}, ${shape.join(' × ')} in chunks of ${chunks?.join(' × ')}, in ${attrs.units}`)
 */
export class ZarrArray<D extends DataType = DataType> {
  /** @internal Minified, the class would have another. */
  static readonly name = 'ZarrArray'

  /** Path within the store, with a leading slash. */
  readonly path: string
  /** The version of the format. */
  readonly zarrFormat: 2 | 3
  /** Extents in elements. */
  readonly shape: readonly number[]
  /**
   * Shape of the parts that are read by themselves: inner chunks where the array is sharded. `null` where they differ in
   * shape, as in a rectilinear chunk grid: then see `chunkEdges`.
   */
  readonly chunks: readonly number[] | null
  /** Shape of the shards, or `null` where the array is not sharded or shards differ in shape. */
  readonly shards: readonly number[] | null
  /**
   * Of a rectilinear chunk grid, for each dimension the extents of the chunks (of a sharded array, of the shards) one
   * after the other, as pairs of an extent and how many chunks have it. `null` where all chunks have one shape.
   */
  readonly chunkEdges: readonly (readonly [extent: number, count: number][])[] | null
  /** The type of the elements. */
  readonly dtype: D
  /** The fields of records, or `null` where elements are none. */
  readonly fields: readonly Field[] | null
  /** What missing chunks hold; `null` where a Zarr v2 array leaves that open, and zero, nothing or NaT is read. */
  readonly fillValue: Scalar | null
  /**
   * How chunks are encoded, in that order; filters and the compressor of Zarr v2 by their names in v3. Of a sharded array it
   * is one, `sharding_indexed`, whose configuration has those of the inner chunks.
   */
  readonly codecs: readonly Codec[]
  /** Names of the dimensions (Zarr v3), or `null` where there are none. */
  readonly dimensionNames: readonly (string | null)[] | null
  /** What the writer says of the array; empty where that is nothing. */
  readonly attrs: Attributes

  /**
   * Every dimension by itself, as zarr-python's `oindex`: also lists of indices, unsorted and with repeats, and masks.
   *
   * @throws ZarrError as `get`
   * @example const { data } = await array.oindex.get([[1, 5, 9], slice(0, 3)])
   */
  readonly oindex: Indexer<OrthogonalSelection, D>
  /**
   * Point by point, as zarr-python's `vindex`: coordinate arrays that are broadcast against each other, or a mask of the
   * array's shape.
   *
   * @throws ZarrError as `get`
   * @example const { data } = await array.vindex.get([[0, 3], [7, 7], [1, 2]]) // the elements [0, 7, 1] and [3, 7, 2]
   */
  readonly vindex: Indexer<Coordinates | MaskSelection, D>
  /**
   * By chunk, as zarr-python's `blocks`: integers and slices count chunks, of a sharded array shards. An integer keeps its
   * dimension.
   *
   * @throws ZarrError as `get`
   * @example const { data } = await array.blocks.get([0, slice(1, 3)])
   */
  readonly blocks: Indexer<Selection, D>

  readonly #handle: ArrayHandle
  readonly #library: Library

  private constructor(handle: ArrayHandle, library: Library) {
    const info: ArrayInfo = calling(() => handle.info())
    this.path = info.path
    this.zarrFormat = info.zarrFormat
    this.shape = info.shape
    this.chunks = info.chunks
    this.shards = info.shards
    this.chunkEdges = info.chunkEdges
    this.dtype = info.dtype as D
    this.fields = info.fields
    this.fillValue = info.dtype === 'object' ? unpacked(info.fillValue) : info.fillValue
    this.codecs = info.codecs
    this.dimensionNames = info.dimensionNames
    this.attrs = info.attrs
    this.#handle = handle
    this.#library = library
    const indexer = <S>(select: (selection: S) => ReadHandle): Indexer<S, D> => ({
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
   * Whether elements are of this data type, given in full or without its brackets: `is('datetime64')` is true for any
   * `datetime64[…]`. The compiler knows from then on what reads answer.
   *
   * @example if (array.is('float32')) draw((await array.get()).data) // a Float32Array
   */
  is<N extends DataTypeName>(dtype: N): this is ZarrArray<DataTypeNamed<N>> {
    return this.dtype === (dtype as string) || this.dtype.startsWith(`${dtype}[`)
  }

  /**
   * Reads a region: integers drop their dimension, slices and `null` keep it, `"..."` stands for as many `null`s as are
   * missing. Only chunks that hold a selected element are requested; missing ones have the fill value.
   *
   * @throws ZarrError `invalid-selection`, `invalid-argument`, `conversion`, `store`, `corrupt-chunk`, `out-of-memory`
   * @example const { data, shape } = await array.get([0, slice(10, 20), null])
   */
  get<A extends AsType | undefined = undefined>(
    selection: Selection = null,
    options?: GetOptions<ResultOf<D, A>, A> | null,
  ): Promise<Chunk<ResultOf<D, A>>> {
    return this.#read(() => this.#handle.select(selection), options)
  }

  /**
   * Reads a region part by part, each as soon as it is here: what one chunk holds of the selection, with its place in the
   * result. Whoever takes the parts slowly slows the retrieval down; leaving the loop ends it.
   *
   * @throws ZarrError as `get`
   * @example for await (const { data, shape, offset } of array.stream([0, null, null])) draw(data, shape, offset)
   */
  async *stream<A extends AsType | undefined = undefined>(
    selection: Selection = null,
    options?: Omit<GetOptions<ResultOf<D, A>, A>, 'out'> | null,
  ): AsyncGenerator<Region<ResultOf<D, A>>, void, undefined> {
    const { out, signal, ...others } = (options ?? {}) as GetOptions<ResultOf<D, A>, A>
    if (out !== undefined) throw new ZarrError('invalid-argument', 'there is no option out')
    checkSignal(signal)
    const begun = this.#begin(() => this.#handle.select(selection), { concurrency: STREAMED, ...others })
    try {
      const { streamed } = await import('./stream.js').catch(unloaded)
      const decoder = await this.#decoder(begun.read)
      yield* streamed<ResultOf<D, A>>(begun, (shape) => this.#room(begun.infos, shape), decoder, signal)
    } catch (thrown) {
      rethrow(thrown)
    } finally {
      begun.end()
    }
  }

  /**
   * What reading a region would request, without doing it. Indices of shards that were read before are remembered.
   *
   * @throws ZarrError `invalid-selection`
   * @example const { requests, objects } = array.plan([0, null, null])
   */
  plan(selection: Selection = null): Plan {
    const read = calling(() => this.#handle.select(selection))
    try {
      return planOf(calling(() => read.plan()))
    } finally {
      read.free()
    }
  }

  async #read<A extends AsType | undefined>(
    select: () => ReadHandle,
    options: GetOptions<ResultOf<D, A>, A> | null | undefined,
  ): Promise<Chunk<ResultOf<D, A>>> {
    const { signal, out, ...others } = options ?? ({} as GetOptions<ResultOf<D, A>, A>)
    checkSignal(signal)
    const begun = this.#begin(select, others)
    const { read, infos } = begun
    let output: Output | undefined
    try {
      const room = this.#room<ResultOf<D, A>>(infos, Array.from(read.shape()), out)
      output = room.output
      await read.read(
        output,
        out === undefined,
        await this.#decoder(read, out === undefined ? output : undefined),
        begun.done,
        signal,
      )
      return room.result
    } catch (thrown) {
      return rethrow(thrown)
    } finally {
      // What was still waiting for its turn must not touch memory that is the caller's again.
      if (output) {
        output.ended = true
        await Promise.all(output.writing)
      }
      begun.end()
    }
  }

  /** A read that was told what it is to do. Throws on what is wrong with the options. */
  #begin(
    select: () => ReadHandle,
    {
      as,
      round = false,
      priority = 0,
      concurrency,
      onProgress,
      ...unknown
    }: Omit<GetOptions, 'out' | 'signal'>,
  ): Begun {
    const [name] = Object.keys(unknown)
    if (name !== undefined) throw new ZarrError('invalid-argument', `there is no option ${name}`)
    const urgency = toPriority(priority)
    if (concurrency !== undefined) checkConcurrency(concurrency)
    const read = calling(select)
    try {
      if (as !== undefined) read.want(String(as), Boolean(round))
      if (concurrency !== undefined) read.setConcurrency(concurrency)
      const infos: ColumnInfo[] = read.columns()
      const done = onProgress && progressOf(read, onProgress)
      const unfollow = urgency.followedBy((value) => read.setPriority(value))
      const end = () => {
        unfollow()
        read.free()
      }
      return { read, infos, done, end }
    } catch (thrown) {
      read.free()
      return rethrow(thrown)
    }
  }

  async #decoder(read: ReadHandle, fresh?: Output): Promise<Decoder> {
    const inline = this.#handle.isRare() ? await rareDecoder() : this.#library.decoder
    return decoderFor(inline, { codecs: this.codecs, bytes: read.decodedBytes() }, fresh)
  }

  /** Room for a result, and the result that it will be. */
  #room<R extends Data>(
    infos: readonly ColumnInfo[],
    shape: number[],
    out?: unknown,
  ): { output: Output; result: Chunk<R> } {
    const count = shape.reduce((product, extent) => product * extent, 1)
    const given = out === undefined ? undefined : checkedOut(infos, count, out)
    const columns = infos.map((info) => {
      const Constructor = typedArrayOf(info)
      const length = count * (info.perElement ?? 1)
      try {
        const held = given ?? (Constructor ? new Constructor(length) : new Array(length))
        return { held, column: columnOver(info, held) }
      } catch (cause) {
        const bytes = length * (Constructor?.BYTES_PER_ELEMENT ?? 1)
        const message = `the result takes ${bytes} bytes: read it in parts`
        throw new ZarrError('out-of-memory', message, { path: this.path }, { cause })
      }
    })
    const data = assembled(
      infos,
      columns.map(({ held }) => held),
    )
    const output = outputOf(columns.map(({ column }) => column))
    return { output, result: { data: data as R, shape, stride: strides(shape) } }
  }
}

/**
 * A read, and what goes with it until it ends.
 *
 * @internal
 */
export interface Begun {
  read: ReadHandle
  infos: ColumnInfo[]
  done: ((chunks: number, bytes: number) => void) | undefined
  end(): void
}

/** What the engine calls for chunks that are done. */
function progressOf(read: ReadHandle, onProgress: (progress: Progress) => void) {
  const totalChunks = read.chunkCount()
  const progress = { chunks: 0, bytes: 0 }
  return (chunks: number, bytes: number) => {
    progress.chunks += chunks
    progress.bytes += bytes
    onProgress({ ...progress, totalChunks })
  }
}

/** `out`, if it is what the result would be. */
function checkedOut(infos: readonly ColumnInfo[], count: number, out: unknown): TypedArray {
  const Constructor = typedArrayOf(infos[0])
  if (infos.length !== 1 || infos[0].path.length > 0 || Constructor === undefined) {
    throw new ZarrError('invalid-argument', 'out: only a result that is one typed array can be put somewhere')
  }
  const length = count * (infos[0].perElement ?? 1)
  if (out instanceof Constructor && out.length === length) return out
  const found = ArrayBuffer.isView(out)
    ? `a ${out.constructor.name} of ${(out as unknown as TypedArray).length}`
    : 'no typed array'
  throw new ZarrError('invalid-argument', `out is ${found}, expected a ${Constructor.name} of ${length}`)
}

/** Objects come out of wasm in a form of their own. */
const unpacked = (fillValue: Scalar | null): Scalar | null =>
  fillValue instanceof Uint8Array ? (unpack(fillValue) as Scalar | null) : fillValue

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
