import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findings, openBrowser, type Seat, shoot, sit } from './support/browser.ts'
import { type Stage, setStage, until } from './support/stage.ts'

let stage: Stage
let browser: Browser
let seats: { dark: Seat; light: Seat }

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([setStage({ hosts: ['r2-h1', 'r2-h2'] }), openBrowser()])
  const { cpuCount } = await stage.ferrule.get('/hosts/r2-h1')
  await stage.ferrule.post('/instances', {
    name: 'web1',
    template: 'ubuntu-jammy',
    offering: cpuCount === 8 ? 'bm.small' : 'bm.large',
    nics: [{ network: 'blue', mac: '02:01:00:65:01:01' }],
  })
  await until(async () => (await stage.ferrule.get('/instances/web1')).state === 'running', 60_000)
  const address = `${stage.url}/#token=${stage.token}`
  seats = { dark: await sit(browser, address), light: await sit(browser, address, { dark: false }) }
})

afterAll(async () => {
  await browser?.close()
  await stage?.strike()
})

/** Each with what is there once its data is. */
const pages: readonly (readonly [string, string, string])[] = [
  ['attention', '/', 'Free capacity'],
  ['racks', '/racks', 'VLAN 101'],
  ['rack-file', '/racks/lab/edit', 'What would change'],
  ['hosts', '/hosts', 'r2-h1'],
  ['host', '/hosts/r2-h1', 'MAAS says'],
  ['add-host', '/hosts/new', 'BMC user'],
  ['instances', '/instances', 'web1'],
  ['deploy', '/instances/new', 'the plan appears here'],
  ['instance', '/instances/web1', 'Everything that happened'],
  ['networks', '/networks', 'green'],
  ['network', '/networks/blue', 'web1'],
  ['templates', '/templates', 'ubuntu/jammy'],
  ['template', '/templates/ubuntu-jammy', 'web1'],
  ['offerings', '/offerings', 'bm.large'],
  ['offering', '/offerings/bm.large', 'web1'],
  ['operations', '/operations', 'enlist'],
  ['operation', '/operations/1', 'Everything that happened'],
  ['switches', '/switches', 'VLAN 101'],
  ['settings', '/settings', 'the key is admin’s'],
  ['provider', '/settings/provider', 'What would change'],
]

describe.each(pages)('%s', (name, path, text) => {
  test('has its address, no complaint of the browser, and no serious finding of axe, dark and light', async () => {
    for (const [theme, { page, complaints }] of Object.entries(seats)) {
      await page.goto(`${stage.url}${path}`)
      await page.getByText(text).first().waitFor()
      await settled(page)
      await shoot(page, `${name}-${theme}`)
      expect(complaints).toEqual([])
      expect(await findings(page)).toEqual([])
      complaints.splice(0)
    }
  })
})

test('every link of every page leads somewhere, and back leads back', async () => {
  const { page, complaints } = seats.dark
  const seen = new Set<string>()
  for (const [, path, text] of pages) {
    await page.goto(`${stage.url}${path}`)
    await page.getByText(text).first().waitFor()
    const links = await page
      .locator('main a, nav a')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''))
    for (const link of links) {
      if (seen.has(link) || !link.startsWith('/')) continue
      seen.add(link)
      await page.goto(`${stage.url}${link}`)
      await page.locator('main h1').waitFor()
      expect(await page.locator('main h1').innerText(), link).not.toBe('There is no such page.')
    }
  }
  expect(seen.size).toBeGreaterThan(20)
  await page.goto(`${stage.url}/hosts?state=available`)
  await page.getByRole('link', { name: 'r2-h2' }).click()
  await page.getByRole('heading', { level: 1, name: /^r2-h2/ }).waitFor()
  await page.goBack()
  expect(page.url()).toContain('state=available')
  expect(await page.getByRole('link', { name: 'r2-h1' }).count()).toBe(0)
  expect(complaints).toEqual([])
})

