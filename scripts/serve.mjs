// A static server for the demo page (build/demo), the built library and the sample data, as an object store would serve them.
//   node scripts/serve.mjs [port]
import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { inRoot, main } from './run.mjs'

const PORT = 8080
const LOG_LENGTH = 10_000

/** URL prefix → folder; the first that has the file answers. */
const FOLDERS = [
  ['/dist/', inRoot('dist')],
  ['/', inRoot('build/demo')],
  ['/', inRoot('www')],
]

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.map': 'application/json',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-allow-headers': '*',
  'access-control-expose-headers': 'accept-ranges, content-length, content-range, content-type',
}

/**
 * Serves on a port of this machine, a free one unless told; `headersOf` answers headers for a path that replace others.
 * Resolves with the `origin`, the `log` of the latest
 * requests, oldest first ({ method, path, range, status, bytes }), and `close()`.
 */
export async function serve({ port = 0, folders = FOLDERS, headersOf = () => ({}) } = {}) {
  const log = []
  const server = createServer(async (request, response) => {
    const answer = await answerTo(request, folders)
    const bytes = answer.file ? answer.headers['content-length'] : 0
    log.push({
      method: request.method,
      path: request.url,
      range: request.headers.range,
      status: answer.status,
      bytes,
    })
    if (log.length > LOG_LENGTH) log.shift()
    response.writeHead(answer.status, {
      ...CORS,
      'cache-control': 'no-cache',
      ...answer.headers,
      ...headersOf(request.url),
    })
    if (!answer.file) return response.end()
    const { file, start, end } = answer
    // The pipeline closes the file, and only fails when the client has gone.
    await pipeline(file.createReadStream({ start, end }), response).catch(() => {})
  })
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    log,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  }
}

/** The answer as data; `file` is open when there is a body to send, the bytes `start` to `end` (inclusive) of it. */
async function answerTo({ method, url, headers }, folders) {
  if (method === 'OPTIONS') return { status: 204 }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD, OPTIONS' } }
  const { file, name } = await openFile(url, folders)
  if (!file) return { status: 404, headers: { 'content-length': 0 } }
  const { size } = await file.stat()
  const range = rangeOf(headers.range, size)
  if (!range) {
    await file.close()
    return { status: 416, headers: { 'content-range': `bytes */${size}`, 'content-length': 0 } }
  }
  const { start, end, partial } = range
  const described = {
    'content-type': TYPES[path.extname(name)] ?? 'application/octet-stream',
    'content-length': end - start + 1,
    'accept-ranges': 'bytes',
    ...(partial && { 'content-range': `bytes ${start}-${end}/${size}` }),
  }
  const status = partial ? 206 : 200
  if (method === 'GET' && end >= start) return { status, headers: described, file, start, end }
  await file.close()
  return { status, headers: described }
}

async function openFile(url, folders) {
  const pathname = pathOf(url)
  for (const [prefix, folder] of folders) {
    if (!pathname?.startsWith(prefix)) continue
    const name = path.join(folder, pathname.slice(prefix.length) || 'index.html')
    if (!name.startsWith(folder + path.sep)) continue
    const file = await open(name).catch(() => undefined)
    if (!file) continue
    if ((await file.stat()).isFile()) return { file, name }
    await file.close()
  }
  return {}
}

/** The decoded path of a request, or undefined where it is no path: `%zz`, `%00`. */
function pathOf(url) {
  try {
    const decoded = decodeURIComponent(url.split(/[?#]/, 1)[0])
    return decoded.includes('\0') ? undefined : decoded
  } catch {
    return undefined
  }
}

/** The first and the last byte to send, or undefined when the range holds none. What isn't one range is ignored (RFC 9110, 14.2). */
function rangeOf(header, size) {
  const [matched, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (!matched || matched === 'bytes=-' || (first && last && Number(first) > Number(last))) {
    return { start: 0, end: size - 1, partial: false }
  }
  const start = first ? Number(first) : Math.max(0, size - Number(last))
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1
  return start <= end ? { start, end, partial: true } : undefined
}

await main(import.meta, async () => {
  const { origin } = await serve({ port: Number(process.argv[2] ?? PORT) })
  console.log(`serving ${origin}/`)
})
