// Memory that was used and can be used again: new memory costs more to touch than to fill.

/** A spare is not taken for something that needs less than this part of it. */
const LEAST_PART = 8

/** New memory is made in multiples of this, so that it fits more often. */
const STEP = 1 << 16

export class Spares {
  readonly #spares: ArrayBuffer[] = []

  /** Memory of this length, or more. */
  take(length: number): ArrayBuffer
  /** Any that is here. */
  take(): ArrayBuffer | undefined
  take(length?: number): ArrayBuffer | undefined {
    if (length === undefined) return this.#spares.pop()
    const fits = ({ byteLength }: ArrayBuffer) =>
      byteLength >= length && byteLength <= length * LEAST_PART + STEP
    const at = this.#spares.findIndex(fits)
    return at < 0 ? new ArrayBuffer(Math.ceil(length / STEP) * STEP) : this.#spares.splice(at, 1)[0]
  }

  /** Keeps the memory, and at most as many pieces in all. */
  give(spare: ArrayBuffer, most: number): void {
    this.#spares.push(spare)
    if (this.#spares.length > most) this.#spares.shift()
  }
}
