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

/** Knows how long the current task has worked. */
export class Turn {
  #startedAt: number | undefined
  #end: Promise<void> = Promise.resolve()

  /**
   * `undefined` while there is time left in this task, else a promise of the next one. Others may go on then, too: who has
   * waited asks again.
   */
  next(): Promise<void> | undefined {
    if (this.#startedAt === undefined) {
      this.#startedAt = performance.now()
      this.#end = nextTask().then(() => {
        this.#startedAt = undefined
      })
    }
    return performance.now() - this.#startedAt < TURN_MS ? undefined : this.#end
  }
}
