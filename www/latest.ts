// A place for one piece of work at a time: whoever comes later aborts whoever came before.
export class Latest {
  #controller = new AbortController()

  /** Aborts what is under way. */
  cancel(): void {
    this.#controller.abort()
  }

  /** Resolves with what `work` made, or undefined if a later call took its place, whatever became of it. */
  async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    this.cancel()
    this.#controller = new AbortController()
    const { signal } = this.#controller
    try {
      const result = await work(signal)
      return signal.aborted ? undefined : result
    } catch (error) {
      if (signal.aborted) return undefined
      throw error
    }
  }
}
