// Scripts for the object server: what goes wrong, and when.
//
// A script is called with the request, the honest reply and the object (undefined where there is none), and answers a reply.
// A fault is a script that always goes wrong; `first`, `only` and `atRandom` make scripts of faults.
import { createHash } from 'node:crypto'
import { answerOf, partOf } from './replies.mjs'

export const answered = (_, honest) => honest

/** Another status; with `retryAfter`, in seconds or as a date. */
export const refused = (status, retryAfter) => () =>
  answerOf(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter })

/** The connection ends without an answer. */
export const dropped = (_, honest) => ({ ...honest, drop: true })

/** The connection is reset in the middle of the body. */
export const reset = (_, honest) => ({ ...honest, resetAfter: honest.body.length >> 1 })

/** The connection ends properly, in the middle of the body. */
export const truncated = (_, honest) => ({ ...honest, cutAfter: honest.body.length >> 1 })

/** Half of the body, in a reply that is whole as far as HTTP is concerned. */
export const shortened = (_, honest) => {
  const body = honest.body.subarray(0, honest.body.length >> 1)
  return { ...honest, headers: { ...honest.headers, 'content-length': body.length }, body }
}

/** Content-Length is wrong by so many bytes. */
export const miscounted = (by) => (_, honest) => ({
  ...honest,
  headers: { ...honest.headers, 'content-length': honest.body.length + by },
})

/** Half of the body, and then nothing more. */
export const stalled = (_, honest) => ({ ...honest, stallAfter: honest.body.length >> 1 })

/** The body in parts of so many bytes, with so many milliseconds between them. */
export const trickling =
  (bytes, every = 1) =>
  (_, honest) => ({ ...honest, trickle: { bytes, every } })

/** The whole object, whatever range was asked for. */
export const whole = (_, honest, object) => (object ? { ...honest, ...answerOf(200, {}, object) } : honest)

/** A range that lies so many bytes further on, and says so. */
export const shifted = (by) => (_, honest, object) => {
  const [, first, last] = /^bytes (\d+)-(\d+)/.exec(honest.headers['content-range'] ?? '') ?? []
  return last === undefined ? honest : partOf(object, Number(first) + by, Number(last) + 1 + by)
}

export const unsatisfiable = (_, __, object) =>
  answerOf(416, { 'content-range': `bytes */${object?.length ?? 0}` })

/** To the same path below another origin. */
export const redirected =
  (origin, status = 302) =>
  ({ url }) =>
    answerOf(status, { location: `${origin}${url}` })

/** The same, so many milliseconds later. */
export const delayed =
  (ms, script = answered) =>
  (...asked) => ({ ...script(...asked), delay: ms })

/** The first `count` attempts of each request go wrong. */
export const first =
  (count, fault, otherwise = answered) =>
  (request, ...reply) =>
    (request.attempt <= count ? fault : otherwise)(request, ...reply)

/** The requests that match go wrong. */
export const only =
  (matches, fault, otherwise = answered) =>
  (request, ...reply) =>
    (matches(request) ? fault : otherwise)(request, ...reply)

/**
 * Faults with their rates, `[[0.1, refused(503)], [0.02, reset]]`. What happens to a request depends on the seed, on what
 * it asks for and on how often it has been, but not on when: a seed means the same however requests overtake each other.
 */
export const atRandom = (seed, rates, otherwise = answered) => {
  return (request, ...reply) => {
    const { method, key, range, attempt } = request
    let drawn = fraction([seed, method, key, range ?? '', attempt].join('\n'))
    for (const [rate, fault] of rates) {
      if (drawn < rate) return fault(request, ...reply)
      drawn -= rate
    }
    return otherwise(request, ...reply)
  }
}

/** A number from 0 to 1 that looks like a random one. */
const fraction = (text) => createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32
