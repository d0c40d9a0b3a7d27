// A page that has the package, for tests that read from servers of other origins.
import { inRoot } from '../../scripts/run.mjs'
import { serve } from '../../scripts/serve.mjs'
import { ANY_CERTIFICATE, launch } from './chromium.mjs'

/** `{ page, origin, fresh, close }`; `fresh()` resolves with a page that remembers nothing of the others. */
export async function openPage() {
  const site = await serve({
    folders: [
      ['/dist/', inRoot('dist')],
      ['/tests/', inRoot('tests')],
    ],
  })
  const browser = await launch(ANY_CERTIFICATE)
  const fresh = async () => {
    const page = await (await browser.newContext()).newPage()
    await page.goto(`${site.origin}/tests/browser/golden.html`)
    return page
  }
  const close = async () => {
    await browser.close()
    await site.close()
  }
  return { page: await fresh(), origin: site.origin, fresh, close }
}
