// The script of a worker in browsers.
import { serve } from './serve.js'

const scope = globalThis as unknown as Worker

const answer = serve((message, transferred) => scope.postMessage(message, transferred))
scope.onmessage = ({ data }) => answer(data)
