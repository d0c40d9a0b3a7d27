// The entry for Node.
import { readFile } from 'node:fs/promises'
import { messageOf, ZarrError } from './errors.js'
import { compiled, ELSEWHERE } from './module_source.js'
import { useNode } from './node_platform.js'
import { setRareModuleSource } from './rare.js'
import { setModuleSource } from './wasm.js'
import { nodeWorkers } from './workers/node_workers.js'
import { setWorkerSource } from './workers/workers.js'

/** Bundles in CommonJS have no `import.meta.url`, and some leave the file behind: then the URL fails, or the reading. */
async function read(file: () => URL): Promise<WebAssembly.Module> {
  const bytes = await Promise.resolve()
    .then(() => readFile(file()))
    .catch((cause) => {
      const message = `the library's wasm did not load: ${messageOf(cause)}; copy it there, ${ELSEWHERE}`
      throw new ZarrError('store', message, {}, { cause })
    })
  return compiled(new Uint8Array(bytes))
}

setModuleSource(() => read(() => new URL('./wasm/zarr_wasm_bg.wasm', import.meta.url)))
setRareModuleSource(() => read(() => new URL('./wasm/zarr_wasm_rare.wasm', import.meta.url)))
useNode()
setWorkerSource(nodeWorkers(() => new URL('./node_worker.js', import.meta.url)))

export * from './index.js'
