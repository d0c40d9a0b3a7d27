// The processes that a run consists of, and what they say.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const LIMIT_MS = 120_000

const started = (file, ...args) => fork(fileURLToPath(new URL(file, import.meta.url)), args)

/** Makes the store of an array in this folder, where it is not there yet. */
export async function make(folder, array, size) {
  const [code] = await once(started('make.mjs', folder, array, size), 'exit')
  if (code !== 0) throw new Error(`${array} could not be made`)
}

/** Serves a folder: resolves with its `url`, `counts()` of requests since the last time, and `close()`. */
export async function startServer(folder, latency) {
  const server = started('server.mjs', folder, `${latency}`)
  const [port] = await once(server, 'message')
  return {
    url: `http://127.0.0.1:${port}`,
    async counts() {
      server.send('counts')
      return (await once(server, 'message'))[0]
    },
    close: () => server.disconnect(),
  }
}

/** What client.mjs finds out in a process of its own. */
export async function runInNode(adapter, url, selection) {
  const client = started('client.mjs', adapter, url, JSON.stringify(selection))
  const limit = setTimeout(() => client.kill(), LIMIT_MS)
  let outcome = { error: `ended without a result, or took longer than ${LIMIT_MS / 1000} s` }
  client.once('message', (message) => {
    outcome = message
  })
  await once(client, 'exit')
  clearTimeout(limit)
  return outcome
}
