// Workers as browsers have them.
import type { WorkerSource } from './pool.js'

/** In a worker of Firefox (153), `new Worker` may never return: it did not in 3 of 100 pages, and nothing can interrupt it. */
const mayHang = () => 'WorkerGlobalScope' in globalThis && navigator.userAgent.includes(' Gecko/')

export const browserWorkers = (start: () => Worker): WorkerSource => ({
  cores: () => navigator.hardwareConcurrency,
  spawn(received, failed) {
    if (mayHang()) throw new Error('in Firefox, a worker that starts workers may hang')
    const worker = start()
    worker.onmessage = ({ data }) => received(data)
    worker.onmessageerror = () => failed('a message did not arrive')
    worker.onerror = (event) => {
      event.preventDefault()
      failed(event.message || 'a worker did not start')
    }
    return {
      post: (message, transferred) => worker.postMessage(message, transferred),
      setBusy: () => {},
      stop: () => worker.terminate(),
    }
  },
})
