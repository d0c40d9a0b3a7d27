// Readers that take turns at the same work: how long each takes, and whether all answer the same.

export interface Reader {
  name: string
  read(): Promise<Iterable<unknown>>
}

export interface Outcome {
  name: string
  /** Milliseconds of each read that counts; fewer than were wanted where it failed. */
  times: number[]
  /** Whether all its results were those of the first reader's first. */
  isSame: boolean
  /** What it failed with. */
  error?: unknown
}

/** Reads `repeats` times with each reader, after a first time that does not count; `turn` is called after each read. */
export async function contest(
  readers: readonly Reader[],
  repeats: number,
  signal: AbortSignal,
  turn: (outcomes: readonly Outcome[]) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = readers.map(({ name }) => ({ name, times: [], isSame: true }))
  let expected: Iterable<unknown> | undefined
  for (let round = 0; round <= repeats; round++) {
    for (let i = 0; i < readers.length; i++) {
      const at = (i + round) % readers.length
      const outcome = outcomes[at]
      if (outcome.error !== undefined) continue
      try {
        const started = performance.now()
        const result = await readers[at].read()
        const took = performance.now() - started
        signal.throwIfAborted()
        if (round > 0) outcome.times.push(took)
        expected ??= result
        outcome.isSame &&= isSame(expected, result)
      } catch (error) {
        signal.throwIfAborted()
        outcome.error = error
      }
      turn(outcomes)
      await painted()
    }
  }
  return outcomes
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Element by element; NaN is NaN, and 0 is not −0. One of the readers has an iterable of booleans where the other has bytes. */
export function isSame(a: Iterable<unknown>, b: Iterable<unknown>): boolean {
  const [left, right] = [listOf(a), listOf(b)]
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) {
    if (!Object.is(left[i], right[i])) return false
  }
  return true
}

function listOf(data: Iterable<unknown>): ArrayLike<unknown> {
  if (ArrayBuffer.isView(data)) return data as unknown as ArrayLike<number>
  return Array.from(data, (value) => (typeof value === 'boolean' ? Number(value) : value))
}

/** The page shows what is new, and garbage may be collected, before the next turn. */
const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
