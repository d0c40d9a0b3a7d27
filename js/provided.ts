// The wasm as the application passes it.
import { compiled, type WasmSource } from './module_source.js'
import { setRareModuleSource } from './rare.js'
import { setModuleSource } from './wasm.js'
import { setBrowserWorkers } from './workers/workers.js'

/** A source, or a function that answers it when it is first needed. */
export type WasmProvider = WasmSource | (() => WasmSource | Promise<WasmSource>)

/**
 * The files of `dist/wasm/`. Where a bundler can import such files, they are `zarr-wasm/zarr_wasm.wasm` and
 * `zarr-wasm/zarr_wasm_rare.wasm`: a module or a URL, whichever the bundler makes of them.
 */
export interface ProvidedWasm {
  /** What everything needs. */
  engine: WasmProvider
  /** For arrays with rare codecs; without it they are refused as `unsupported`. */
  rare?: WasmProvider | undefined
  /**
   * Starts a worker, of the script `zarr-wasm/browser_worker.js`; not in Node. Without it all is decoded on the caller's
   * thread.
   */
  worker?: (() => Worker) | undefined
}

/**
 * Says what the wasm is: only in `zarr-wasm/slim`, before anything is opened.
 *
 * @example
 * provideWasm({ engine: () => fetch('https://host/zarr_wasm_bg.wasm') })
 */
export function provideWasm({ engine, rare, worker }: ProvidedWasm): void {
  setModuleSource(() => provided(engine))
  if (rare !== undefined) setRareModuleSource(() => provided(rare))
  if (worker !== undefined) setBrowserWorkers(worker)
}

const provided = async (wasm: WasmProvider) => compiled(typeof wasm === 'function' ? await wasm() : wasm)
