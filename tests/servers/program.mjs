// Servers that are programs of their own: started for a test, ended after it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

const PAUSE_MS = 20
const STARTS_WITHIN_MS = 60_000

/**
 * Starts a program and resolves when `ready`, which is called again and again with what the program has written so far,
 * answers something: with `{ ready, stop }`. `stop(signal)` resolves when the program has ended.
 */
export async function startProgram(program, args, ready) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  ended.catch(() => {})
  // A test that fails before it could stop its servers leaves none behind.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  let written = ''
  let failure
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      written += text
    })
  child.on('error', (error) => {
    failure = error.message
  })
  child.on('close', (code, signal) => {
    failure ??= `ended with ${signal ?? code}`
  })
  const giveUp = Date.now() + STARTS_WITHIN_MS
  for (;;) {
    const answer = await ready(written)
    if (failure === undefined && answer) return { ready: answer, stop }
    if (failure === undefined && Date.now() > giveUp) {
      kill()
      failure = `was not ready after ${STARTS_WITHIN_MS / 1000} s`
    }
    if (failure !== undefined) {
      process.off('exit', kill)
      throw new Error(`${[program, ...args].join(' ')} ${failure}\n${written}`)
    }
    await pause(PAUSE_MS)
  }

  async function stop(signal = 'SIGTERM') {
    process.off('exit', kill)
    child.kill(signal)
    await ended
  }
}
