// The entry that has the wasm in itself, for single files and for set-ups that leave files behind.
import { useEmbedded } from './embedded_wasm.js'
import worker from './wasm/browser_worker_text.js'
import { setBrowserWorkers } from './workers/workers.js'

useEmbedded()
// A policy may forbid scripts of this kind: then it decodes without workers.
setBrowserWorkers(() => {
  const url = URL.createObjectURL(new Blob([worker], { type: 'text/javascript' }))
  return new Worker(url, { type: 'module' })
})

export * from './index.js'
