// Serves one store from memory, every reply after a delay: a process of its own, started by `startServer` of processes.mjs.
//   node server.mjs FOLDER LATENCY_MS
// Its parent gets the port, and for each message the requests since the last one: { requests, maxInFlight }.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'

const HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'access-control-expose-headers': 'accept-ranges, content-length, content-range',
  'access-control-max-age': '600',
  'cross-origin-resource-policy': 'cross-origin',
  'accept-ranges': 'bytes',
}

const [folder, latency] = process.argv.slice(2)
const objects = new Map(
  readdirSync(folder, { recursive: true })
    .filter((file) => statSync(path.join(folder, file)).isFile())
    .map((file) => [`/${file.replaceAll(path.sep, '/')}`, readFileSync(path.join(folder, file))]),
)
objects.set('/?keys', Buffer.from(JSON.stringify([...objects.keys()].map((key) => key.slice(1)))))

let inFlight = 0
let counts = { requests: 0, maxInFlight: 0 }

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  counts.requests++
  counts.maxInFlight = Math.max(counts.maxInFlight, ++inFlight)
  response.once('close', () => inFlight--)
  setTimeout(answer, Number(latency), request, response)
})

function answer({ method, url, headers }, response) {
  if (method === 'OPTIONS') return response.writeHead(204, HEADERS).end()
  const object = objects.get(url)
  const range = object && rangeOf(headers.range, object.length)
  if (!range) return response.writeHead(object ? 416 : 404, { ...HEADERS, 'content-length': 0 }).end()
  const [start, end] = range
  const length = { 'content-length': end - start }
  if (headers.range) length['content-range'] = `bytes ${start}-${end - 1}/${object.length}`
  response.writeHead(headers.range ? 206 : 200, { ...HEADERS, ...length })
  response.end(method === 'HEAD' ? undefined : object.subarray(start, end))
}

/** The first byte and the one after the last, or undefined where the range holds none. */
function rangeOf(header, size) {
  if (!header) return [0, size]
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? []
  const start = first ? Number(first) : size - Number(last)
  const end = first && last ? Math.min(Number(last) + 1, size) : size
  return start >= 0 && start < end ? [start, end] : undefined
}

process.on('message', () => {
  process.send(counts)
  counts = { requests: 0, maxInFlight: 0 }
})
process.on('disconnect', () => process.exit())
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => process.send(server.address().port))
