// What every entry for Node has in common.
import { FetchTransport } from './fetch_transport.js'
import { NodeTransport } from './node_transport.js'
import { setTransport } from './open.js'
import worker from './wasm/node_worker_text.js'
import { nodeWorkers } from './workers/node_workers.js'
import { setWorkerSource } from './workers/workers.js'

/** Called by each entry, because bundlers leave away files that only do something, and entries are all they are told of. */
export function useNode(): void {
  // Bun's `fetch` is what it does best.
  const isBun = 'bun' in process.versions
  setTransport((engine, url, options) =>
    isBun || options.fetch || options.credentials
      ? new FetchTransport(engine, url, options)
      : new NodeTransport(engine, url, options.headers),
  )
  // The script is in the entry: bundles for servers often leave files behind.
  setWorkerSource(nodeWorkers(() => new URL(`data:text/javascript,${encodeURIComponent(worker)}`)))
}
