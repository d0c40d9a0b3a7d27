import { setTimeout as pause } from 'node:timers/promises'

const PAUSE_MS = 20
const WITHIN_MS = 30_000

/** What a page of `projects/` shows in the end. */
export async function outcomeOf(browser, url) {
  const page = await browser.page()
  await page.goto(url)
  for (const until = Date.now() + WITHIN_MS; Date.now() < until; await pause(PAUSE_MS)) {
    const shown = await page.evaluate('document.body && document.body.dataset.outcome')
    if (shown) return JSON.parse(shown)
  }
  throw new Error(`${url} shows nothing after ${WITHIN_MS / 1000} s`)
}
