// The page: an address opens a store, the list chooses an array, the sliders a slice; each step aborts what it overtakes.
import { ZarrError } from 'zarr-wasm'
import { markChosen, showArrays, showFacts } from './arrays.js'
import { type Catalogue, readCatalogue } from './catalogue.js'
import { byId } from './dom.js'
import { setState, showPicture } from './figure.js'
import { Latest } from './latest.js'
import { showSliders } from './sliders.js'
import { measured } from './strip.js'
import { openView, type View } from './view.js'

const SAMPLE = '/data/ostia.zarr'

const form = byId('source', HTMLFormElement)
const address = byId('url', HTMLInputElement)
const samples = byId('samples', HTMLElement)
const sliders = byId('sliders', HTMLElement)
const figure = byId('figure', HTMLElement)
const failure = byId('failure', HTMLElement)

const opening = new Latest()
const reading = new Latest()
let frame = 0

function openStore(url: string): Promise<void> {
  address.value = url
  remember(url)
  return attempt('This store could not be opened', async (signal) => {
    showArrays([], () => {})
    const root = new URL(url.replace(/\/+$/, ''), document.baseURI).href
    const catalogue = await measured(signal, () => readCatalogue(root, signal))
    signal.throwIfAborted()
    showArrays(catalogue.entries, (path) =>
      attempt('This array could not be opened', (s) => openArray(catalogue, path, s)),
    )
    await openArray(catalogue, catalogue.entries[0]?.path ?? '', signal)
  })
}

async function openArray(catalogue: Catalogue, path: string, signal: AbortSignal): Promise<void> {
  markChosen(path)
  const view = await measured(signal, () => openView(catalogue, path, signal))
  signal.throwIfAborted()
  showFacts(view.array)
  showSliders(sliders, view, () => readSoon(view))
  await readSlice(view)
}

/** One read a frame at most: a slider reports more positions than a screen can show. */
function readSoon(view: View): void {
  setState('loading')
  cancelAnimationFrame(frame)
  frame = requestAnimationFrame(() => readSlice(view))
}

async function readSlice(view: View): Promise<void> {
  setState('loading')
  try {
    const picture = await reading.run((signal) => measured(signal, () => view.read(signal)))
    if (!picture) return
    figure.hidden = false
    failure.hidden = true
    showPicture(view, picture)
    setState('ready')
  } catch (error) {
    fail('This slice could not be read', error)
  }
}

/** Opens something in place of whatever was being opened or read. */
async function attempt(failing: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  cancelAnimationFrame(frame)
  reading.cancel()
  sliders.replaceChildren()
  showFacts(undefined)
  setState('loading')
  try {
    await opening.run(work)
  } catch (error) {
    fail(failing, error)
  }
}

/** An error takes the place of the picture, which would pass for the answer otherwise. */
function fail(what: string, error: unknown): void {
  byId('failure-title', HTMLElement).textContent = `${what}.`
  byId('failure-code', HTMLElement).textContent = error instanceof ZarrError ? error.code : ''
  byId('failure-message', HTMLElement).textContent = error instanceof Error ? error.message : String(error)
  failure.hidden = false
  figure.hidden = true
  setState('error')
}

/** Keeps the store in the address of the page, so that it can be passed on. */
function remember(url: string): void {
  const page = new URL(location.href)
  if (url === SAMPLE) page.searchParams.delete('url')
  else page.searchParams.set('url', url)
  history.replaceState(null, '', page)
  for (const button of samples.querySelectorAll('button')) {
    button.setAttribute('aria-pressed', String(button.dataset.url === url))
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  void openStore(address.value.trim())
})
samples.addEventListener('click', ({ target }) => {
  const url = target instanceof HTMLElement ? target.dataset.url : undefined
  if (url) void openStore(url)
})
void openStore(new URL(location.href).searchParams.get('url') ?? SAMPLE)
