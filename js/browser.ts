// The entry for browsers, workers and whatever else is not Node.
import { compiled } from './module_source.js'
import { setRareModuleSource } from './rare.js'
import { setModuleSource } from './wasm.js'
import { setBrowserWorkers } from './workers/workers.js'

// Bundlers find files by this way of naming them.
setModuleSource(() => compiled(new URL('./wasm/zarr_wasm_bg.wasm', import.meta.url)))
setRareModuleSource(() => compiled(new URL('./wasm/zarr_wasm_rare.wasm', import.meta.url)))
setBrowserWorkers(() => new Worker(new URL('./browser_worker.js', import.meta.url), { type: 'module' }))

export * from './index.js'
