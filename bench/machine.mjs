// The machine and the programs that figures belong to.
import os from 'node:os'

/** One line. */
export function machine() {
  const cores = os.availableParallelism()
  const memory = Math.round(os.totalmem() / 2 ** 30)
  return `${os.cpus()[0]?.model ?? os.arch()}, ${cores} cores, ${memory} GiB; ${os.type()} ${os.release()}; Node ${process.versions.node}`
}
