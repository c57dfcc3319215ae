import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { openBrowser, type Seat, shoot, sit } from './support/browser.ts'
import { type Stage, setStage, until } from './support/stage.ts'

/** A fresh site is brought into use without a mouse; each form is filled in wrong once, and mended. */
let stage: Stage
let browser: Browser
let seat: Seat

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([setStage({ hosts: null }), openBrowser()])
  seat = await sit(browser, `${stage.url}/#token=${stage.token}`)
})

afterAll(async () => {
  await browser?.close()
  await stage?.strike()
})

const press = (key: string) => seat.page.keyboard.press(key)
const type = (text: string) => seat.page.keyboard.type(text)
const button = (name: string) => seat.page.getByRole('button', { name, exact: true })
const field = (name: string) => seat.page.getByLabel(name, { exact: true })
const rackFile = () => seat.page.getByRole('textbox', { name: 'Rack file (JSON or YAML)' })
const alert = () => seat.page.getByRole('alert')

/** By Tab from where the focus is, and never through what cannot be seen. */
async function tabTo(target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab') {
  for (let steps = 0; steps < 60; steps++) {
    await press(key)
    if (await target.evaluate((element) => element.matches(':focus'))) return expectFocus(target)
  }
  throw new Error(`${key} does not come to ${target}`)
}

async function fill(name: string, typed: string) {
  await tabTo(field(name))
  await type(typed)
}

/** What is in the field goes, by keyboard too. */
async function retype(typed: string) {
  await press('Control+a')
  await type(typed)
}

/** The focus comes there by itself, and a person sees it: in view, with its outline, and nothing lies across it. */
async function expectFocus(target: Locator) {
  await until(() => target.evaluate((element) => element.matches(':focus')))
  await expect
    .poll(() => seen(target), { timeout: 10_000 })
    .toEqual({ outlined: true, inView: true, uncovered: true })
}

/** The focus of a whole page is shown at its title. */
const seen = (target: Locator) =>
  target.evaluate((element) => {
    const shown = element.matches('main') ? (element.querySelector('h1') ?? element) : element
    const page = shown.ownerDocument
    const { innerHeight, innerWidth } = page.defaultView
    const { outlineStyle, outlineWidth } = page.defaultView.getComputedStyle(shown)
    const { left, right, top, bottom } = shown.getBoundingClientRect()
    const hit = page.elementFromPoint((left + right) / 2, (top + bottom) / 2)
    return {
      outlined: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
      inView: top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth,
      uncovered: hit !== null && shown.contains(hit),
    }
  })

/** A page may still be scrolling to it. */
const expectInView = (target: Locator) =>
  expect.poll(() => seen(target), { timeout: 10_000 }).toMatchObject({ inView: true, uncovered: true })

/** The page that was led to has the focus, so that the next Tab is into it. */
async function arrives(title: RegExp) {
  await seat.page.getByRole('heading', { level: 1, name: title }).waitFor()
  await expectFocus(seat.page.locator('main'))
}

/** Where a link of the bar leads, the focus stays at the link. */
async function goBy(link: string) {
  const target = seat.page.getByRole('navigation').getByRole('link', { name: link, exact: true })
  await tabTo(target)
  await press('Enter')
  await seat.page.getByRole('heading', { level: 1, name: link }).waitFor()
  await expectFocus(target)
}

/** Opens the form of a list, and closes and opens it again: the focus is in it, and then at its button. */
async function openForm(name: string) {
  await tabTo(button(name))
  await press('Enter')
  await expectFocus(field('Name'))
  await press('Escape')
  await seat.page.locator('dialog').waitFor({ state: 'detached' })
  await expectFocus(button(name))
  await press('Space')
  await expectFocus(field('Name'))
}

/** By Enter in the field where the focus is: the refusal is in view, the focus is where it was, nothing is made. */
async function isRefused(path: string, words: RegExp) {
  const at = seat.page.locator(':focus')
  const id = await at.getAttribute('id')
  await press('Enter')
  await alert().waitFor()
  expect(await alert().innerText()).toMatch(words)
  expect(await at.getAttribute('id')).toBe(id)
  await expectInView(alert())
  expect((await stage.ferrule.get(path)).items).toEqual([])
  // the browser writes a refusal to its console
  seat.complaints.splice(0)
}

test('a rack configuration is applied; the line of its fault is found and mended', async () => {
  const { page } = seat
  await page.getByText('What to do first').waitFor()
  await tabTo(button('Skip to the content'))
  await press('Enter')
  await expectFocus(page.locator('main'))
  await tabTo(page.getByRole('link', { name: 'Apply a rack configuration' }))
  await press('Enter')
  await arrives(/^Rack configuration$/)
  await fill('Name', 'lab')
  const { lines, line } = await fileWithFault()
  await tabTo(rackFile())
  // as it is pasted
  await page.keyboard.insertText(lines.join('\n'))
  await tabTo(button('Check'))
  await press('Space')
  await alert().waitFor()
  await expectFocus(button('Check'))
  expect(await alert().innerText()).toContain(`ine ${line}`)
  await expectInView(alert())
  seat.complaints.splice(0)
  await tabTo(rackFile(), 'Shift+Tab')
  await press('Control+Home')
  for (let down = 1; down < line; down++) await press('ArrowDown')
  await press('End')
  await press('Backspace')
  await tabTo(button('Check'))
  await press('Space')
  await page.getByText(/^Nothing is wrong with it: \d+ switches, \d+ cables\.$/).waitFor()
  await expectFocus(button('Check'))
  await tabTo(button('Apply'))
  await press('Enter')
  await arrives(/^Racks$/)
  expect((await stage.ferrule.get('/racks')).items).toMatchObject([{ name: 'lab' }])
})

