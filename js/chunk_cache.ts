// Decoded chunks of all arrays, those that were used last: see src/read/chunk_cache.rs. Off unless it is configured.

class ChunkCache {
  /** Bytes that there may be: none is larger. */
  mostLength = 0
  length = 0
  hits = 0
  misses = 0
  /** The one that was used last is the last. */
  readonly #chunks = new Map<string, Uint8Array>()

  get(key: string): Uint8Array | undefined {
    const chunk = this.#chunks.get(key)
    if (!chunk) {
      this.misses += 1
      return undefined
    }
    this.hits += 1
    this.#chunks.delete(key)
    this.#chunks.set(key, chunk)
    return chunk
  }

  has(key: string): boolean {
    return this.#chunks.has(key)
  }

  set(key: string, chunk: Uint8Array): void {
    this.#delete(key)
    this.#chunks.set(key, chunk)
    this.length += chunk.length
    this.resize(this.mostLength)
  }

  resize(mostLength: number): void {
    this.mostLength = mostLength
    for (const key of this.#chunks.keys()) {
      if (this.length <= mostLength) return
      this.#delete(key)
    }
  }

  #delete(key: string): void {
    this.length -= this.#chunks.get(key)?.length ?? 0
    this.#chunks.delete(key)
  }
}

export const chunkCache = new ChunkCache()
