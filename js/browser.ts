// The entry for browsers, workers and whatever else is not Node.
import { ZarrError } from './errors.js'
import { setRareModuleSource } from './rare.js'
import { setModuleSource } from './wasm.js'
import { browserWorkers } from './workers/browser_workers.js'
import { setWorkerSource } from './workers/workers.js'

// Bundlers find files by this way of naming them.
setModuleSource(() => compiled(new URL('./wasm/zarr_wasm_bg.wasm', import.meta.url)))
setRareModuleSource(() => compiled(new URL('./wasm/zarr_wasm_rare.wasm', import.meta.url)))
setWorkerSource(
  browserWorkers(() => new Worker(new URL('./browser_worker.js', import.meta.url), { type: 'module' })),
)

async function compiled(file: URL): Promise<WebAssembly.Module> {
  const response = await fetch(file)
  if (!response.ok) {
    const { url, status } = response
    throw new ZarrError('store', `the library's wasm did not load: status ${status} (${url})`, {
      url,
      status,
    })
  }
  if (response.headers.get('content-type')?.startsWith('text/html')) {
    // A development server answers so for a file that it does not know where to find.
    const { url } = response
    const message = `the library's wasm did not load: a page came in its place (${url})`
    throw new ZarrError('store', `${message}; with Vite, add optimizeDeps: { exclude: ['zarr-wasm'] }`, {
      url,
    })
  }
  // Servers that do not know the type of .wasm files are common: then the bytes are compiled once they are all here.
  const streams = response.headers.get('content-type')?.startsWith('application/wasm')
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer())
}

export * from './index.js'
