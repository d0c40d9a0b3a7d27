// The page: an address, a file or a folder is a store, the tree chooses an array, sliders a slice; each step aborts what it
// overtakes. What is shown stands in the address of the page.
import { configure, type Location, type StoreKind, ZarrError } from 'zarr-wasm'
import { type Catalogue, mainArray, readCatalogue, UnlistedGroup } from './catalogue.js'
import { byId } from './dom.js'
import { Figure } from './figure.js'
import { messageOf } from './format.js'
import { Latest } from './latest.js'
import { chosenFile, chosenFolder, dropped, type Local } from './local.js'
import { Player } from './player.js'
import { showControls } from './sliders.js'
import { readState, type State, writeState } from './state.js'
import { Strip } from './strip.js'
import { followTheme } from './theme.js'
import { markChosen, showFacts, showTree } from './tree.js'
import { openView, type View } from './view.js'

const SAMPLE = 'data/ostia.zarr'
/** Tiles of neighbouring windows may share chunks, and time is played through again. */
const CACHE_BYTES = 256 << 20
/** Browsers count how often an address changes. */
const MILLISECONDS_UNTIL_ADDRESS = 300

interface Source {
  name: string
  location: Location
  store?: StoreKind
  /** As it was given, where it can be passed on. */
  url?: string
}

const form = byId('source', HTMLFormElement)
const address = byId('url', HTMLInputElement)
const samples = byId('samples', HTMLElement)
const stageBox = byId('figure', HTMLElement)
const failure = byId('failure', HTMLElement)
const file = byId('file', HTMLInputElement)
const folder = byId('folder', HTMLInputElement)

const opening = new Latest()
let source: Source | undefined
let view: View | undefined
let addressTimer = 0

const figure = new Figure({
  state: (state) => {
    if (state === 'loading') strip.begin()
    else strip.end()
    if (state === 'ready' && view) player.ready(view)
  },
  drawn: () => {
    stageBox.hidden = false
    failure.hidden = true
    rememberSoon()
  },
  failed: (error) => fail('This slice could not be read', error),
  play: () => {
    const [axis] = view?.leading ?? []
    if (axis !== undefined) play(axis)
  },
})
const strip = new Strip(() => figure.stage.counts)
const player = new Player(showSlice)

function openSource(next: Source, { path, at, axes, window }: Omit<State, 'url'>): Promise<void> {
  source = next
  address.value = next.url ?? next.name
  for (const button of samples.querySelectorAll('button')) {
    button.setAttribute('aria-pressed', String(button.dataset.url === next.url))
  }
  return attempt('This store could not be opened', async (signal) => {
    showTree([], () => {})
    const { location, store } = next
    const catalogue = await readCatalogue(location, { store }, path, signal)
    showTree(catalogue.entries, (chosen) =>
      attempt('This array could not be opened', (s) => openArray(catalogue, chosen, s)),
    )
    const chosen = path ?? mainArray(catalogue)
    if (chosen === undefined) throw new Error('There is no array in this store.')
    await openArray(catalogue, chosen, signal, { at, axes, window })
  })
}

async function openArray(
  catalogue: Catalogue,
  path: string,
  signal: AbortSignal,
  { at, axes, window }: Pick<State, 'at' | 'axes' | 'window'> = { at: [], axes: [], window: [] },
): Promise<void> {
  markChosen(path)
  const opened = await openView(catalogue, path, signal)
  signal.throwIfAborted()
  opened.restore(at, axes)
  view = opened
  showFacts(opened.array)
  controls()
  showSlice(opened)
  const [x, y, zoom] = window
  if (zoom !== undefined) figure.stage.camera.moveTo(x, y, zoom)
}

function controls(): void {
  showControls(view, {
    moved: () => view && showSlice(view),
    turned: () => {
      player.stop()
      controls()
      if (view) showSlice(view)
    },
    play,
  })
}

function showSlice(shown: View): void {
  const { axis } = player
  const ahead = axis === undefined ? [] : [shown.plane(axis, Player.following(shown, axis))]
  figure.show(shown.plane(), ahead)
}

function play(axis: number): void {
  if (view) player.toggle(axis, view)
}

