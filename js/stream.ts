// Reads that hand out regions as they arrive.
import type { Begun } from './array.js'
import type { Decoder, Output } from './decoder.js'
import type { Chunk, Data } from './types.js'

/**
 * A region of a selection: the part that one chunk holds.
 *
 * @example
 * for await (const { data, shape, stride, offset } of array.stream([0])) {
 *   const [first, second] = offset // where `data` belongs in the result, whose shape is [20, 20]
 *   draw(data, shape, stride, first, second)
 * }
 */
export interface Region<D extends Data = Data> extends Chunk<D> {
  /** Where the region begins in the result of the whole selection, for each of its dimensions. */
  offset: number[]
}

/** Regions that are being decoded or wait to be taken: beyond these, retrieval waits for the consumer. */
const MOST = 16

/** Makes room for a region of a shape, and the result that it will be. */
type MakeRoom<D extends Data> = (shape: number[]) => { output: Output; result: Chunk<D> }

/**
 * The regions of a read that has begun, until it ends or nobody takes them any more.
 *
 * @internal
 */
export async function* streamed<D extends Data>(
  { read, done }: Begun,
  makeRoom: MakeRoom<D>,
  decoder: Decoder,
  signal: AbortSignal | undefined,
): AsyncGenerator<Region<D>, void, undefined> {
  const controller = new AbortController()
  const abort = () => controller.abort(signal?.reason)
  const regions = new Regions(makeRoom, (isAway) => read.setAway(isAway))
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort)
  try {
    regions.follow(read.stream(regions, decoder, done, controller.signal))
    yield* regions.taken()
  } finally {
    signal?.removeEventListener('abort', abort)
    controller.abort()
    regions.drop()
  }
}

/** `RegionSink` of src/wasm/js_decoder.rs. */
class Regions<D extends Data> {
  readonly #makeRoom: MakeRoom<D>
  /** Told whenever the read begins or ceases to wait for the consumer. */
  readonly #setAway: (isAway: boolean) => void
  readonly #begun = new Map<Output, Region<D>>()
  readonly #ready: Region<D>[] = []
  /** Those who wait for room. */
  readonly #waiting: (() => void)[] = []
  #wake: (() => void) | undefined
  #end: { error?: unknown } | undefined

  constructor(makeRoom: MakeRoom<D>, setAway: (isAway: boolean) => void) {
    this.#makeRoom = makeRoom
    this.#setAway = setAway
  }

  begin(start: Float64Array, shape: Float64Array): Output | Promise<Output> {
    const make = () => this.#make(Array.from(start), Array.from(shape))
    if (this.#begun.size + this.#ready.length < MOST) return make()
    this.#setAway(true)
    return new Promise<void>((resolve) => this.#waiting.push(resolve)).then(make)
  }

  end(output: Output): void {
    const region = this.#begun.get(output)
    this.#begun.delete(output)
    if (region) this.#ready.push(region)
    this.#wake?.()
  }

  /** All regions come to their end with `reading`. */
  follow(reading: Promise<unknown>): void {
    reading.then(
      () => this.#finish({}),
      (error) => {
        this.drop()
        this.#finish({ error })
      },
    )
  }

  /** The regions in order of arrival, until there are no more; then throws what the read failed with. */
  async *taken(): AsyncGenerator<Region<D>, void, undefined> {
    for (;;) {
      const region = this.#ready.shift()
      if (region) {
        yield region
        this.#waiting.shift()?.()
        if (this.#waiting.length === 0) this.#setAway(false)
      } else if (this.#end) {
        if ('error' in this.#end) throw this.#end.error
        return
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }

  /** Nothing is written to the regions that were not handed over any more. */
  drop(): void {
    for (const output of this.#begun.keys()) output.ended = true
  }

  #make(offset: number[], shape: number[]): Output {
    const { output, result } = this.#makeRoom(shape)
    this.#begun.set(output, { ...result, offset })
    return output
  }

  #finish(end: { error?: unknown }): void {
    this.#end = end
    this.#wake?.()
  }
}
