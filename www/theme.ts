// Light and dark: as the system has it, until the visitor chooses.
import { byId } from './dom.js'

const KEY = 'theme'

export function followTheme(): void {
  const button = byId('theme', HTMLButtonElement)
  const system = matchMedia('(prefers-color-scheme: dark)')
  const root = document.documentElement
  const isDark = () => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark'
  const show = () => button.setAttribute('aria-pressed', String(isDark()))
  const chosen = stored()
  if (chosen) root.dataset.theme = chosen
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark'
    store(root.dataset.theme)
    show()
  })
  system.addEventListener('change', show)
  show()
}

/** A page may be told to store nothing: then the choice ends with the visit. */
function stored(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

function store(theme: string): void {
  try {
    localStorage.setItem(KEY, theme)
  } catch {}
}
