import { shown, ZarrError } from './errors.js'

/**
 * How urgent reads are, as one thing that can be changed while they wait: what is visible now before what was. Any finite
 * number; the highest comes first.
 *
 * @throws ZarrError `invalid-argument`
 * @example
 * const tiles = new Priority(1)
 * const reading = array.get([0], { priority: tiles })
 * tiles.value = -1 // they went out of view
 */
export class Priority {
  #value: number
  readonly #followers = new Set<(value: number) => void>()

  constructor(value = 0) {
    this.#value = checked(value)
  }

  /** How urgent it is now; the highest number comes first. */
  get value(): number {
    return this.#value
  }

  /** Reads that have this priority have the new one from now on. */
  set value(value: number) {
    this.#value = checked(value)
    for (const follow of this.#followers) follow(value)
  }

  /**
   * Calls now, and whenever the value changes, until what it answers is called.
   *
   * @internal
   */
  followedBy(follow: (value: number) => void): () => void {
    follow(this.#value)
    this.#followers.add(follow)
    return () => this.#followers.delete(follow)
  }
}

export const toPriority = (priority: number | Priority): Priority =>
  priority instanceof Priority ? priority : new Priority(priority)

function checked(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new ZarrError(
    'invalid-argument',
    `priority is ${shown(value)}, expected a finite number or a Priority`,
  )
}
