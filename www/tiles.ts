// The tiles of a picture while they are read, and after. Whoever draws says what it wants, most urgent first: what is new
// is begun, what is still on its way gets its new priority, and what is on its way and no longer wanted is aborted.
import { Priority } from 'zarr-wasm'
import type { Block, Plane } from './plane.js'
import type { Cells } from './tile_grid.js'

export interface Wanted {
  plane: Plane
  cells: Cells
  /** Whether it is in the window; others are read ahead. */
  isVisible: boolean
}

export interface Tile {
  readonly plane: Plane
  readonly cells: Cells
  readonly block: Block
}

interface Entry extends Wanted {
  priority: Priority
  controller: AbortController
  block?: Block
  /** What it failed with, as long as it is wanted. */
  error?: unknown
}

/** Values of tiles that are kept for coming back to. */
const MOST_VALUES = 1 << 24

export class Tiles {
  /** Those that were wanted last stand last. */
  readonly #entries = new Map<string, Entry>()
  #aborted = 0

  constructor(readonly changed: () => void) {}

  /** How many are on their way for the window, and ahead; and how many were aborted so far. */
  get counts(): { visible: number; ahead: number; aborted: number } {
    const waiting = [...this.#entries.values()].filter((entry) => !entry.block && !('error' in entry))
    const visible = waiting.filter(({ isVisible }) => isVisible).length
    return { visible, ahead: waiting.length - visible, aborted: this.#aborted }
  }

  want(wanted: readonly Wanted[]): void {
    const keys = new Set(wanted.map(keyOf))
    for (const [key, entry] of this.#entries) {
      if (!keys.has(key) && !entry.block) this.#drop(key, entry)
    }
    wanted.forEach((one, rank) => {
      const key = keyOf(one)
      const entry = this.#entries.get(key)
      if (entry) this.#entries.delete(key)
      const current = entry ?? { ...one, priority: new Priority(), controller: new AbortController() }
      current.isVisible = one.isVisible
      current.priority.value = (one.isVisible ? wanted.length : 0) - rank
      this.#entries.set(key, current)
      if (!entry) void this.#read(current)
    })
    this.#forget(keys)
  }

  /** The tile, once it is here. Throws what it failed with. */
  get(plane: Plane, cells: Cells): Tile | undefined {
    const entry = this.#entries.get(keyOf({ plane, cells }))
    if (entry && 'error' in entry) throw entry.error
    return entry?.block && (entry as Tile)
  }

  /** All that are here of a plane. */
  of(plane: Plane): Tile[] {
    return [...this.#entries.values()].filter(
      (entry): entry is Entry & Tile => entry.plane.key === plane.key && entry.block !== undefined,
    )
  }

  clear(): void {
    for (const [key, entry] of this.#entries) this.#drop(key, entry)
  }

  async #read(entry: Entry): Promise<void> {
    const { plane, cells, priority, controller } = entry
    try {
      entry.block = await plane.read(cells, { priority, signal: controller.signal })
    } catch (error) {
      if (controller.signal.aborted) return
      entry.error = error
    }
    if (!controller.signal.aborted) this.changed()
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key)
    if (entry.block || 'error' in entry) return
    entry.controller.abort()
    this.#aborted++
  }

  #forget(wanted: Set<string>): void {
    let values = 0
    for (const { block } of this.#entries.values()) values += block?.values.length ?? 0
    for (const [key, { block }] of this.#entries) {
      if (values <= MOST_VALUES) return
      if (!block || wanted.has(key)) continue
      this.#entries.delete(key)
      values -= block.values.length
    }
  }
}

function keyOf({ plane, cells }: { plane: Plane; cells: Cells }): string {
  const { rowStep, columnStep, top, left } = cells
  return `${plane.key}/${rowStep}.${columnStep}/${top}.${left}`
}
