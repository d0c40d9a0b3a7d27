// The demo page by keyboard alone, with what a screen reader is told; and time that plays.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demo, points, readout, state } from './demo_page.mjs'

const site = demo()

const focused = (page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.className)

/** Tabs until the element with this id or class has the focus; every stop on the way shows that it has it. */
async function tabTo(page, wanted) {
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab')
    const outline = await page.evaluate(() => {
      const focus = document.activeElement
      const outlined = focus.id === 'map' ? document.getElementById('frame') : focus
      const { outlineStyle, outlineWidth } = getComputedStyle(outlined)
      return focus === document.body ? 'body' : `${outlineStyle} ${Number.parseFloat(outlineWidth) > 0}`
    })
    assert.ok(['solid true', 'auto true', 'body'].includes(outline), `${await focused(page)}: ${outline}`)
    if ((await focused(page)) === wanted) return
  }
  assert.fail(`Tab does not lead to ${wanted}`)
}

const expectedAt = (variable, index) =>
  points.find((point) => point.variable === variable && point.index.join() === index)

test('by keyboard: another store, another array, a place, closer, another time, °C, dark', async () => {
  const { page, complaints } = await site.visit()
  // The address, and Enter.
  await tabTo(page, 'url')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('data/e1_north_america.zarr')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#tree button[data-path=air_temperature][aria-current]')
  await state(page, 'ready')

  // The map: the middle first, then from there.
  await tabTo(page, 'map')
  await page.keyboard.press('ArrowUp')
  assert.equal((await readout(page)).index, '0,18,24')
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowUp')
  for (let i = 0; i < 16; i++) await page.keyboard.press('ArrowLeft')
  const said = await readout(page)
  assert.equal(said.index, '0,23,8')
  assert.equal(Number(said.value), expectedAt('air_temperature', '0,23,8').value)

  // Closer, and as far as there is: the map follows.
  await page.keyboard.press('+')
  await page.keyboard.press('+')
  await state(page, 'ready')
  assert.deepEqual(await readout(page), said)
  for (let i = 0; i < 60; i++) await page.keyboard.press('ArrowLeft')
  for (let i = 0; i < 20; i++) await page.keyboard.press('Shift+ArrowUp')
  await state(page, 'ready')
  assert.equal((await readout(page)).index, '0,36,0')
  await page.waitForURL(/window=/)
  const marker = await page.locator('#marker').boundingBox()
  const frame = await page.locator('#frame').boundingBox()
  assert.ok(marker.x >= frame.x - 1 && marker.y >= frame.y - 1, 'what is pointed at is in the window')
  await page.keyboard.press('0')
  await page.waitForFunction(() => !location.hash.includes('window'))
  await page.keyboard.press('Escape')
  assert.equal((await readout(page)).index, undefined)

  // Time.
  await tabTo(page, 'slider-0')
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight')
  await state(page, 'ready')
  assert.equal(await page.getAttribute('#slider-0', 'aria-valuetext'), await page.textContent('#subtitle'))
  assert.equal(await page.inputValue('#slider-0'), '5')
  await page.waitForURL(/at=5,0,0/)

  // Units, an array of the list, the theme.
  await page.focus('#source button')
  await tabTo(page, 'celsius')
  await page.keyboard.press('Space')
  assert.equal(await page.textContent('#bar-units'), '°C')
  await page.focus('#tree button')
  await page.keyboard.press('Tab')
  const path = await page.evaluate(() => document.activeElement.dataset.path)
  await page.keyboard.press('Enter')
  await page.waitForSelector(`#tree button[data-path=${path}][aria-current]`)
  await state(page, 'ready')
  await page.focus('h1 ~ nav a')
  await tabTo(page, 'theme')
  await page.keyboard.press('Enter')
  assert.equal(await page.getAttribute('#theme', 'aria-pressed'), 'true')
  assert.equal(await page.$eval('body', (body) => getComputedStyle(body).backgroundColor), 'rgb(20, 24, 26)')
  await page.keyboard.press('Enter')
  assert.equal(
    await page.$eval('body', (body) => getComputedStyle(body).backgroundColor),
    'rgb(251, 250, 247)',
  )
  assert.deepEqual(complaints, [])
  await page.close()
})

