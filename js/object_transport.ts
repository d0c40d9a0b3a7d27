// Requests to an object of the user's with zarrita's store contract: see `Store` in types.ts. A `Map` is such an object.
import { described, type ErrorRecord, isRecord, ZarrError } from './errors.js'
import { type Engine, NOTHING, type Transport } from './transport.js'
import type { RangeOptions, RangeQuery, Store } from './types.js'

export class ObjectTransport implements Transport {
  readonly #engine: Engine
  readonly #store: Store
  readonly #isOwn: boolean
  readonly #running = new Map<number, Abortable>()

  /** Throws `invalid-argument` for an object without a method `get`. One that `isOwn` is ours, and so are its errors. */
  constructor(engine: Engine, store: Store, isOwn: boolean) {
    if (typeof store.get !== 'function')
      throw new ZarrError('invalid-argument', 'the store has no method get')
    this.#engine = engine
    this.#store = store
    this.#isOwn = isOwn
  }

  send(id: number, key: string, start: number, stop: number): void {
    const name = `/${key}`
    const range = this.hasRanges() ? rangeQuery(start, stop) : undefined
    const request = abortable()
    this.#running.set(id, request)
    const answered = (answer: unknown) => this.#settle(id, answer, range)
    const failed = (cause: unknown) =>
      this.#fail(
        id,
        this.#isOwn && isRecord(cause) ? cause : failure(`the store failed: ${described(cause)}`, cause),
      )
    try {
      const answer: unknown = range
        ? this.#store.getRange?.(name, range, request.options)
        : this.#store.get(name, request.options)
      if (answer instanceof Uint8Array || answer === undefined) answered(answer)
      else Promise.resolve(answer).then(answered, failed)
    } catch (thrown) {
      failed(thrown)
    }
  }

  cancel(id: number): void {
    const options = this.#running.get(id)
    this.#running.delete(id)
    options?.abort()
  }

  release(): void {}

  location(): undefined {
    return undefined
  }

  hasRanges(): boolean {
    return typeof this.#store.getRange === 'function'
  }

  hasFreeSuffixes(): boolean {
    return true
  }

  #settle(id: number, answer: unknown, range: RangeQuery | undefined): void {
    if (!this.#running.has(id)) return
    const body = bytes(answer)
    if (body === null) {
      this.#fail(id, failure(`the store answered ${described(answer)}, expected a Uint8Array or undefined`))
      return
    }
    this.#running.delete(id)
    const status = body === undefined ? 404 : range ? 206 : 200
    const { length } = body ?? NOTHING
    this.#engine.settle(id, status, body ?? NOTHING, length, Number.NaN, Number.NaN, Number.NaN, Number.NaN)
  }

  #fail(id: number, error: ErrorRecord): void {
    if (this.#running.delete(id)) this.#engine.fail(id, error, false)
  }
}

const failure = (message: string, cause?: unknown): ErrorRecord => ({
  zarrError: true,
  code: 'store',
  message,
  cause,
})

interface Abortable {
  options: RangeOptions
  abort(): void
}

/** Its signal is made when somebody looks at it: most stores do not, and it costs more than a lookup in a map. */
function abortable(): Abortable {
  let controller: AbortController | undefined
  let isAborted = false
  const options = {
    get signal(): AbortSignal {
      controller ??= new AbortController()
      if (isAborted) controller.abort()
      return controller.signal
    },
  }
  const abort = () => {
    isAborted = true
    controller?.abort()
  }
  return { options, abort }
}

function rangeQuery(start: number, stop: number): RangeQuery | undefined {
  if (start < 0) return { suffixLength: -start }
  return stop < Number.POSITIVE_INFINITY ? { offset: start, length: stop - start } : undefined
}

/** What a store may answer: bytes in any of their usual forms, or nothing; `null` stands for anything else. */
function bytes(answer: unknown): Uint8Array | undefined | null {
  if (answer === undefined || answer === null) return undefined
  if (answer instanceof ArrayBuffer) return new Uint8Array(answer)
  return answer instanceof Uint8Array ? answer : null
}
