// Heads of HTTP/1.1 (RFC 9112, sections 3 to 6): those of answers as nearly all servers write them, and of requests.

/** As Node has them: names in lower case; of Node's own parser some fields may be lists. */
export type Fields = Record<string, string | string[] | undefined>

export interface Head {
  /** Bytes of the head itself. */
  length: number
  status: number
  headers: Record<string, string>
  bodyLength: number
}

/** Of a head, and of a body in chunks (RFC 9112, section 7.1). */
export const END = '\r\n\r\n'

/** A status line and fields, without what is deprecated: the status and the lines of the fields. */
const HEAD =
  /^HTTP\/1\.1 (\d{3})(?: [\t\x20-\x7e\x80-\xff]*)?\r\n((?:[\w!#$%&'*+.^`|~-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*)\r\n$/

const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

const LENGTH = /^\d{1,15}$/

/** Longer ones are not plain: Node refuses them. */
const MOST_LENGTH = 16 << 10

/**
 * The head that bytes begin with, if it is all there and plain: of an answer with a body whose length it says. `undefined`
 * where there is more to it, or something is wrong.
 */
export function headOf(bytes: Buffer): Head | undefined {
  const length = bytes.subarray(0, MOST_LENGTH).indexOf(END) + END.length
  const [, status, lines] = HEAD.exec(bytes.toString('latin1', 0, length)) ?? []
  if (status === undefined || !hasBody(Number(status))) return undefined
  const headers: Record<string, string> = Object.create(null)
  for (const line of lines.split('\r\n').slice(0, -1)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).replace(/^[\t ]+|[\t ]+$/g, '')
    // A field in several lines is a list (RFC 9110, section 5.3).
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  const { 'content-length': bodyLength, 'transfer-encoding': coding } = headers
  if (coding !== undefined || bodyLength === undefined || !LENGTH.test(bodyLength)) return undefined
  return { length, status: Number(status), headers, bodyLength: Number(bodyLength) }
}

/** Where an answer without a body ends, as far as is known: there may be another before it. */
export function headEnd(bytes: Buffer): number {
  const end = bytes.indexOf(END)
  return end < 0 || /^HTTP\/1\.\d 1/.test(bytes.toString('latin1', 0, 10)) ? bytes.length : end + END.length
}

/** Others come before the answer, have no body whatever they say, or lead elsewhere. */
const hasBody = (status: number) => (status >= 200 && status < 300 && status !== 204) || status >= 400

/** So long before a server closes a connection nothing is sent over it any more. */
const EARLIER_MS = 1000

/** As long as Node's own client does a connection wait for the next request, where the server says nothing of it. */
const UNSAID_MS = 5000

/** Milliseconds for which a connection may be used after an answer: none if the server closes it. */
export function keptMs({ connection, 'keep-alive': keepAlive }: Fields): number {
  if (/\bclose\b/i.test(String(connection))) return 0
  const [, seconds] = /\btimeout=(\d+)/i.exec(String(keepAlive)) ?? []
  return seconds === undefined ? UNSAID_MS : Number(seconds) * 1000 - EARLIER_MS
}

/** Of the connection or of the body that a request does not have: as for `fetch`, they are not for its caller to set. */
const OWN = ['content-length', 'expect', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']

/** The lines of the fields of a request. Throws for a value that has a character that none can have. */
export function fieldLines(fields: Record<string, string>): string {
  const all = Object.entries(fields).filter(([name]) => !OWN.includes(name))
  const wrong = all.find(([, value]) => !VALUE.test(value))
  if (wrong) throw new Error(`the header ${wrong[0]} has a character that no header can have`)
  return all.map(([name, value]) => `${name}: ${value}\r\n`).join('')
}
