// What passes between the pool and its workers.
import type { ErrorRecord } from '../errors.js'

/** A module, before the first job that is done with it. */
export interface ModuleMessage {
  module: number
  compiled: WebAssembly.Module
}

/** A group of chunks to be decoded. */
export interface Job {
  id: number
  module: number
  /** The read spec, the packed chunks and their bytes, one after the other; it comes back with the answer. */
  input: ArrayBuffer
  specLength: number
  packedLength: number
  encodedLength: number
  /** Memory that is shared, if the output is: what was decoded is copied there by the worker. */
  output?: Uint8Array | undefined
  /** Memory of an earlier answer, to be used again. */
  room?: ArrayBuffer | undefined
}

/** What a worker says when it has started, and then about each job. */
export interface Answered {
  id: number
  input: ArrayBuffer
  /** What was decoded, and where it goes in the output, unless it is there already. */
  decoded?: { bytes: ArrayBuffer; runs: Float64Array }
  error?: ErrorRecord
}

export type ToWorker = ModuleMessage | Job

/** `null` says that the worker has started. */
export type FromWorker = null | Answered