test('the table of hosts: its columns hold their texts, links and keys lead on without loading the page anew', async () => {
  const { page, complaints } = seats.light
  await page.setViewportSize({ width: 1800, height: 900 })
  await page.goto(`${stage.url}/hosts?columns=name,state,power,instance,disks,rack,ports,erase,tags,bmc,maas`)
  const table = page.getByRole('table')
  await table.getByRole('row', { name: /r2-h1/ }).getByRole('cell', { name: 'used since' }).waitFor()
  expect(await table.getByRole('columnheader').count()).toBe(1 + 11)
  expect(await table.getByRole('cell', { name: 'lab', exact: true }).count()).toBeGreaterThan(0)
  const cut = await table
    .getByRole('cell')
    .evaluateAll((cells) =>
      cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent),
    )
  expect(cut).toEqual([])
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.evaluate('window.loadedOnce = true')
  await page.getByRole('region', { name: 'Hosts' }).press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: /^r2-h2/ }).waitFor()
  await page.goBack()
  await table.getByRole('link', { name: 'web1' }).click()
  await page.getByRole('heading', { level: 1, name: /^web1/ }).waitFor()
  await page.getByText('full, as the site says', { exact: true }).waitFor()
  // a change of its VLANs is its own story too, and not its host's alone
  await page
    .getByRole('region', { name: 'Everything that happened' })
    .getByTitle('ports.changed')
    .filter({ hasText: /untagged 101.*read back and saved/ })
    .first()
    .waitFor()
  expect(await page.evaluate('window.loadedOnce')).toBe(true)
  await page.goto(`${stage.url}/hosts?group=state`)
  await table.getByRole('row', { name: 'in use 1', exact: true }).waitFor()
  expect(complaints).toEqual([])
})

test('at 1280 the columns that are shown by themselves fit without scrolling sideways; a wider window has those of the switches too', async () => {
  const { page, complaints } = seats.light
  const table = page.getByRole('table')
  const titles = () => table.getByRole('columnheader').allInnerTexts()
  const place = page.getByRole('region', { name: 'Hosts', exact: true })
  const missing = () => place.evaluate((element) => element.scrollWidth - element.clientWidth)
  await page.goto(`${stage.url}/hosts`)
  await table.getByRole('link', { name: 'web1' }).waitFor()
  expect(await missing()).toBe(0)
  expect(await titles()).toEqual(expect.arrayContaining(['Last erase', 'BMC', 'Disks', 'Tenant']))
  expect(await titles()).not.toContain('Switch ports')
  await page.setViewportSize({ width: 1680, height: 900 })
  await table.getByRole('columnheader', { name: 'Switch ports' }).waitFor()
  expect(await missing()).toBe(0)
  await page.setViewportSize({ width: 1280, height: 900 })
  await table.getByRole('columnheader', { name: 'Switch ports' }).waitFor({ state: 'detached' })

  // names of forty characters and many tags: what gives way tells the whole on hover, and all of it is there
  const name = 'node-with-a-name-of-forty-characters-012'
  expect(name.length).toBe(40)
  const { nics } = stage.facts.machines.find((one: { name: string }) => one.name === 'r1-h2')
  await stage.ferrule.post('/hosts', {
    name,
    bmc: { protocol: 'manual' },
    bootMac: nics[0].mac,
    cpuCount: 8,
    memoryMib: 32768,
    tags: ['gpu-a100-80g', 'rack-row-17-position-3', 'customer-of-the-first-floor'],
  })
  await page.goto(`${stage.url}/hosts?columns=name,state,power,instance,disks,ports,erase,tags,bmc`)
  const long = table.getByRole('row', { name })
  await long.waitFor()
  expect(await missing()).toBe(0)
  const cut = await long
    .getByRole('cell')
    .evaluateAll((cells) =>
      cells
        .filter((cell) => cell.scrollWidth > cell.clientWidth)
        .map((cell) => ({ said: cell.textContent, hover: cell.getAttribute('title') })),
    )
  expect(cut.length).toBeGreaterThan(0)
  for (const { said, hover } of cut) expect(hover).toBe(said)
  await shoot(page, 'hosts-long-light')
  expect(complaints).toEqual([])
})

