// A page that reads in a worker of its own.
import { show, wanted } from './show.js'

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
show(
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = ({ message }) => reject(new Error(message))
    worker.postMessage(wanted())
  }),
)
