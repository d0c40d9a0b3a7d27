// What servers answer, as data: `{ status, headers, body }`, and how it is sent where that is out of the ordinary:
// - `delay`: so many milliseconds pass before it;
// - `drop`: the connection ends before anything was sent;
// - `cutAfter`, `resetAfter`: it ends, or is reset, after so many bytes of the body;
// - `stallAfter`: after so many bytes of the body nothing more comes;
// - `trickle`: `{ bytes, every }`, the body in parts of so many bytes with so many milliseconds between them.
import { createHash } from 'node:crypto'

const NOTHING = new Uint8Array()

export const answerOf = (status, headers = {}, body = NOTHING) => ({
  status,
  headers: { 'content-length': body.length, ...headers },
  body,
})

/** What a good server answers when it is asked for an object, or for one range of it; `object` is undefined without one. */
export function honest(object, range) {
  if (!object) return answerOf(404)
  const { length } = object
  const headers = { 'accept-ranges': 'bytes', etag: etagOf(object) }
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? []
  if (first === undefined) return answerOf(200, headers, object)
  const start = first === '' ? Math.max(0, length - Number(last)) : Number(first)
  const stop = first === '' || last === '' ? length : Math.min(length, Number(last) + 1)
  return start < stop ? partOf(object, start, stop) : answerOf(416, { 'content-range': `bytes */${length}` })
}

/** The reply that holds the bytes `start..stop` of an object. */
export function partOf(object, start, stop) {
  const headers = {
    'accept-ranges': 'bytes',
    'content-range': `bytes ${start}-${stop - 1}/${object.length}`,
    etag: etagOf(object),
  }
  return answerOf(206, headers, object.subarray(start, stop))
}

const etags = new WeakMap()

function etagOf(object) {
  if (!etags.has(object)) etags.set(object, `"${createHash('md5').update(object).digest('hex')}"`)
  return etags.get(object)
}

/** Which headers let pages of other origins read an answer (Fetch standard, "HTTP-CORS protocol"). */
export const CORS = {
  off: () => ({}),
  /** Pages may read the body, the status, and the few headers that everyone may. */
  plain: (origin) => ({
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    vary: 'origin',
  }),
  exposed: (origin) => ({
    ...CORS.plain(origin),
    'access-control-expose-headers': 'content-length, content-range, etag, retry-after',
  }),
}