test('the operations say which host and instance each is about, and are found by a part of its name in the address', async () => {
  const { page, complaints } = seats.dark
  await page.goto(`${stage.url}/operations`)
  const deploy = page.getByRole('row', { name: / deploy r2-h1 web1 / })
  await deploy.getByRole('link', { name: 'web1' }).click()
  await page.getByRole('heading', { level: 1, name: /^web1/ }).waitFor()
  await page.goBack()
  await page.getByLabel('Host or instance').fill('R2-h2')
  await page.waitForURL(/q=R2-h2/i)
  await page.getByRole('row', { name: / enlist r2-h2 none / }).waitFor()
  await deploy.waitFor({ state: 'detached' })
  await page.getByLabel('Only those under way').check()
  await page.waitForURL(/q=R2-h2&live=true/i)
  await page.getByText('No operation of a host or an instance with "R2-h2" in its name.').waitFor()
  await page.goBack()
  await page.getByRole('row', { name: / enlist r2-h2 none / }).waitFor()
  await page
    .getByRole('row', { name: / enlist / })
    .getByRole('link', { name: 'r2-h2' })
    .click()
  await page.getByRole('heading', { level: 1, name: /^r2-h2/ }).waitFor()
  expect(complaints).toEqual([])
})

test('an instance is found by a part of what its row says, in the address; its network, template and offering tell who has them', async () => {
  const { page, complaints } = seats.dark
  await page.goto(`${stage.url}/instances?q=nobody`)
  await page.getByText('No instance matches the filter.').waitFor()
  await page.getByLabel('Filter').fill('BLUE run')
  await page.waitForURL(/q=BLUE/)
  await page.getByRole('link', { name: 'web1' }).click()
  const facts = page.getByRole('region', { name: 'Facts' })
  await facts.getByRole('link', { name: 'ubuntu-jammy' }).click()
  await page.getByRole('heading', { level: 1, name: 'ubuntu-jammy' }).waitFor()
  await page.getByRole('link', { name: 'web1' }).waitFor()
  await page.getByRole('link', { name: 'Deploy with it' }).click()
  expect(await page.getByLabel('Template').inputValue()).toBe('ubuntu-jammy')
  await page.goto(`${stage.url}/networks`)
  await page.getByRole('link', { name: 'green' }).click()
  await page.getByText('No instance has it.').waitFor()
  await page.goto(`${stage.url}/offerings/nothing`)
  await page.getByText('There is no nothing here, or no more.').waitFor()
  expect(complaints).toEqual([])
})

test('everything that happened to a host is there, however long ago', async () => {
  const { page } = seats.dark
  for (let time = 0; time < 101; time++) await stage.ferrule.post('/hosts/r2-h2/identify', { seconds: 1 })
  await page.goto(`${stage.url}/hosts/r2-h2`)
  const events = page.getByRole('list', { name: 'Everything that happened' }).getByRole('listitem')
  await until(async () => (await events.count()) === 100)
  expect(await events.first().getByTitle('host.identify').innerText()).toContain(
    'admin switched the identify',
  )
  await page.getByRole('button', { name: 'Show what was before' }).click()
  await until(async () => (await events.allInnerTexts()).some((text) => text.includes('enlist succeeded')))
  expect(await page.getByRole('button', { name: 'Show what was before' }).count()).toBe(0)
})

test('the palette leads to what can be done with a host and with an operation, and does nothing by itself', async () => {
  const { page } = seats.dark
  await page.goto(`${stage.url}/networks`)
  await page.getByRole('heading', { level: 1, name: 'Networks' }).waitFor()
  const choose = async (typed: string, option: string) => {
    await page.keyboard.press('Control+k')
    await page.keyboard.type(typed)
    await page.getByRole('option', { name: option }).click()
  }
  await choose('heal r2-h2', 'Heal r2-h2')
  await page.getByRole('dialog', { name: 'Heal r2-h2?' }).waitFor()
  await page.keyboard.press('Escape')
  await choose('remove r2-h1', 'Remove r2-h1')
  await page.getByText('It carries an instance: destroy that, which erases the host.').first().waitFor()
  await choose('cancel 1', 'Cancel operation 1')
  await page.getByRole('status').getByText('It has ended.').waitFor()
  expect(await page.getByRole('dialog').count()).toBe(0)
})

