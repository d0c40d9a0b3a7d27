/** A wasm file as text: see scripts/embed.mjs. */
declare module '*_text.js' {
  const text: string
  export default text
}
