// Requests in Node over HTTP/1.1, by Node's own client, with connections that are kept.
import http from 'node:http'
import https from 'node:https'
import type { OnReadOpts, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { urlToHttpOptions } from 'node:url'
import type { Outgoing, Receiver } from './node_transport.js'

/** As many requests as the engine has at once may need a connection each. */
const CONNECTIONS = 256

/** A server that says nothing for so long says nothing any more. */
const SILENCE_MS = 300_000

/** Bytes that a connection may receive at once. */
const RECEIVED = 128 << 10

/** Where connections receive, one after the other; of itself each would have new memory for every 64 KiB. */
const SHARED = Buffer.allocUnsafeSlow(RECEIVED)

/** Node's parser copies what it finds there. If one ever hands it on instead, no read begins there any more. */
let isCopied = true

const receiving: OnReadOpts = {
  buffer: () => (isCopied ? SHARED : Buffer.allocUnsafeSlow(RECEIVED)),
  callback(this: Socket, length: number, received: Uint8Array) {
    this.emit('data', Buffer.from(received.buffer, received.byteOffset, length))
    return true
  },
}

/** What others than Node have in place of its parser may do otherwise. */
const isNode = !('deno' in process.versions || 'bun' in process.versions)

const KEPT = {
  keepAlive: true,
  maxSockets: CONNECTIONS,
  maxFreeSockets: CONNECTIONS,
  onread: isNode ? receiving : undefined,
}

/** Servers that speak HTTP/2: no requests of this kind are for them. */
const speakHttp2 = new Set<string>()

class SpeaksHttp2 extends Error {}

/** Offers HTTP/2 to the server. One that takes it is remembered, and the connection given up. */
class SecureAgent extends https.Agent {
  override createConnection(
    options: https.RequestOptions,
    connected?: (error: Error | null, stream: Duplex) => void,
  ) {
    const offered = { ...options, ALPNProtocols: ['h2', 'http/1.1'] }
    const socket = super.createConnection(offered, connected) as TLSSocket
    socket.once('secureConnect', () => {
      if (socket.alpnProtocol === 'h2') socket.destroy(new SpeaksHttp2())
    })
    return socket
  }
}

const plain = new http.Agent(KEPT)
const secure = new SecureAgent(KEPT)

export const isForHttp = (url: URL): boolean => !speakHttp2.has(url.origin)

/** `otherwise` is called for a server that turns out to speak HTTP/2. */
export function sendByHttp(outgoing: Outgoing, receiver: Receiver, otherwise: () => void): void {
  const { url, method, headers } = outgoing
  const isSecure = url.protocol === 'https:'
  const target = { ...urlToHttpOptions(url), auth: null, method, headers, timeout: SILENCE_MS }
  const request = isSecure
    ? https.request({ ...target, agent: secure })
    : http.request({ ...target, agent: plain })
  receiver.started((reason) => request.destroy(reason))
  let isAnswered = false
  request.on('response', (response) => {
    isAnswered = true
    receiver.head(response.statusCode ?? 0, response.headers)
    response.on('data', (chunk: Buffer) => {
      if (chunk.buffer !== SHARED.buffer) return receiver.data(chunk)
      // Others may have received there in the meantime: it is asked for again.
      isCopied = false
      request.destroy(new Error('received bytes were not copied'))
    })
    response.on('end', () => receiver.end())
    response.on('error', (error) => receiver.fail(error))
  })
  request.on('timeout', () => request.destroy(new Error(`no answer in ${SILENCE_MS / 1000} seconds`)))
  request.on('error', (error: Error & { rawPacket?: Buffer }) => {
    // What the parser refused: it lies where others receive, and is nothing to be shown.
    delete error.rawPacket
    if (!(error instanceof SpeaksHttp2)) return receiver.fail(error)
    isAnswered = true
    speakHttp2.add(url.origin)
    otherwise()
  })
  // An answer that changes the protocol is no response, and no error either.
  request.on('close', () => {
    if (!isAnswered) receiver.fail(new Error('the connection was closed without an answer'))
  })
  request.end()
}
