// `zarr-wasm/inline` in Node.
import { useEmbedded } from './embedded.js'
import { useNode } from './node_platform.js'
import worker from './wasm/node_worker_text.js'
import { nodeWorkers } from './workers/node_workers.js'
import { setWorkerSource } from './workers/workers.js'

useEmbedded()
useNode()
setWorkerSource(nodeWorkers(() => new URL(`data:text/javascript,${encodeURIComponent(worker)}`)))

export * from './index.js'
