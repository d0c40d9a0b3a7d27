// The wasm as text in a script: compressed, because base64 is a third longer than what it stands for.
import { compiled } from './module_source.js'
import { setRareModuleSource } from './rare.js'
import engine from './wasm/zarr_wasm_bg_text.js'
import { setModuleSource } from './wasm.js'

/** The wasm of the rare codecs is a script of its own, which is loaded when an array needs it. */
export function useEmbedded(): void {
  setModuleSource(() => unpacked(engine))
  setRareModuleSource(async () => unpacked((await import('./wasm/zarr_wasm_rare_text.js')).default))
}

/** The module of which `scripts/embed.mjs` made a text. */
async function unpacked(text: string): Promise<WebAssembly.Module> {
  const compressed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  const bytes = new Blob([compressed]).stream().pipeThrough(new DecompressionStream('gzip'))
  return compiled(await new Response(bytes).arrayBuffer())
}