test('a network, a template and an offering are made, each after a refusal', async () => {
  const { page } = seat
  await goBy('Networks')
  await openForm('Create a network')
  await type('blue')
  await tabTo(field('Kind'))
  await press('ArrowDown')
  await fill('VLAN', '4095')
  await isRefused('/networks', /vlan|VLAN/)
  await shoot(page, 'keyboard-refused')
  // begun anew, the form has what was typed, and the refusal no more
  await press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  await press('Enter')
  await expectFocus(field('Name'))
  expect(await alert().count()).toBe(0)
  await tabTo(field('VLAN'))
  await retype('101')
  await press('Enter')
  await page.getByRole('row', { name: /^blue shared 101/ }).waitFor()
  await expectFocus(button('Create a network'))

  // the next one begins empty; when it is removed, the focus is not lost with its row
  await press('Enter')
  await expectFocus(field('Name'))
  expect(await field('Name').inputValue()).toBe('')
  await type('green')
  await fill('VLAN', '102')
  await press('Enter')
  const green = page.getByRole('row', { name: /^green isolated 102/ })
  await green.waitFor()
  await tabTo(button('Remove green'))
  await press('Enter')
  await tabTo(button('Remove'))
  await press('Enter')
  await green.waitFor({ state: 'detached' })
  await expectFocus(button('Create a network'))

  await tabTo(page.getByRole('link', { name: 'Templates', exact: true }), 'Shift+Tab')
  await press('Enter')
  await openForm('Register a template')
  await type('jammy')
  await fill('URL', 'not an image')
  await isRefused('/templates', /not an image/)
  await retype('ubuntu/jammy')
  await tabTo(button('Create'))
  await press('Space')
  await page.getByRole('row', { name: /^jammy ubuntu\/jammy/ }).waitFor()
  await expectFocus(button('Register a template'))

  await tabTo(page.getByRole('link', { name: 'Offerings', exact: true }), 'Shift+Tab')
  await press('Enter')
  await openForm('Create an offering')
  await type('bm.large')
  await fill('CPUs', '16')
  await fill('Memory in GiB', '64')
  await tabTo(field('Match'))
  await press('ArrowDown')
  await fill('Disk layout', 'round')
  await isRefused('/offerings', /round/)
  await retype('flat')
  await press('Enter')
  await page.getByRole('row', { name: /^bm\.large/ }).waitFor()
  await expectFocus(button('Create an offering'))
  expect((await stage.ferrule.get('/networks')).items).toMatchObject([
    { name: 'blue', kind: 'shared', vlan: 101 },
  ])
  expect((await stage.ferrule.get('/offerings')).items).toMatchObject([
    { name: 'bm.large', cpuCount: 16, memoryMib: 65_536, match: 'equal', diskLayout: 'flat' },
  ])
  expect(seat.complaints).toEqual([])
})

test('a host with two NICs is added after a wrong MAC, and commissioned', async () => {
  const { page } = seat
  const { bmc, nics } = machine()
  const [first, second] = (await stage.lab.get('/machines/r1-h3')).nics
  await goBy('Hosts')
  await tabTo(page.getByRole('main').getByRole('link', { name: 'Add host', exact: true }))
  await press('Enter')
  await arrives(/^Add a host$/)
  await fill('Name', 'r1-h3')
  await fill('Address of the BMC', `${bmc.address}:${bmc.port}`)
  await fill('BMC user', bmc.username)
  await fill('BMC password', bmc.password)
  await fill('MAC that it boots from', nics[0].mac)
  await fill('Switch that it is plugged in at', first.cable.switch)
  await fill('Port of that switch', first.cable.port)
  const add = button('Add another NIC')
  const other = page.getByRole('group', { name: 'NIC 2' })
  await tabTo(add)
  await press('Enter')
  await expectFocus(other.getByLabel('Its MAC'))
  await tabTo(other.getByRole('button', { name: 'Leave this NIC out' }))
  await press('Space')
  await expectFocus(add)
  await press('Space')
  await expectFocus(other.getByLabel('Its MAC'))
  await type('no MAC')
  await fill('Switch that this NIC is plugged in at', second.cable.switch)
  await fill('Port of that switch for this NIC', second.cable.port)
  await fill('CPUs', '16')
  // what is missing has the focus, and is not sent
  await press('Enter')
  await expectFocus(field('Memory in GiB'))
  await type('64')
  await isRefused('/hosts', /cables\/0\/mac/)
  await tabTo(other.getByLabel('Its MAC'), 'Shift+Tab')
  await retype(nics[1].mac)
  await tabTo(button('Add it'))
  await press('Enter')
  await arrives(/enlist/)
  await page.locator('h1 .state', { hasText: 'succeeded' }).waitFor({ timeout: 60_000 })
  const host = await stage.ferrule.get('/hosts/r1-h3')
  expect(host.nics.map(({ mac, port }: { mac: string; port: string }) => [mac, port])).toEqual([
    [nics[0].mac, first.cable.port],
    [nics[1].mac, second.cable.port],
  ])
  expect(seat.complaints).toEqual([])
})

const machine = () => stage.facts.machines.find(({ name }: { name: string }) => name === 'r1-h3')

/** The lab's, without the host that is added by its form, and with a letter too many in one line, told from 1. */
async function fileWithFault() {
  const file = await stage.lab.get('/rack-file')
  const macs = machine().nics.map(({ mac }: { mac: string }) => mac)
  for (const rack of file.racks)
    rack.hosts = rack.hosts.filter(({ mac }: { mac: string }) => !macs.includes(mac))
  const lines = stringify(file).trimEnd().split('\n')
  const at = lines.findIndex((line) => /^ *(- )?mac: .*[0-9a-f]$/.test(line))
  lines[at] += 'x'
  return { lines, line: at + 1 }
}
