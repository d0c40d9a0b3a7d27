// zarrita with workers that decode, one for each core; in pages only.
import { getWorker } from '@fideus-labs/fizarrita'
import { WorkerPool } from '@fideus-labs/worker-pool'
import { FetchStore, open } from 'zarrita'

export async function read(url, selection) {
  const pool = new WorkerPool(navigator.hardwareConcurrency)
  try {
    return await getWorker(await open(new FetchStore(url), { kind: 'array' }), selection, { pool })
  } finally {
    pool.terminateWorkers()
  }
}
