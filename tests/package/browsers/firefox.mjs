// Debian's Firefox, or the one that FIREFOX names, over WebDriver BiDi: Playwright drives only a build of its own.
import { firefoxProgram } from '../../../scripts/setup.mjs'
import { load } from '../modules.mjs'

/** Off the network, but for the pages of the tests. */
const PREFERENCES = {
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'app.update.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'toolkit.telemetry.enabled': false,
}

export async function firefox() {
  const { launch } = await load('puppeteer-core')
  const browser = await launch({
    browser: 'firefox',
    executablePath: firefoxProgram(),
    headless: true,
    extraPrefsFirefox: PREFERENCES,
  })
  const [name, version] = (await browser.version()).split('/')
  return {
    name: `${name[0].toUpperCase()}${name.slice(1)} ${version}`,
    async page() {
      const page = await browser.newPage()
      return { goto: (url) => page.goto(url), evaluate: (script) => page.evaluate(script) }
    },
    close: () => browser.close(),
  }
}
