// Memory of bodies, lent to one after the other: new memory costs more to touch than to fill, and collecting it more again.

/** Memory is made in multiples of this, so that it fits more often. What is shorter is not worth it. */
const STEP = 1 << 16

/** Bytes that are kept for bodies to come, at most. */
const MOST_SPARE = 32 << 20

export class Bodies {
  readonly #lent = new WeakSet<ArrayBufferLike>()
  readonly #spares: ArrayBufferLike[] = []
  #spareLength = 0

  /** Room for a body; what is in it has no meaning. Throws a `RangeError` where there is no memory. */
  lend(length: number): Uint8Array {
    if (length < STEP) return new Uint8Array(length)
    const fits = ({ byteLength }: ArrayBufferLike) => byteLength >= length && byteLength <= 2 * length
    const at = this.#spares.findIndex(fits)
    const memory = at < 0 ? new ArrayBuffer(Math.ceil(length / STEP) * STEP) : this.#spares.splice(at, 1)[0]
    if (at >= 0) this.#spareLength -= memory.byteLength
    this.#lent.add(memory)
    return new Uint8Array(memory, 0, length)
  }

  /** Takes a body back, if it was lent here: nobody may have a use for it any more. */
  takeBack({ buffer }: Uint8Array): void {
    if (!this.#lent.delete(buffer) || buffer.byteLength > MOST_SPARE) return
    this.#spares.push(buffer)
    this.#spareLength += buffer.byteLength
    while (this.#spareLength > MOST_SPARE) this.#spareLength -= this.#spares.shift()?.byteLength ?? 0
  }
}
