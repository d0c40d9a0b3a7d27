// zarrita with its defaults.
import { FetchStore, get, open } from 'zarrita'

export async function read(url, selection) {
  return get(await open(new FetchStore(url), { kind: 'array' }), selection)
}
