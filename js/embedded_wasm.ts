// What both entries of `zarr-wasm/inline` have in themselves.
import { unpacked } from './embedded.js'
import { setRareModuleSource } from './rare.js'
import engine from './wasm/zarr_wasm_bg_text.js'
import { setModuleSource } from './wasm.js'

/** The wasm of the rare codecs is a script of its own, which is loaded when an array needs it. */
export function useEmbedded(): void {
  setModuleSource(() => unpacked(engine))
  setRareModuleSource(async () => unpacked((await import('./wasm/zarr_wasm_rare_text.js')).default))
}
