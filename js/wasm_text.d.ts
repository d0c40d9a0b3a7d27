/** A wasm file or the script of a worker as text: see scripts/embed.mjs. */
declare module '*_text.js' {
  const text: string
  export default text
}
