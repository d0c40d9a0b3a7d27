/**
 * What a read would request: see `ZarrArray.plan`. At most 2^20 requests are listed; more are `invalid-selection`.
 *
 * @example
 * const { requests, objects, chunks } = array.plan([slice(0, 10)])
 * const bytes = requests.reduce((sum, { length = 0 }) => sum + length, 0) // of those that are ranges
 */
export interface Plan {
  /** In the order in which they would be sent. */
  requests: PlannedRequest[]
  /** Chunks that would be decoded, inner chunks where the array is sharded. */
  chunks: number
  /** Stored objects that would be asked for. */
  objects: number
}

/** A request: for a whole object, or for bytes of it. */
export interface PlannedRequest {
  /** Key of the object within the store. */
  key: string
  /** Where the bytes begin; absent for a whole object and for its last bytes. */
  offset?: number
  /** How many bytes from there. */
  length?: number
  /** How many of the last bytes are asked for. */
  suffixLength?: number
  /** Chunks that are decoded from the answer; 0 for the index of a shard. */
  chunks: number
  /** Stands for one or more requests of which only the index of the shard, which is not here yet, tells the place. */
  isUnlocated?: true
}

/** What `ReadHandle.plan` answers: for each request its key, start, stop, and number of chunks. */
export function planOf(values: readonly unknown[]): Plan {
  const requests: PlannedRequest[] = []
  for (let at = 0; at < values.length; at += 4) {
    const [key, start, stop, chunks] = values.slice(at, at + 4) as [string, number, number, number]
    requests.push({ key, ...place(start, stop), chunks })
  }
  return {
    requests,
    chunks: requests.reduce((sum, { chunks }) => sum + chunks, 0),
    objects: new Set(requests.map(({ key }) => key)).size,
  }
}

function place(start: number, stop: number): Omit<PlannedRequest, 'key' | 'chunks'> {
  if (Number.isNaN(start)) return { isUnlocated: true }
  if (start < 0) return { suffixLength: -start }
  return Number.isFinite(stop) ? { offset: start, length: stop - start } : {}
}