test('everything that can be used has a role and a name, and what is read is announced', async () => {
  const { page } = await site.visit()
  const snapshot = await page.locator('body').ariaSnapshot()
  for (const line of [
    'link "Bench"',
    'button "Dark"',
    'textbox "Zarr store"',
    'button "Open"',
    'group "Samples"',
    'button "Sea-surface temperature" [pressed]',
    'group "Of your own, or dropped on the page"',
    'button "File…"',
    'button "Folder…"',
    'navigation "Arrays"',
    'button "surface_temperature 54 × 18 × 432"',
    'region "Sea-surface temperature"',
    'application "Map of Sea-surface temperature, 16 Apr 2006"',
    'group "Zoom"',
    'button "Closer"',
    'button "Further away"',
    'button "All of it"',
    'img "5,721 values, 2,055 missing"',
    'checkbox "in °C"',
    'button "Play through time"',
    'slider "time"',
    'combobox "Down"',
    'combobox "Across"',
    'region "Requests"',
  ]) {
    assert.ok(snapshot.includes(`- ${line}`), `${line} is not in\n${snapshot}`)
  }
  const unnamed = await page.$$eval('button, input:not([hidden]), select, a', (all) =>
    all
      .filter((one) => !one.labels?.length && !one.ariaLabel && !one.textContent.trim())
      .map((one) => one.outerHTML),
  )
  assert.deepEqual(unnamed, [])
  assert.equal(await page.getAttribute('#readout', 'aria-live'), 'polite')
  assert.equal(await page.getAttribute('#failure', 'role'), 'alert')
  assert.equal(await page.getAttribute('.slider-value', 'aria-live'), 'off')
  await page.close()
})

test('time plays slice after slice, each read ahead, and stops where it is told to', async () => {
  const { page, complaints } = await site.visit('#url=data/ostia.zarr&at=51,0,0')
  await page.evaluate(() => {
    window.seen = []
    new MutationObserver(() => window.seen.push(document.querySelector('#subtitle').textContent)).observe(
      document.querySelector('#subtitle'),
      { childList: true },
    )
  })
  await page.focus('#map')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Space')
  assert.equal(await page.getAttribute('.play', 'aria-pressed'), 'true')
  await page.waitForFunction(() => window.seen.includes('16 May 2006'))
  await page.keyboard.press('Space')
  assert.equal(await page.getAttribute('.play', 'aria-pressed'), 'false')
  await state(page, 'ready')
  const seen = [...new Set(await page.evaluate(() => window.seen))]
  assert.deepEqual(seen.slice(0, 5), [
    '16 Jul 2010',
    '16 Aug 2010',
    '16 Sep 2010',
    '16 Apr 2006',
    '16 May 2006',
  ])
  // What stands where it stopped is of one slice: slider, title and value.
  const index = Number(await page.inputValue('#slider-0'))
  assert.equal(await page.textContent('.slider-position'), `${index + 1} of 54`)
  assert.equal(await page.textContent('.slider-value'), await page.textContent('#subtitle'))
  const said = await readout(page)
  assert.equal(said.index, `${index},8,216`)
  assert.match(said.text, /^\d+\.\d+ K/)
  await page.waitForURL(new RegExp(`at=${index},0,0`))
  assert.deepEqual(complaints, [])
  await page.close()
})

test('the button plays, too; the next slice is requested while one is shown; an error ends it', async () => {
  const asked = []
  const prepare = (page) =>
    page.route('**/surface_temperature/c/*/0/0', async (route) => {
      const shard = /c\/(\d)/.exec(route.request().url())[1]
      asked.push(shard)
      if (shard === '1') await route.fulfill({ status: 200, body: 'no shard' })
      else await route.continue()
    })
  const { page } = await site.visit('#url=data/ostia.zarr&at=9,0,0', { prepare })
  assert.deepEqual([...new Set(asked)], ['0'])
  await page.click('.play')
  await page.waitForFunction(() => document.querySelector('#slider-0').value === '11')
  await state(page, 'error')
  assert.ok(asked.includes('1'))
  assert.equal(await page.inputValue('#slider-0'), '12')
  assert.equal(await page.getAttribute('.play', 'aria-pressed'), 'false')
  assert.equal(await page.isVisible('#map'), false)
  await page.close()
})
