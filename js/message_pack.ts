// The values of object arrays, which come out of wasm in MessagePack. What is read here was written or checked there.

/**
 * Reads one value: integers beyond 2⁵³ are `bigint`s, bytes `Uint8Array`s, and maps objects, or a `Map` where a key is no
 * text.
 */
export function unpack(bytes: Uint8Array): unknown {
  return new Reader(bytes).value()
}

const texts = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  value(): unknown {
    const marker = this.#unsigned(1)
    if (marker < 0x80) return marker
    if (marker < 0x90) return this.#map(marker & 0x0f)
    if (marker < 0xa0) return this.#list(marker & 0x0f)
    if (marker < 0xc0) return this.#text(marker & 0x1f)
    if (marker >= 0xe0) return marker - 0x100
    switch (marker) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#take(this.#unsigned(2 ** (marker - 0xc4))).slice()
      case 0xca:
        return this.#view.getFloat32(this.#skip(4))
      case 0xcb:
        return this.#view.getFloat64(this.#skip(8))
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#unsigned(2 ** (marker - 0xcc))
      case 0xcf:
        return safe(this.#view.getBigUint64(this.#skip(8)))
      case 0xd0:
        return this.#view.getInt8(this.#skip(1))
      case 0xd1:
        return this.#view.getInt16(this.#skip(2))
      case 0xd2:
        return this.#view.getInt32(this.#skip(4))
      case 0xd3:
        return safe(this.#view.getBigInt64(this.#skip(8)))
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#unsigned(2 ** (marker - 0xd9)))
      case 0xdc:
      case 0xdd:
        return this.#list(this.#unsigned(2 ** (marker - 0xdb)))
      case 0xde:
      case 0xdf:
        return this.#map(this.#unsigned(2 ** (marker - 0xdd)))
    }
    throw new RangeError(`the MessagePack marker ${marker}`)
  }

  /** Where the next `length` bytes begin. */
  #skip(length: number): number {
    const at = this.#at
    this.#at += length
    return at
  }

  #take(length: number): Uint8Array {
    const at = this.#skip(length)
    return this.#bytes.subarray(at, at + length)
  }

  #unsigned(length: number): number {
    const at = this.#skip(length)
    if (length === 1) return this.#view.getUint8(at)
    return length === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at)
  }

  #text(length: number): string {
    return texts.decode(this.#take(length))
  }

  #list(length: number): unknown[] {
    return Array.from({ length }, () => this.value())
  }

  #map(length: number): unknown {
    const entries = Array.from({ length }, () => [this.value(), this.value()] as const)
    const named = entries.every(([key]) => typeof key === 'string')
    // `fromEntries` makes own properties, also where the name is `__proto__`.
    return named ? Object.fromEntries(entries as [string, unknown][]) : new Map(entries)
  }
}

const safe = (integer: bigint): number | bigint =>
  Number.isSafeInteger(Number(integer)) ? Number(integer) : integer
