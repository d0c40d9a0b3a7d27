import { launch } from '../../browser/chromium.mjs'

export async function chromium() {
  const browser = await launch()
  return {
    name: `Chromium ${browser.version()}`,
    async page() {
      const page = await (await browser.newContext()).newPage()
      return { goto: (url) => page.goto(url), evaluate: (script) => page.evaluate(script) }
    },
    close: () => browser.close(),
  }
}
