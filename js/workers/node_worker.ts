// The script of a worker in Node.
import { parentPort } from 'node:worker_threads'
import { serve } from './serve.js'

const answer = serve((message, transferred) => parentPort?.postMessage(message, transferred))
parentPort?.on('message', answer)
