// Long work on the caller's thread is cut into turns, between which the event loop gets its due.

/** Milliseconds of work after which the event loop is let in. */
const TURN_MS = 4

/** Resolves in a task of its own, so that input, timers and painting come in between. */
export const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve)
      return
    }
    // Unlike nested timers, messages are not slowed down by browsers.
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })

/** When the current turn began, if there is one. */
let startedAt: number | undefined
let end: Promise<void> = Promise.resolve()

/**
 * `undefined` while there is time left in the current turn, else a promise of the next one. All work on this thread shares
 * it, so others may go on then, too: who has waited asks again.
 */
export function nextTurn(): Promise<void> | undefined {
  if (startedAt === undefined) {
    startedAt = performance.now()
    end = nextTask().then(() => {
      startedAt = undefined
    })
  }
  return performance.now() - startedAt < TURN_MS ? undefined : end
}
