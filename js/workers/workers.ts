// Decides what is decoded on the caller's thread and what by workers, and starts these when they are first of use.
import { type Decoder, type GroupDecoder, type InlineDecoder, inputOf, type Output } from '../decoder.js'
import { messageOf } from '../errors.js'
import { place } from '../placing.js'
import { settings } from '../settings.js'
import { nextTask, nextTurn } from '../turn.js'
import { browserWorkers } from './browser_workers.js'
import type { Pool, Work, WorkerSource } from './pool.js'

/**
 * Bytes of compressed chunks, decoded, from which on a read is worth starting workers, or using them. So much is decoded
 * here while they start.
 */
const WORTH_STARTING = 64 << 20
const WORTH_USING = 2 << 20

/** Decoded bytes of a group: the fewer there are the less there is to send, but all workers should have some. */
const MOST_GROUP_LENGTH = 4 << 20

let source: WorkerSource | undefined
let pool: Promise<Pool> | undefined
let hasFailed = false

/** Set by the entries for browsers: how a worker is started there. */
export function setBrowserWorkers(start: () => Worker): void {
  source = browserWorkers(start)
}

/** Set by the entries for other platforms. */
export function setWorkerSource(workers: WorkerSource): void {
  source = workers
}

/** The decoder of a read to `fresh`, if its memory is new. */
export function decoderFor(inline: InlineDecoder, work: Work, fresh?: Output): Decoder {
  const { workers = 'auto' } = settings
  const least = workers === 'auto' ? (pool ? WORTH_USING : WORTH_STARTING) : 0
  if (work.bytes <= least || workers === 0 || !source || hasFailed) return inline
  pool ??= started(source)
  const coming = pool
    .then((pool) => pool.decoder(inline, work, workers, fresh))
    .catch((error) => {
      fail(messageOf(error))
      return inline
    })
  return late(coming, inline)
}

/** Most of it is needed by large reads alone, so it is a file of its own. */
function started(source: WorkerSource): Promise<Pool> {
  const means = { inputOf, messageOf, place, nextTask, nextTurn }
  // What becomes of one that is retired is nothing to those after it.
  const failed = (reason: string) => {
    if (pool === starting) fail(reason)
  }
  const starting = import('./pool.js').then(({ Pool }) => new Pool(source, failed, means))
  return starting
}

/** Decodes when `coming` is here: the requests of a read need not wait for that. */
function late(coming: Promise<GroupDecoder>, inline: InlineDecoder): Decoder {
  let decoder: GroupDecoder | undefined
  coming.then((here) => {
    decoder = here
  })
  return {
    get groupsAtOnce() {
      return decoder?.groupsAtOnce ?? 1
    },
    mostGroupLength: MOST_GROUP_LENGTH,
    decode: (spec, packed, encoded, output) =>
      decoder
        ? decoder.decode(spec, packed, encoded, output)
        : coming.then((decoder) =>
            output.ended ? undefined : decoder.decode(spec, packed, encoded, output),
          ),
    pause: () => inline.pause(),
  }
}

/** After this, workers are started anew, as many as are configured. */
export function forgetWorkers(): void {
  pool?.then(
    (pool) => pool.retire(),
    () => {},
  )
  pool = undefined
  hasFailed = false
}

/** Everything works without workers, only slower: that is said, once, and no reason to fail. */
function fail(reason: string): void {
  if (hasFailed) return
  hasFailed = true
  console.warn(`zarr-wasm decodes without workers: ${reason}`)
}
