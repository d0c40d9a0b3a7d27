// Wasm as text in a script: compressed, because base64 is a third longer than what it stands for.
import { compiled } from './module_source.js'

/** The module of which `scripts/embed.mjs` made a text. */
export async function unpacked(text: string): Promise<WebAssembly.Module> {
  const compressed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  const bytes = new Blob([compressed]).stream().pipeThrough(new DecompressionStream('gzip'))
  return compiled(await new Response(bytes).arrayBuffer())
}
