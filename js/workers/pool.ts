// Workers that decode, shared by all reads. Retrieval stays where it is: a worker gets the bytes of a group of chunks, and
// answers with the slab of the output that they are.
import type { GroupDecoder, InlineDecoder, inputOf, Output } from '../decoder.js'
import type { ErrorRecord, messageOf } from '../errors.js'
import type { place } from '../placing.js'
import type { nextTask, nextTurn } from '../turn.js'
import type { Codec } from '../types.js'
import type { Answered, FromWorker, Job, ToWorker } from './messages.js'
import { Spares } from './spares.js'

/** A worker as both platforms have it. */
export interface Port {
  post(message: ToWorker, transferred: ArrayBuffer[]): void
  /** While it is busy a program does not come to its end. */
  setBusy(busy: boolean): void
  stop(): void
}

/** Starts a worker, which calls these; may throw. */
export type Spawn = (received: (message: FromWorker) => void, failed: (reason: string) => void) => Port

/** What it has of the library: imported from a file that is loaded later, that would be a file of its own for every page. */
export interface Means {
  inputOf: typeof inputOf
  messageOf: typeof messageOf
  place: typeof place
  nextTask: typeof nextTask
  nextTurn: typeof nextTurn
}

/** How a platform makes workers. */
export interface WorkerSource {
  cores(): number
  spawn: Spawn
}

/** What there is to do for a read: so many bytes, decoded by these codecs. */
export interface Work {
  codecs: readonly Codec[]
  bytes: number
}

/** More than these are only started if that is configured. */
const MOST_BY_ITSELF = 8

/** Groups that a worker has at once: one that it decodes, and those that it goes on with while this thread is receiving. */
const JOBS_PER_WORKER = 3

const PAGE_LENGTH = 4096

/** Some tenths of a millisecond. */
const TOUCHED_AT_ONCE = 1 << 20

/** Milliseconds of work that are worth a worker's start. */
const WORK_OF_A_WORKER = 192

/** Milliseconds that codecs take for a MiB, roughly. */
const COSTS = new Map([
  ['bytes', 0],
  ['crc32c', 0],
  ['transpose', 0.3],
  ['blosc', 0.5],
  ['lz4', 0.7],
])
/** The others are slower. */
const OTHER_COST = 1.5

/** Milliseconds for a MiB. */
function costOf(codecs: readonly Codec[]): number {
  const cost = ({ name, configuration }: Codec): number =>
    name === 'sharding_indexed'
      ? costOf(configuration.codecs as unknown as Codec[])
      : (COSTS.get(name.replace('numcodecs.', '')) ?? OTHER_COST)
  return codecs.map(cost).reduce((all, one) => all + one, 0)
}

/** A job's answer; `undefined` if its worker is gone. */
type Settle = (answered: Answered | undefined) => void

class PoolWorker {
  readonly #port: Port
  readonly #jobs = new Map<number, Settle>()
  readonly #modules = new Set<number>()
  #isRetired = false

  constructor(spawn: Spawn, failed: (worker: PoolWorker, reason: string) => void) {
    const received = (message: FromWorker) => {
      if (message) this.#settle(message.id, message)
    }
    this.#port = spawn(received, (reason) => {
      failed(this, reason)
      for (const id of [...this.#jobs.keys()]) this.#settle(id, undefined)
    })
  }

  get jobs(): number {
    return this.#jobs.size
  }

