import type { GetOptions, ZarrArray } from './array.js'
import type { DataTypeName, DataTypeNamed, ResultOf } from './element_types.js'
import { calling, rethrow } from './errors.js'
import {
  type ArrayOptions,
  type GroupOptions,
  type MemberOptions,
  openNode,
  type TypedArrayOptions,
} from './open.js'
import { named, type Place } from './place.js'
import type { Selection } from './selection.js'
import { checkSignal } from './signals.js'
import type { AsType, Attributes, Chunk, Data, DataType } from './types.js'
import type { GroupHandle } from './wasm/zarr_wasm.js'

/** As those of `ZarrArray.get`, for all arrays alike. */
export type LoadOptions<A extends AsType | undefined = AsType | undefined> = Pick<
  GetOptions<Data, A>,
  'signal' | 'as' | 'round' | 'priority' | 'concurrency'
>

/** A node below a group. */
export interface Child {
  /** Its path relative to the group. */
  path: string
  /** What it is. */
  kind: 'array' | 'group'
}

/** How members are found. */
export interface ListOptions {
  /** Ends the listing; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/**
 * A group of a Zarr hierarchy. Made by `open`.
 *
 * @example
 * const store = await open('https://host/store.zarr', { kind: 'group' })
 * const arrays = (await store.tree()).filter(({ kind }) => kind === 'array')
 */
export class ZarrGroup {
  /** @internal Minified, the class would have another. */
  static readonly name = 'ZarrGroup'

  /** Path within the store, with a leading slash. */
  readonly path: string
  /** The version of the format. */
  readonly zarrFormat: 2 | 3
  /** What the writer says of the group; empty where that is nothing. */
  readonly attrs: Attributes

  readonly #handle: GroupHandle
  readonly #place: Place

  private constructor(handle: GroupHandle, place: Place) {
    const info: { path: string; zarrFormat: 2 | 3; attrs: Attributes } = calling(() => handle.info())
    this.path = info.path
    this.zarrFormat = info.zarrFormat
    this.attrs = info.attrs
    this.#handle = handle
    this.#place = place
  }

  /** @internal */
  static of(handle: GroupHandle, place: Place): ZarrGroup {
    return new ZarrGroup(handle, place)
  }

  /**
   * Opens an array or group below this one. Where the group has consolidated metadata, only for what is not in them a
   * request is made.
   *
   * @throws ZarrError as `open`
   * @example const temperature = await group.open('surface/temperature', { kind: 'array' })
   */
  open<N extends DataTypeName>(
    path: string,
    options: MemberOptions & TypedArrayOptions<N>,
  ): Promise<ZarrArray<DataTypeNamed<N>>>
  open(path: string, options: MemberOptions & ArrayOptions): Promise<ZarrArray>
  open(path: string, options: MemberOptions & GroupOptions): Promise<ZarrGroup>
  open(path: string, options?: MemberOptions): Promise<ZarrArray | ZarrGroup>
  async open(path: string, options?: MemberOptions | null): Promise<ZarrArray | ZarrGroup> {
    return openNode(this.#place, this.#handle, path, options ?? {})
  }

  /**
   * Reads from several arrays below this group at once: for each path what is selected. The first failure ends all of it.
   *
   * @throws ZarrError as `open` and `ZarrArray.get`
   * @example const { lat, temperature } = await group.load({ lat: null, temperature: [0, null, null] })
   */
  async load<P extends string, A extends AsType | undefined = undefined>(
    selections: Readonly<Record<P, Selection>>,
    options?: LoadOptions<A> | null,
  ): Promise<Record<P, Chunk<ResultOf<DataType, A>>>> {
    const { signal, ...others } = options ?? ({} as LoadOptions<A>)
    checkSignal(signal)
    const failed = new AbortController()
    const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal
    const loading = Object.entries<Selection>(selections).map(async ([path, selection]) => {
      const array = await this.open(path, { kind: 'array', signal: either })
      return [path, await array.get(selection, { ...others, signal: either })] as const
    })
    try {
      return Object.fromEntries(await Promise.all(loading)) as Record<P, Chunk<ResultOf<DataType, A>>>
    } catch (error) {
      failed.abort(error)
      await Promise.allSettled(loading)
      throw error
    }
  }

  /**
   * The nodes right below this group, by name: from its consolidated metadata, so without a request, or by a listing of its
   * store and a look at each. Stores that are listed: buckets that may be, folders in Node, archives, references, a `Map`,
   * objects with `listDir`.
   *
   * @throws ZarrError `unsupported` where neither is to be had; `store`, `invalid-metadata`
   * @example for (const { path, kind } of await group.children()) console.log(path, kind)
   */
  async children(options?: ListOptions | null): Promise<Child[]> {
    const { signal } = options ?? {}
    checkSignal(signal)
    const known: Child[] | undefined = calling(() => this.#handle.children())
    const failed = (thrown: unknown) => rethrow(named(thrown, this.#place))
    const children = known ?? (await (await below()).childrenOf(this, this.#place, signal).catch(failed))
    return children.sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  /**
   * All nodes below this group, by their paths relative to it; each group stands before what is in it.
   *
   * @throws ZarrError as `children` and `open`
   * @example for (const { path, kind } of await group.tree()) console.log(path, kind)
   */
  async tree(options?: ListOptions | null): Promise<Child[]> {
    return (await below()).treeOf(this, options)
  }
}

const below = () => import('./stores/children.js')
