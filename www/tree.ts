// The groups and arrays of a store as nested lists, and the facts of the array that is shown.
import type { Codec, ZarrArray } from 'zarr-wasm'
import type { Entry } from './catalogue.js'
import { byId, element } from './dom.js'
import { formatShape } from './view.js'

const tree = byId('tree', HTMLElement)
const facts = byId('facts', HTMLElement)

/** In larger trees groups are closed at first. */
const MOST_OPEN = 200

export function showTree(entries: readonly Entry[], chosen: (path: string) => void): void {
  const groups = new Map([['', tree]])
  tree.replaceChildren()
  for (const entry of byRank(entries)) {
    const cut = entry.path.lastIndexOf('/')
    const parent = groups.get(cut < 0 ? '' : entry.path.slice(0, cut)) ?? tree
    const name = entry.path.slice(parent === tree ? 0 : cut + 1)
    if (entry.kind === 'array') parent.append(arrayItem(entry, name, chosen))
    else {
      const list = element('ul', {})
      const details = element('details', {}, element('summary', {}, ...breakable(name)), list)
      details.open = entries.length <= MOST_OPEN
      groups.set(entry.path, list)
      parent.append(element('li', {}, details))
    }
  }
}

export function markChosen(path: string): void {
  for (const button of tree.querySelectorAll('button')) {
    const isChosen = button.dataset.path === path
    if (isChosen) button.setAttribute('aria-current', 'true')
    else button.removeAttribute('aria-current')
    for (
      let at = button.closest('details');
      isChosen && at;
      at = at.parentElement?.closest('details') ?? null
    )
      at.open = true
  }
}

export function showFacts(array: ZarrArray | undefined): void {
  if (!array) {
    facts.replaceChildren()
    return
  }
  const rows: [string, string][] = [
    ['Format', `Zarr v${array.zarrFormat}`],
    ['Data type', array.dtype],
    ['Shape', formatShape(array.shape)],
    ['Chunks', array.chunks ? formatShape(array.chunks) : 'of different shapes'],
  ]
  if (array.shards) rows.push(['Shards', formatShape(array.shards)])
  rows.push(['Codecs', namesOf(array.codecs)])
  facts.replaceChildren(
    ...rows.map(([name, text]) => element('div', {}, element('dt', {}, name), element('dd', {}, text))),
  )
}

/** With those of inner chunks in brackets. */
function namesOf(codecs: readonly Codec[]): string {
  return codecs
    .map(({ name, configuration }) =>
      Array.isArray(configuration.codecs) ? `${name} (${namesOf(configuration.codecs)})` : name,
    )
    .join(', ')
}

/** Groups before what is in them; arrays of most dimensions first, because the others are mostly their coordinates. */
function byRank(entries: readonly Entry[]): Entry[] {
  const depth = ({ path }: Entry) => path.split('/').length
  const dimensions = ({ shape }: Entry) => shape?.length ?? 0
  return [...entries].sort(
    (a, b) => depth(a) - depth(b) || dimensions(b) - dimensions(a) || a.path.localeCompare(b.path),
  )
}

function arrayItem({ path, shape }: Entry, name: string, chosen: (path: string) => void): HTMLLIElement {
  const title = element('span', { class: 'array-name' }, ...breakable(name || 'this array'))
  const button = element('button', { type: 'button', 'data-path': path }, title, ' ')
  if (shape) button.append(formatShape(shape))
  button.addEventListener('click', () => chosen(path))
  return element('li', {}, button)
}

/** A long name may go on in a new line after each of its words. */
function breakable(name: string): (Node | string)[] {
  return name.split(/(?<=[_/])/).flatMap((word) => [word, element('wbr', {})])
}
