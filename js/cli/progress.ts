// A bar that shows how far a read is, where somebody looks at a terminal.
import type { Progress } from '../node.js'
import { bytes } from './format.js'

const WIDTH = 30
const EVERY_MS = 100

export interface Bar {
  update(progress: Progress): void
  end(): void
}

/** On standard error, so that it does not get into what is written. */
export function progressBar(isQuiet: boolean): Bar {
  const { stderr } = process
  if (isQuiet || !stderr.isTTY) return { update: () => {}, end: () => {} }
  const started = performance.now()
  let drawn = Number.NEGATIVE_INFINITY
  return {
    update({ chunks, totalChunks, bytes: received }) {
      const now = performance.now()
      if (now - drawn < EVERY_MS && chunks < totalChunks) return
      drawn = now
      const done = Math.round((chunks / Math.max(totalChunks, 1)) * WIDTH)
      const speed = bytes((received / Math.max(now - started, 1)) * 1000)
      const bar = '█'.repeat(done).padEnd(WIDTH, '░')
      stderr.write(`\r${bar} ${chunks}/${totalChunks} chunks, ${bytes(received)}, ${speed}/s\x1b[K`)
    },
    end: () => stderr.write('\r\x1b[K'),
  }
}
