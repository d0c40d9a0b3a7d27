// Servers that are programs of their own: started for a test, ended after it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

const PAUSE_MS = 20
const STARTS_WITHIN_MS = 60_000

/** A test that is ended before it could stop its servers, by itself or by a signal, leaves none behind. */
const running = new Set()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))

/**
 * Starts a program and resolves when `ready`, which is called again and again with what the program has written so far,
 * answers something: with `{ ready, stop }`. `stop(signal)` resolves when the program has ended.
 */
export async function startProgram(program, args, ready) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  ended.catch(() => {})
  running.add(child)
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
      child.kill('SIGKILL')
      failure = `was not ready after ${STARTS_WITHIN_MS / 1000} s`
    }
    if (failure !== undefined) {
      running.delete(child)
      throw new Error(`${[program, ...args].join(' ')} ${failure}\n${written}`)
    }
    await pause(PAUSE_MS)
  }

  async function stop(signal = 'SIGTERM') {
    child.kill(signal)
    await ended
    running.delete(child)
  }
}
