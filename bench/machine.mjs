// The machine and the programs that figures belong to.
import os from 'node:os'

/** One line, with how busy the machine is now: begin with it. */
export function machine() {
  const cores = os.availableParallelism()
  const memory = Math.round(os.totalmem() / 2 ** 30)
  const load = os.loadavg()[0].toFixed(1)
  return `${os.cpus()[0]?.model ?? os.arch()}, ${cores} cores, ${memory} GiB; ${os.type()} ${os.release()}; Node ${process.versions.node}; load ${load} before`
}
