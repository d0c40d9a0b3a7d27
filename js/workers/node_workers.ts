// Workers as Node has them.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { WorkerSource } from './pool.js'

export const nodeWorkers = (script: () => URL): WorkerSource => ({
  cores: availableParallelism,
  spawn(received, failed) {
    // What the program was started with is nothing to its decoders.
    const worker = new Worker(script(), { execArgv: [] })
    worker.on('message', received)
    worker.on('error', (error) => failed(error.message))
    worker.on('exit', () => failed('a worker has ended'))
    // Only now: to listen is to keep Node running.
    worker.unref()
    return {
      post: (message, transferred) => worker.postMessage(message, transferred),
      setBusy: (busy) => (busy ? worker.ref() : worker.unref()),
      stop() {
        worker.removeAllListeners('exit')
        worker.terminate()
      },
    }
  },
})
