// What every entry for Node has in common.
import { setMaxListeners } from 'node:events'
import { FetchTransport } from './fetch_transport.js'
import { NodeTransport } from './node_transport.js'
import { setFiles, setTransport } from './place.js'
import { setExpectMany } from './signals.js'
import worker from './wasm/node_worker_text.js'
import { nodeWorkers } from './workers/node_workers.js'
import { setWorkerSource } from './workers/workers.js'

/** Called by each entry, because bundlers leave away files that only do something, and entries are all they are told of. */
export function useNode(): void {
  // Their `fetch` is what they do best.
  const isOther = 'bun' in process.versions || 'deno' in process.versions
  setTransport((engine, url, options) =>
    isOther || options.fetch || options.credentials
      ? new FetchTransport(engine, url, options)
      : new NodeTransport(engine, url, options.headers),
  )
  setExpectMany((signal) => setMaxListeners(0, signal))
  // The script is in the entry: bundles for servers often leave files behind.
  setWorkerSource(nodeWorkers(() => new URL(`data:text/javascript,${encodeURIComponent(worker)}`)))
  setFiles((location) => (isFile(location) ? import('./stores/node_files.js') : undefined))
}

/** A path, or a URL of a file. */
const isFile = (location: string | URL): boolean =>
  location instanceof URL
    ? location.protocol === 'file:'
    : location !== '' && (/^file:/i.test(location) || !/^[a-z][a-z\d+.-]+:/i.test(location))
