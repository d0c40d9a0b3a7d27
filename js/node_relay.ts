// Answers of HTTP/1.1 that are left to Node's own client: it gets the bytes that others received.
import { type IncomingMessage, request as requestByNode } from 'node:http'
import { Duplex } from 'node:stream'
import type { Outgoing, Receiver } from './node_transport.js'

/** A connection as Node's client sees it: what is pushed to it is received, and what it sends has been sent before. */
class Relay extends Duplex {
  override _read(): void {}

  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done()
  }
}

/** What Node makes of the bytes that are pushed. `ended` is called with a complete answer, and before its receiver. */
export function relayed(
  { method }: Outgoing,
  receiver: Receiver,
  ended: (response: IncomingMessage) => void,
): Duplex {
  const relay = new Relay()
  const request = requestByNode({ method, createConnection: () => relay })
  let isAnswered = false
  request.on('response', (response) => {
    isAnswered = true
    receiver.head(response.statusCode ?? 0, response.headers)
    response.on('data', (chunk: Buffer) => receiver.data(chunk))
    response.on('end', () => {
      ended(response)
      receiver.end()
    })
    response.on('error', (error) => receiver.fail(error))
  })
  request.on('error', (error: Error & { rawPacket?: Buffer }) => {
    // What the parser refused is nothing to be shown.
    delete error.rawPacket
    receiver.fail(error)
  })
  // An answer that changes the protocol is no response, and no error either.
  request.on('close', () => {
    if (!isAnswered) receiver.fail(new Error('the connection was closed without an answer'))
  })
  request.end()
  return relay
}
