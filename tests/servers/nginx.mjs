// nginx as people put it before their data: a folder, over HTTP/1.1 and, with TLS, over HTTP/2.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { nginxProgram } from '../../scripts/setup.mjs'
import { selfSigned } from './certificate.mjs'
import { startProgram } from './program.mjs'

const LOG = 'requests.log'

/**
 * Serves the folder at `origin` (HTTP/1.1) and `secureOrigin` (HTTP/2). `exposed` are the headers that pages of other
 * origins may read. `stop()` resolves with all requests, `{ version, method, path, range, status }`, in the order in which
 * they were answered.
 */
export async function serveByNginx(folder, { exposed = ['Content-Length', 'Content-Range', 'ETag'] } = {}) {
  const program = nginxProgram()
  if (!program) throw new Error('nginx is missing: npm run setup installs it')
  const own = await mkdtemp(path.join(tmpdir(), 'nginx-'))
  try {
    const { key, cert } = selfSigned()
    await writeFile(path.join(own, 'key.pem'), key, { mode: 0o600 })
    await writeFile(path.join(own, 'cert.pem'), cert)
    const [port, securePort] = await freePorts(2)
    const token = randomUUID()
    const configuration = path.join(own, 'nginx.conf')
    await writeFile(configuration, configurationOf({ own, folder, port, securePort, exposed, token }))
    const origin = `http://127.0.0.1:${port}`
    // Asked by its token: something else may have taken the port.
    const ready = () =>
      fetch(`${origin}/${token}`).then(
        ({ status }) => status === 204,
        () => false,
      )
    const args = ['-e', 'stderr', '-p', own, '-c', configuration]
    const running = await startProgram(program, args, ready)
    let requests
    const stop = () => {
      requests ??= endOf(running, own)
      return requests
    }
    return { origin, secureOrigin: `https://127.0.0.1:${securePort}`, stop }
  } catch (error) {
    await rm(own, { recursive: true, force: true })
    throw error
  }
}

async function endOf(running, own) {
  // Gracefully: what was answered is in the log.
  await running.stop('SIGQUIT')
  const log = await readFile(path.join(own, LOG), 'utf8')
  await rm(own, { recursive: true })
  return log.split('\n').filter(Boolean).map(JSON.parse)
}

/** What Debian's nginx would write elsewhere, below /var, is written to its own folder. */
function configurationOf({ own, folder, port, securePort, exposed, token }) {
  const { uid, username } = userInfo()
  const headers = [
    `add_header Access-Control-Allow-Origin * always;`,
    ...(exposed.length > 0
      ? [`add_header Access-Control-Expose-Headers "${exposed.join(', ')}" always;`]
      : []),
  ].join(' ')
  return `
daemon off;
${uid === 0 ? `user ${username};` : ''}
worker_processes 1;
worker_shutdown_timeout 5s;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  log_format json escape=json '{"version":"$server_protocol","method":"$request_method","path":"$uri","range":"$http_range","status":$status}';
  access_log ${LOG} json;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  default_type application/octet-stream;
  server {
    listen 127.0.0.1:${port};
    listen 127.0.0.1:${securePort} ssl http2;
    ssl_certificate ${own}/cert.pem;
    ssl_certificate_key ${own}/key.pem;
    root "${folder}";
    ${headers}
    location = /${token} {
      access_log off;
      return 204;
    }
    location / {
      if ($request_method = OPTIONS) {
        ${headers}
        add_header Access-Control-Allow-Methods "GET, HEAD, OPTIONS";
        add_header Access-Control-Allow-Headers "Range";
        return 204;
      }
    }
  }
}
`
}

/** Ports that nobody has now: nginx cannot be told to take any. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = []
  for (const server of servers) {
    await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
    ports.push(server.address().port)
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
