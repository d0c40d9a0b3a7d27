// Workers as browsers have them.
import type { WorkerSource } from './pool.js'

/**
 * In Firefox (153), a worker that starts others may never return from that, once in some dozens of times: there is nothing
 * that could be done about it then.
 */
const mayHang = () => typeof document === 'undefined' && navigator.userAgent.includes(' Gecko/')

export const browserWorkers = (start: () => Worker): WorkerSource => ({
  cores: () => (mayHang() ? 0 : navigator.hardwareConcurrency),
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
