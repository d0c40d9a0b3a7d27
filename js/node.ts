// The entry for Node.
import { readFile } from 'node:fs/promises'
import { unpacked } from './embedded.js'
import { compiled } from './module_source.js'
import { useNode } from './node_platform.js'
import { setRareModuleSource } from './rare.js'
import { setModuleSource } from './wasm.js'

/**
 * Bundles for servers often leave the file behind, or have a name for it that is none in Node, or no `import.meta.url` to
 * begin with. All of them have what is imported: then it is read from there, as text.
 */
async function read(file: () => URL, text: () => Promise<{ default: string }>): Promise<WebAssembly.Module> {
  const bytes = await Promise.resolve()
    .then(() => readFile(file()))
    .catch(() => undefined)
  return bytes ? compiled(new Uint8Array(bytes)) : unpacked((await text()).default)
}

setModuleSource(() =>
  read(
    () => new URL('./wasm/zarr_wasm_bg.wasm', import.meta.url),
    () => import('./wasm/zarr_wasm_bg_text.js'),
  ),
)
setRareModuleSource(() =>
  read(
    () => new URL('./wasm/zarr_wasm_rare.wasm', import.meta.url),
    () => import('./wasm/zarr_wasm_rare_text.js'),
  ),
)
useNode()

export * from './index.js'
