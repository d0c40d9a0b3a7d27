// WebKitGTK's MiniBrowser by its own WebDriver, on a display that nobody sees.
import { createServer } from 'node:net'
import { webkitPrograms } from '../../../scripts/setup.mjs'
import { startProgram } from '../../servers/program.mjs'

/** Containers do not let it make its sandbox. */
process.env.WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS = '1'

export async function webkit() {
  const { driver, browser, display } = webkitPrograms()
  const screen = await startProgram(
    display,
    ['-displayfd', '1', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'],
    (written) => /^(\d+)$/m.exec(written)?.[1],
  )
  process.env.DISPLAY = `:${screen.ready}`
  const port = await freePort()
  const command = commandTo(`http://127.0.0.1:${port}`)
  const isReady = () =>
    command('GET', '/status').then(
      () => true,
      () => false,
    )
  const server = await startProgram(driver, [`--port=${port}`], isReady)
  const options = { 'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] } }
  const { sessionId, capabilities } = await command('POST', '/session', {
    capabilities: { alwaysMatch: options },
  })
  const session = `/session/${sessionId}`
  return {
    name: `WebKitGTK ${capabilities.browserVersion}`,
    async page() {
      return {
        goto: (url) => command('POST', `${session}/url`, { url }),
        evaluate: (script) =>
          command('POST', `${session}/execute/sync`, { script: `return ${script}`, args: [] }),
      }
    },
    async close() {
      await command('DELETE', session)
      await server.stop()
      await screen.stop()
    },
  }
}

/** A command of WebDriver: resolves with its value. */
const commandTo = (origin) => async (method, path, body) => {
  const response = await fetch(origin + path, { method, body: body && JSON.stringify(body) })
  const { value } = await response.json()
  if (!response.ok) throw new Error(`WebKitWebDriver, ${method} ${path}: ${value.error} ${value.message}`)
  return value
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
