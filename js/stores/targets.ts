// What references point at: objects anywhere, by their URLs.
import { merged } from './merged.js'
import { failure, type Source } from './source.js'

/** Targets whose state is kept: what was learned of their servers. */
const MAX_KEPT = 256

/** How an object at a URL is read. */
export type SourceAt = (url: URL) => Source

export class Targets {
  readonly #base: URL
  readonly #sourceAt: SourceAt
  readonly #kept = new Map<string, Source>()

  /** `base` is where the references are. */
  constructor(base: URL, sourceAt: SourceAt) {
    this.#base = base
    this.#sourceAt = sourceAt
  }

  at(location: string): Source {
    const kept = this.#kept.get(location)
    const source = kept ?? merged(this.#sourceAt(this.#resolve(location)))
    // The one that was used last is the last.
    this.#kept.delete(location)
    this.#kept.set(location, source)
    if (this.#kept.size > MAX_KEPT) {
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest)
        break
      }
    }
    return source
  }

  #resolve(location: string): URL {
    // Keys of buckets and paths of files are written as they are: these characters would end them.
    const isUrl = /^(https?|file):/i.test(location)
    const text = isUrl ? location : location.replace(/[%#?]/g, encodeURIComponent)
    let url: URL
    try {
      url = new URL(text, this.#base)
    } catch (cause) {
      throw failure('invalid-metadata', `the reference ${JSON.stringify(location)} is no URL`, {}, cause)
    }
    if (url.protocol === 'file:' && this.#base.protocol !== 'file:') {
      const message = `references from ${this.#base.host} point at the file ${location}: only references in files may`
      throw failure('unsupported', message)
    }
    return url
  }
}