/** Opens something in place of whatever was being opened or read. */
async function attempt(failing: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  player.stop()
  clearTimeout(addressTimer)
  figure.stage.clear()
  view = undefined
  controls()
  showFacts(undefined)
  figure.setState('loading')
  try {
    await opening.run(work)
  } catch (error) {
    fail(failing, error)
  }
}

/** An error takes the place of the picture, which would pass for the answer otherwise. */
function fail(what: string, error: unknown): void {
  player.stop()
  byId('failure-title', HTMLElement).textContent = `${what}.`
  const cause = error instanceof UnlistedGroup ? error.cause : error
  byId('failure-code', HTMLElement).textContent = cause instanceof ZarrError ? cause.code : ''
  byId('failure-message', HTMLElement).textContent = messageOf(error)
  failure.hidden = false
  stageBox.hidden = true
  figure.setState('error')
}

function openUrl(url: string, state: Omit<State, 'url'> = { at: [], axes: [], window: [] }): void {
  const location = resolved(url)
  if (location) void openSource({ name: url, location, url }, state)
  else fail('This store could not be opened', new Error(`${url} is no address`))
}

function resolved(url: string): string | undefined {
  const text = url.trim().replace(/\/+$/, '')
  return URL.canParse(text, document.baseURI) ? new URL(text, document.baseURI).href : undefined
}

function openLocal(local: Local): void {
  void openSource(local, { at: [], axes: [], window: [] })
  remember()
}

/** What the visitor came for is a step of the browser's history; how it is looked at is none. */
function goTo(url: string): void {
  history.pushState(null, '', `${location.pathname}${location.search}${hashOf(url)}`)
  openUrl(url)
}

const hashOf = (url: string) => (url === SAMPLE ? '' : writeState({ url, at: [], axes: [], window: [] }))

function rememberSoon(): void {
  clearTimeout(addressTimer)
  addressTimer = setTimeout(remember, MILLISECONDS_UNTIL_ADDRESS)
}

function remember(): void {
  const hash = writeState(currentState())
  history.replaceState(null, '', `${location.pathname}${location.search}${hash}`)
}

function currentState(): State {
  const { camera } = figure.stage
  const path = view?.array.path.slice(1)
  const isTurned = view && !(view.across === view.dimensions.length - 1 && view.down === view.across - 1)
  return {
    url: source?.url,
    path: path || undefined,
    at: view?.indices.map((index, axis) => (view?.leading.includes(axis) ? index : 0)) ?? [],
    axes: isTurned && view?.down !== undefined && view.across !== undefined ? [view.down, view.across] : [],
    window: camera.zoom > 1 ? [camera.centre.x, camera.centre.y, camera.zoom] : [],
  }
}

function restore(): void {
  const { url = SAMPLE, ...state } = readState(location.hash)
  openUrl(url, state)
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  goTo(address.value.trim())
})
samples.addEventListener('click', ({ target }) => {
  const url = target instanceof HTMLElement ? target.dataset.url : undefined
  if (url) goTo(url)
})
byId('choose-file', HTMLButtonElement).addEventListener('click', () => file.click())
byId('choose-folder', HTMLButtonElement).addEventListener('click', () => folder.click())
file.addEventListener('change', () => {
  if (file.files?.[0]) openLocal(chosenFile(file.files[0]))
  file.value = ''
})
folder.addEventListener('change', () => {
  if (folder.files?.[0]) openLocal(chosenFolder([...folder.files]))
  folder.value = ''
})
document.addEventListener('dragover', (event) => {
  event.preventDefault()
  document.body.classList.add('dropping')
})
for (const end of ['dragleave', 'drop'] as const) {
  document.addEventListener(end, ({ relatedTarget }) => {
    if (relatedTarget === null) document.body.classList.remove('dropping')
  })
}
document.addEventListener('drop', (event) => {
  event.preventDefault()
  const local = event.dataTransfer && dropped(event.dataTransfer)
  if (local) openLocal(local)
})
window.addEventListener('hashchange', restore)

followTheme()
configure({ cacheBytes: CACHE_BYTES })
restore()
