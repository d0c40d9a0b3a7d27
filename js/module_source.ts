// From what a wasm module is compiled, in browsers and wherever there is `fetch`.
import { ZarrError } from './errors.js'

/** What the wasm is, or where: a compiled module, its bytes, an answer that has them, or a URL that is fetched. */
export type WasmSource = WebAssembly.Module | BufferSource | Response | URL | string

/** Compiles it. */
export async function compiled(source: WasmSource): Promise<WebAssembly.Module> {
  if (typeof source === 'string' || source instanceof URL) return compiledAnswer(await fetch(source))
  if (source instanceof WebAssembly.Module) return source
  // To ask for the class by its name would load all that Node has for `fetch`.
  return 'arrayBuffer' in source ? compiledAnswer(source) : WebAssembly.compile(source)
}

async function compiledAnswer(response: Response): Promise<WebAssembly.Module> {
  const { url, status } = response
  const type = response.headers.get('content-type')
  if (!response.ok) {
    const message = `the library's wasm did not load: status ${status} (${url})`
    throw new ZarrError('store', `${message}; copy it there, ${ELSEWHERE}`, { url, status })
  }
  if (type?.startsWith('text/html')) {
    // A development server answers so for a file that it does not know where to find.
    const message = `the library's wasm did not load: a page came in its place (${url})`
    throw new ZarrError(
      'store',
      `${message}; with Vite, add optimizeDeps: { exclude: ['zarr-wasm'] }, ${ELSEWHERE}`,
      { url },
    )
  }
  // Servers that do not know the type of .wasm files are common: then the bytes are compiled once they are all here.
  return type?.startsWith('application/wasm')
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer())
}

/** What can be done where a bundler has left the wasm behind. */
export const ELSEWHERE = 'or import zarr-wasm/inline'
