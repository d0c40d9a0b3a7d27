// The entry for Node.
import { readFile } from 'node:fs/promises'
import { FetchTransport } from './fetch_transport.js'
import { NodeTransport } from './node_transport.js'
import { setTransport } from './open.js'
import { setRareModuleSource } from './rare.js'
import { setModuleSource } from './wasm.js'
import { nodeWorkers } from './workers/node_workers.js'
import { setWorkerSource } from './workers/workers.js'

const compiled = async (file: URL) => WebAssembly.compile(new Uint8Array(await readFile(file)))

setModuleSource(() => compiled(new URL('./wasm/zarr_wasm_bg.wasm', import.meta.url)))
setRareModuleSource(() => compiled(new URL('./wasm/zarr_wasm_rare.wasm', import.meta.url)))
setWorkerSource(nodeWorkers(() => new URL('./node_worker.js', import.meta.url)))

setTransport((engine, url, options) =>
  options.fetch || options.credentials
    ? new FetchTransport(engine, url, options)
    : new NodeTransport(engine, url, options.headers),
)

export * from './index.js'
