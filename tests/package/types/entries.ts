// The types of the other entries.
import { type ErrorCode, open as openInline } from 'zarr-wasm/inline'
import { open as openSlim, provideWasm, type WasmSource } from 'zarr-wasm/slim'
import engine from 'zarr-wasm/zarr_wasm.wasm'
import rare from 'zarr-wasm/zarr_wasm_rare.wasm'

const source: WasmSource = engine
provideWasm({ engine: source, rare: async () => rare, worker: () => new Worker('worker.js') })
provideWasm({ engine: new URL('https://host/zarr_wasm_bg.wasm') })
// @ts-expect-error: nothing works without the engine
provideWasm({ rare })

export const opens: [typeof openSlim, ErrorCode] = [openInline, 'store']