  run(job: Job, compiled: WebAssembly.Module): Promise<Answered | undefined> {
    if (!this.#modules.has(job.module)) {
      this.#modules.add(job.module)
      this.#port.post({ module: job.module, compiled }, [])
    }
    if (this.#jobs.size === 0) this.#port.setBusy(true)
    return new Promise((resolve) => {
      this.#jobs.set(job.id, resolve)
      this.#port.post(job, job.room ? [job.input, job.room] : [job.input])
    })
  }

  /** Ends it when its jobs are done. */
  retire(): void {
    this.#isRetired = true
    if (this.#jobs.size === 0) this.#port.stop()
  }

  #settle(id: number, answered: Answered | undefined): void {
    const settle = this.#jobs.get(id)
    this.#jobs.delete(id)
    if (this.#jobs.size === 0) {
      this.#port.setBusy(false)
      if (this.#isRetired) this.#port.stop()
    }
    settle?.(answered)
  }
}

/** Workers. One that fails is gone, and its jobs are done on the caller's thread. */
export class Pool {
  readonly #workers: PoolWorker[] = []
  readonly #source: WorkerSource
  readonly #failed: (reason: string) => void
  /** How many have been started, or cannot be. */
  #started = 0
  readonly #inputs = new Spares()
  readonly #rooms = new Spares()
  readonly #modules: WebAssembly.Module[] = []
  readonly #means: Means
  #lastJob = 0

  /** `failed` gets to know why a worker could not be started, or has ended. */
  constructor(source: WorkerSource, failed: (reason: string) => void, means: Means) {
    this.#source = source
    this.#failed = failed
    this.#means = means
  }

  get size(): number {
    return this.#workers.length
  }

  /** Starts the workers that are missing: so many, or as many as are of use. `fresh` is an output whose memory is new. */
  decoder(
    inline: InlineDecoder,
    { codecs, bytes }: Work,
    workers: number | 'auto',
    fresh: Output | undefined,
  ): GroupDecoder {
    const ofUse = () => Math.ceil((costOf(codecs) * bytes) / (1 << 20) / WORK_OF_A_WORKER)
    this.#start(workers === 'auto' ? Math.min(ofUse(), this.#source.cores(), MOST_BY_ITSELF) : workers)
    if (this.size === 0) return inline
    if (fresh) touch(fresh, this.#means.nextTask)
    return new PoolDecoder(this, inline, this.#means)
  }

  /** Decodes a group, and places it; answers whether there is a worker that did. */
  async decode(
    input: ReturnType<typeof inputOf>,
    compiled: WebAssembly.Module,
    output: Output,
  ): Promise<boolean> {
    const worker = this.#leastBusy()
    if (!worker) return false
    const shared = sharedBytes(output)
    const job: Job = {
      id: ++this.#lastJob,
      module: this.#moduleNumber(compiled),
      input: this.#packed(input),
      specLength: input.specLength,
      packedLength: input.packedLength,
      encodedLength: input.encodedLength,
      output: shared,
      room: shared ? undefined : this.#rooms.take(),
    }
    const answer = worker.run(job, compiled)
    if (!shared) return this.#finish(await answer, output)
    output.writing.add(answer)
    const answered = await answer
    output.writing.delete(answer)
    return this.#finish(answered, output)
  }

  /** Ends the workers, each when its jobs are done; what comes later is decoded on the caller's thread. */
  retire(): void {
    this.#started = Number.POSITIVE_INFINITY
    for (const worker of this.#workers.splice(0)) worker.retire()
  }

  /** Has started so many after this, if it can. */
  #start(count: number): void {
    const failed = (worker: PoolWorker, reason: string) => {
      const at = this.#workers.indexOf(worker)
      if (at >= 0) this.#workers.splice(at, 1)
      this.#failed(reason)
    }
    try {
      for (; this.#started < count; this.#started++)
        this.#workers.push(new PoolWorker(this.#source.spawn, failed))
    } catch (thrown) {
      this.#started = count
      this.#failed(this.#means.messageOf(thrown))
    }
  }

  async #finish(answered: Answered | undefined, output: Output): Promise<boolean> {
    if (!answered) return false
    const { input, decoded, error } = answered
    this.#inputs.give(input, this.size * JOBS_PER_WORKER)
    if (error) throw error satisfies ErrorRecord
    if (decoded) {
      const { bytes, runs } = decoded
      const { nextTurn } = this.#means
      for (let wait = nextTurn(); wait; wait = nextTurn()) await wait
      output.isWritten = true
      if (!output.ended) this.#means.place({ runs, memory: new Uint8Array(bytes), heap: 0 }, output.columns)
      this.#rooms.give(bytes, this.size * JOBS_PER_WORKER)
    }
    return true
  }

  #leastBusy(): PoolWorker | undefined {
    const least = Math.min(...this.#workers.map(({ jobs }) => jobs))
    return this.#workers.find(({ jobs }) => jobs === least)
  }

  #moduleNumber(module: WebAssembly.Module): number {
    const known = this.#modules.indexOf(module)
    return known >= 0 ? known : this.#modules.push(module) - 1
  }

  /** What belongs to the caller, or may be in use by another read, is copied and not sent itself. */
  #packed({ parts, specLength, packedLength, encodedLength }: ReturnType<typeof inputOf>): ArrayBuffer {
    const input = this.#inputs.take(specLength + packedLength + encodedLength)
    const bytes = new Uint8Array(input)
    let at = 0
    for (const part of parts) {
      bytes.set(part, at)
      at += part.length
    }
    return input
  }
}

/**
 * Touches new memory, of this thread alone, page after page, until something is written to it. The system gives a page when
 * it is first written to, which costs more than what is written: so it is asked for them while there is nothing else to do
 * yet. To read before would be worse, for that gives a page of zeros, which the other processors must forget when it is
 * written to.
 */
async function touch(output: Output, nextTask: () => Promise<void>): Promise<void> {
  for (const column of output.columns) {
    if (!('bytes' in column)) continue
    const { bytes } = column
    for (let at = 0; at < bytes.length; ) {
      if (output.isWritten || output.ended) return
      const end = Math.min(at + TOUCHED_AT_ONCE, bytes.length)
      for (; at < end; at += PAGE_LENGTH) bytes[at] = 0
      await nextTask()
    }
  }
}

/** Memory of the output that workers can write to themselves. */
function sharedBytes({ columns: [column] }: Output): Uint8Array | undefined {
  if (typeof SharedArrayBuffer === 'undefined' || !('bytes' in column)) return undefined
  return (column.bytes.buffer as ArrayBufferLike) instanceof SharedArrayBuffer ? column.bytes : undefined
}

/** Decodes in workers what they can, and all else on the caller's thread. */
class PoolDecoder implements GroupDecoder {
  readonly #pool: Pool
  readonly #inline: InlineDecoder
  readonly #means: Means

  constructor(pool: Pool, inline: InlineDecoder, means: Means) {
    this.#pool = pool
    this.#inline = inline
    this.#means = means
  }

  get groupsAtOnce(): number {
    return Math.max(this.#pool.size, 1) * JOBS_PER_WORKER
  }

  decode(
    spec: Uint8Array,
    packed: Uint8Array,
    encoded: readonly Uint8Array[],
    output: Output,
  ): Promise<void> | undefined {
    // Of missing chunks there is nothing to be decoded.
    if (encoded.length === 0) return this.#here(spec, packed, encoded, output)
    return this.#decode(spec, packed, encoded, output)
  }

  async #decode(
    spec: Uint8Array,
    packed: Uint8Array,
    encoded: readonly Uint8Array[],
    output: Output,
  ): Promise<void> {
    const isDone = await this.#pool.decode(
      this.#means.inputOf(spec, packed, encoded),
      this.#inline.module,
      output,
    )
    if (!isDone) await this.#here(spec, packed, encoded, output)
  }

  #here(
    spec: Uint8Array,
    packed: Uint8Array,
    encoded: readonly Uint8Array[],
    output: Output,
  ): Promise<void> | undefined {
    output.isWritten = true
    return this.#inline.decode(spec, packed, encoded, output)
  }
}
