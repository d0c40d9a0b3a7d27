import type { ZarrArray } from './array.js'
import { calling, shown, ZarrError } from './errors.js'
import { type MemberOptions, openNode } from './open.js'
import type { Attributes } from './types.js'
import type { GroupHandle, StoreHandle } from './wasm/zarr_wasm.js'
import type { Library } from './wasm.js'

/** A node right below a group. */
export interface Child {
  /** Its path relative to the group: its name. */
  path: string
  kind: 'array' | 'group'
}

/** A group of a Zarr hierarchy. Made by `open`. */
export class ZarrGroup {
  /** @internal Minified, the class would have another. */
  static readonly name = 'ZarrGroup'

  /** Path within the store, with a leading slash. */
  readonly path: string
  readonly zarrFormat: 2 | 3
  readonly attrs: Attributes

  readonly #handle: GroupHandle
  readonly #store: StoreHandle
  readonly #library: Library

  private constructor(handle: GroupHandle, store: StoreHandle, library: Library) {
    const info: { path: string; zarrFormat: 2 | 3; attrs: Attributes } = calling(() => handle.info())
    this.path = info.path
    this.zarrFormat = info.zarrFormat
    this.attrs = info.attrs
    this.#handle = handle
    this.#store = store
    this.#library = library
  }

  /** @internal */
  static of(handle: GroupHandle, store: StoreHandle, library: Library): ZarrGroup {
    return new ZarrGroup(handle, store, library)
  }

  /**
   * Opens an array or group below this one. Where the group has consolidated metadata, only for what is not in them a
   * request is made.
   *
   * @throws ZarrError as `open`
   * @example const temperature = await group.open('surface/temperature', { kind: 'array' })
   */
  open(path: string, options: MemberOptions & { kind: 'array' }): Promise<ZarrArray>
  open(path: string, options: MemberOptions & { kind: 'group' }): Promise<ZarrGroup>
  open(path: string, options?: MemberOptions): Promise<ZarrArray | ZarrGroup>
  async open(path: string, options?: MemberOptions | null): Promise<ZarrArray | ZarrGroup> {
    if (typeof path !== 'string')
      throw new ZarrError('invalid-argument', `path is ${shown(path)}, expected a string`)
    return openNode(this.#library, this.#store, this.#handle, path, options ?? {})
  }

  /**
   * The nodes right below this group, by name: from its consolidated metadata, so without a request.
   *
   * @throws ZarrError `unsupported` where it has none: stores are not listed yet
   * @example for (const { path, kind } of await group.children()) console.log(path, kind)
   */
  async children(): Promise<Child[]> {
    return calling(() => this.#handle.children())
  }
}
