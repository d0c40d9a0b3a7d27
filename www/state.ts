// What the page shows, as the part of its own address behind the #: whoever is passed the address sees the same.

export interface State {
  /** Of the store; none of a file or folder of the visitor's, which nobody else has. */
  url?: string
  /** Of the array in it; the page chooses where there is none. */
  path?: string
  /** An index for each dimension. */
  at: number[]
  /** The axes that are drawn down and across. */
  axes: number[]
  /** The middle of the window, in elements as drawn, and the zoom. */
  window: number[]
}

export function readState(hash: string): State {
  const members = new URLSearchParams(hash.replace(/^#/, ''))
  const text = (name: string) => members.get(name) ?? undefined
  const numbers = (name: string) => (text(name)?.split(',') ?? []).map(Number).filter(Number.isFinite)
  return {
    url: text('url'),
    path: text('path'),
    at: numbers('at'),
    axes: numbers('axes'),
    window: numbers('window'),
  }
}

export function writeState({ url, path, at, axes, window }: State): string {
  const members = new URLSearchParams()
  if (url === undefined) return ''
  members.set('url', url)
  if (path) members.set('path', path)
  if (at.some((index) => index !== 0)) members.set('at', at.join())
  if (axes.length > 0) members.set('axes', axes.join())
  if (window.length > 0) members.set('window', window.map((value) => Number(value.toFixed(3))).join())
  // These may stand behind a #, and people read addresses.
  return `#${members}`.replace(/%2F|%3A|%2C/g, decodeURIComponent)
}
