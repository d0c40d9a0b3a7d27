// JSON that is taken apart and written again with all digits of its integers, which a double would round.

/** A text or a number: all that can hold digits. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

const isLong = (token: string) => /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token))

/** As `JSON.parse`, but long integers become texts that `exactText` knows again. */
export function parseHolding(text: string): unknown {
  // What is no JSON is refused here: with a text that is not closed, `TOKEN` would take quadratic time.
  const rounded: unknown = JSON.parse(text)
  if (!/\d{16}/.test(text)) return rounded
  return JSON.parse(text.replace(TOKEN, (token) => (isLong(token) ? `"\\u0000${token}"` : token)))
}

/** What `parseHolding` answered, or a part of it, as JSON. */
export const exactText = (value: unknown): string =>
  JSON.stringify(value).replace(/"\\u0000(-?\d{16,})"/g, '$1')
