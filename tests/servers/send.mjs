// Sends a reply as replies.mjs describes it, over HTTP/1.1 or a stream of HTTP/2.
import { constants } from 'node:http2'

/** `last` is called before the last byte leaves, `sent` with the number of bytes of each part of the body. */
export function send(response, reply, { isHead, last, sent }) {
  if (!(reply.delay > 0)) return start(response, reply, isHead, last, sent)
  const timer = setTimeout(() => start(response, reply, isHead, last, sent), reply.delay)
  response.once('close', () => clearTimeout(timer))
}

function start(response, reply, isHead, last, sent) {
  const { status, headers, drop, trickle } = reply
  const end = endOf(response, reply)
  if (drop) {
    last()
    return end.reset()
  }
  response.writeHead(status, headers)
  if (isHead || status === 304) {
    last()
    return response.end()
  }
  const { resetAfter, cutAfter, stallAfter } = reply
  const body = reply.body.subarray(0, resetAfter ?? cutAfter ?? stallAfter)
  const step = trickle?.bytes ?? Math.max(1, body.length)
  const part = (from) => {
    const isLast = from + step >= body.length
    if (isLast && stallAfter === undefined) last()
    const bytes = body.subarray(from, from + step)
    sent(bytes.length)
    if (!isLast) {
      response.write(bytes)
      const timer = setTimeout(part, trickle.every, from + step)
      response.once('close', () => clearTimeout(timer))
    } else if (stallAfter !== undefined) {
      response.write(bytes)
    } else if (resetAfter !== undefined || cutAfter !== undefined) {
      response.write(bytes, () => (resetAfter === undefined ? end.cut() : end.reset()))
    } else {
      response.end(bytes)
      end.whole()
    }
  }
  response.flushHeaders()
  part(0)
}

/** How a reply ends before its time. */
function endOf(response, { headers, body }) {
  const { stream, socket } = response
  if (stream) {
    return {
      reset: () => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
      cut: () => stream.end(),
      whole: () => {},
    }
  }
  return {
    reset: () => socket.resetAndDestroy(),
    cut: () => socket.destroy(),
    // Who promised more than there is can only hang up: whatever came next would be taken for the rest of the body.
    whole: () => {
      if (headers['content-length'] > body.length) response.once('finish', () => socket.destroySoon())
    },
  }
}
