// JSON in which integers beyond 2⁵³ are kept, as bigints: a double would round them. From wasm to codecs from outside.

/** A text or a number: all that can hold digits. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const LONG = /^-?\d{16,}$/

export function parseExact(text: string) {
  const held = text.replace(TOKEN, (token) => (LONG.test(token) ? `"\\u0000${token}"` : token))
  return JSON.parse(held, (_, value) => {
    if (typeof value !== 'string' || !LONG.test(value.slice(1)) || value[0] !== '\0') return value
    const integer = Number(value.slice(1))
    return Number.isSafeInteger(integer) ? integer : BigInt(value.slice(1))
  })
}
