// Workers as browsers have them.
import type { WorkerSource } from './pool.js'

export const browserWorkers = (start: () => Worker): WorkerSource => ({
  cores: () => navigator.hardwareConcurrency,
  spawn(received, failed) {
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
