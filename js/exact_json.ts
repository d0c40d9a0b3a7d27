// JSON in which integers beyond 2⁵³ are kept, as bigints: a double would round them. Between wasm and codecs from outside.

/** A text or a number: all that can hold digits. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const LONG = /^-?\d{16,}$/
/** How a long integer is held in between: JSON has no such text unless it is meant to confuse. */
const HELD = /"\\u0000(-?\d+)"/g

export function parseExact(text: string) {
  const held = text.replace(TOKEN, (token) => (LONG.test(token) ? `"\\u0000${token}"` : token))
  return JSON.parse(held, (_, value) => {
    if (typeof value !== 'string' || !LONG.test(value.slice(1)) || value[0] !== '\0') return value
    const integer = Number(value.slice(1))
    return Number.isSafeInteger(integer) ? integer : BigInt(value.slice(1))
  })
}

export const stringifyExact = (value: unknown): string =>
  JSON.stringify(value, (_, value) => (typeof value === 'bigint' ? `\0${value}` : value)).replace(HELD, '$1')