test('the first page is small, all of it comes from here, and nothing in it may run that does not', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const files: Promise<number>[] = []
  page.on('response', (response) => {
    expect(new URL(response.url()).origin).toBe(stage.url)
    if (!response.url().includes('/api/')) files.push(response.body().then((body) => gzipSync(body).length))
  })
  const answer = await page.goto(`${stage.url}/#token=${stage.token}`)
  await page.getByText('Free capacity').first().waitFor()
  const policy = answer?.headers()['content-security-policy'] ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
  expect(files.length).toBeGreaterThan(2)
  expect((await Promise.all(files)).reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(400_000)
  await context.close()
})

test('a rack is drawn to scale: each server once, where the rack file says that it stands', async () => {
  const { page } = seats.dark
  await page.goto(`${stage.url}/racks`)
  const frame = page.locator('.frame', { hasText: 'r2-h1' })
  await frame.getByText('VLAN 101').first().waitFor()
  const [one, two] = await Promise.all(
    ['r2-h1', 'r2-h2'].map((name) => frame.locator('.unit', { hasText: name }).boundingBox()),
  )
  expect(await frame.locator('.unit').count()).toBe(2 + 8)
  expect(one?.height).toBeCloseTo(two?.height ?? 0, 0)
  expect((one?.y ?? 0) - (two?.y ?? 0)).toBeCloseTo(one?.height ?? 0, 0)
  expect(one?.x).toBe(two?.x)
  // hover explains: whose VLAN it is, and what a place without a host is
  const titles = async (place: string) =>
    Promise.all((await frame.locator(place).all()).map((each) => each.getAttribute('title')))
  // networks and settings are asked for beside the ports
  await frame.locator('.wire[title*="(blue)"]').nth(1).waitFor()
  await frame.locator('.wire[title*="(PXE"]').first().waitFor()
  expect(await titles('.unit:has-text("r2-h1") .wire')).toEqual([
    expect.stringMatching(/^Port 1\/1 of \S+, to the NIC 52:\S+\. It carries VLAN 101 \(blue\) untagged\.$/),
    expect.stringMatching(/^Port 1\/1 of \S+, to the NIC 52:\S+\. It carries VLAN 101 \(blue\) untagged\.$/),
  ])
  expect(await titles('.unit:has-text("r2-h2") .wire')).toEqual([
    expect.stringContaining('It carries VLAN 10 (PXE, where hosts rest) untagged.'),
  ])
  const { mac } = stage.facts.machines.find((host: { name: string }) => host.name === 'r2-h4').nics[0]
  const free = frame.locator(`.server[title*="${mac}"]`)
  expect(await free.getAttribute('title')).toContain('no host is added that has it')
  await free.click()
  expect(await page.getByLabel('MAC that it boots from').inputValue()).toBe(mac)
})

test('a port is found by the MAC that hangs on it, and leads to its switch', async () => {
  const { page } = seats.dark
  const [nic] = (await stage.ferrule.get('/hosts/r2-h1')).nics
  await page.keyboard.press('Control+k')
  await page.keyboard.type(nic.mac.toUpperCase())
  await page.getByRole('option', { name: `${nic.switch} ${nic.port}` }).click()
  await page.getByRole('heading', { level: 1, name: 'Switches' }).waitFor()
  await page.getByRole('region', { name: nic.switch, exact: true }).getByText(nic.mac).waitFor()
  expect(await page.getByRole('region', { name: /^127/ }).count()).toBeGreaterThan(0)
})

test('a phone shows what needs a person without scrolling sideways', async () => {
  const { page } = await sit(browser, `${stage.url}/#token=${stage.token}`, { width: 390, height: 844 })
  await page.getByText('Free capacity').first().waitFor()
  await settled(page)
  await shoot(page, 'attention-phone')
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
})

test('without a token it asks for one, and says in the words of the API that it is unknown', async () => {
  const { page } = await sit(browser, `${stage.url}/hosts`)
  await page.getByLabel('API token').fill('frl_nonsense')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('The token is not known here.').waitFor()
  await shoot(page, 'sign-in-dark')
  await page.getByLabel('API token').fill(stage.token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'r2-h1' }).waitFor()
})

/** Nothing is being asked for any more that a page shows. */
async function settled(page: Page): Promise<void> {
  await until(async () => (await page.getByText(/^Asking Ferrule|reading …/).count()) === 0)
}
