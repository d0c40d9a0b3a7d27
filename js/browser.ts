// The entry for browsers, workers and whatever else is not Node.
import { ZarrError } from './errors.js'
import { setModuleSource } from './wasm.js'

setModuleSource(async () => {
  const response = await fetch(new URL('./wasm/zarr_wasm_bg.wasm', import.meta.url))
  if (!response.ok) {
    const { url, status } = response
    throw new ZarrError('store', `the library's wasm did not load: status ${status} (${url})`, {
      url,
      status,
    })
  }
  // Servers that do not know the type of .wasm files are common: then the bytes are compiled once they are all here.
  const streams = response.headers.get('content-type')?.startsWith('application/wasm')
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer())
})

export * from './index.js'
