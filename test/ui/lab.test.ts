import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findings, openBrowser, type Seat, shoot, sit } from './support/browser.ts'
import { type Stage, setStage, until } from './support/stage.ts'

let stage: Stage
let browser: Browser
let seats: { dark: Seat; light: Seat }

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([setStage({ hosts: ['r2-h2', 'r1-h6'] }), openBrowser()])
  const address = `${stage.url}/#token=${stage.token}`
  seats = { dark: await sit(browser, address), light: await sit(browser, address, { dark: false }) }
  await seats.dark.page.getByRole('link', { name: 'Lab', exact: true }).click()
  await seats.dark.page.getByText('Nothing: every dial is at rest').waitFor()
})

afterAll(async () => {
  await browser?.close()
  await stage?.strike()
})

const machine = (name: string) => stage.lab.get(`/machines/${name}`)

test('a cable pulled and a disk made to lie by a press are so in the room, and are named', async () => {
  const { page } = seats.dark
  await page.getByRole('button', { name: 'Pull the cable of eno2 of r1-h1' }).click()
  await page.getByText('r1-h1: the cable of eno2 is pulled').waitFor()
  expect((await machine('r1-h1')).nics.map(({ linkUp }: { linkUp: boolean }) => linkUp)).toEqual([
    true,
    false,
  ])
  await page.getByRole('button', { name: 'Make sdb of r1-h1 lie' }).click()
  await page.getByText('Machine r1-h1: readOnlyDisks is sdb').waitFor()
  expect((await machine('r1-h1')).disks[1]).toMatchObject({ name: 'sdb', readOnly: true })
  await page.getByRole('button', { name: 'Put the cable of eno2 of r1-h1 back' }).click()
  await page.getByText('the cable of eno2 is pulled').waitFor({ state: 'detached' })
})

test('a machine with both cords out is off, whatever its power button says', async () => {
  const { page } = seats.dark
  const row = page.getByRole('row', { name: /^r1-h2 / })
  await row.getByRole('button', { name: 'Power button' }).click()
  await until(async () => (await machine('r1-h2')).power === 'on')
  await page.getByRole('button', { name: 'Pull power cord 1 of r1-h2' }).click()
  await page.getByRole('button', { name: 'Pull power cord 2 of r1-h2' }).click()
  await until(async () => (await machine('r1-h2')).power === 'off')
  await row.getByRole('button', { name: 'Power button' }).click()
  await page.getByText('Machine r1-h2: absentPsus is 1, 2').waitFor()
  expect((await machine('r1-h2')).power).toBe('off')
})

test('swapped cables are where they were not, and time runs as fast as chosen', async () => {
  const { page } = seats.dark
  const portOf = async (name: string) => (await machine(name)).nics[0].cable
  const [before, other] = [await portOf('r1-h3'), await portOf('r1-h4')]
  await page.getByLabel('This NIC').selectOption('r1-h3 eno1')
  await page.getByLabel('and this one').selectOption('r1-h4 eno1')
  await page.getByRole('button', { name: 'Swap', exact: true }).click()
  await until(async () => (await portOf('r1-h3')).port === other.port)
  expect(await portOf('r1-h4')).toEqual(before)
  await page.getByLabel('Speed').selectOption('1000')
  await page.getByText('It runs 1000 times as fast').waitFor()
  expect(await stage.lab.get('/time')).toEqual({ scale: 1000 })
})

test('every dial is there and says what it does; what is no value of it is refused in the words of the lab', async () => {
  const { page, complaints } = seats.dark
  await page.getByRole('button', { name: 'Dials of r2-tor1' }).click()
  const dialog = page.getByRole('dialog')
  const dial = (name: string) => dialog.locator('.dial', { has: page.locator(`code:text-is("${name}")`) })
  await dial('down').getByRole('checkbox').click()
  await until(async () => (await stage.lab.get('/faults/switch/r2-tor1')).down)
  await dial('delayMs').getByRole('textbox').fill('much')
  await dial('delayMs').getByRole('button', { name: 'Set' }).click()
  await dialog.getByText(/The lab says: .*delayMs/).waitFor()
  await shoot(page, 'lab-dials-dark')
  // the browser writes an answer of 400 to its console
  complaints.splice(0)
  await page.keyboard.press('Escape')
  const faults: Record<string, object> = await stage.lab.get('/faults')
  for (const [button, paths] of [
    ['r2-h5', ['bmc/r2-h5', 'redfish/r2-h5', 'machine/r2-h5']],
    ['r1-tor1', ['switch/r1-tor1']],
    ['MAAS', ['maas']],
    ['CloudStack', ['cloudstack/server']],
  ] as const) {
    await page.getByRole('button', { name: `Dials of ${button}` }).click()
    const told = await dialog
      .locator('.dial label')
      .evaluateAll((labels) => labels.map((label) => label.textContent ?? ''))
    const names = paths.flatMap((path) => Object.keys(faults[path] ?? {}))
    expect(told.length).toBe(names.length)
    expect(names.filter((name) => told.some((text) => text.trim() === name))).toEqual([])
    await page.keyboard.press('Escape')
  }
})

test('the page is well in both themes, and one press sets every dial to rest', async () => {
  for (const [theme, { page, complaints }] of Object.entries(seats)) {
    await page.goto(`${stage.url}/lab`)
    await page.getByText('Switch r2-tor1: down is true').waitFor()
    await shoot(page, `lab-${theme}`)
    expect(complaints).toEqual([])
  }
  expect(await findings(seats.light.page)).toEqual([])
  const { page } = seats.dark
  await page.getByRole('button', { name: 'Set every dial to rest' }).click()
  await page.getByText('Nothing: every dial is at rest').waitFor()
  expect(await stage.lab.get('/faults/switch/r2-tor1')).toMatchObject({ down: false })
  expect((await machine('r1-h1')).disks[1]).toMatchObject({ readOnly: false })
})

test('a cable that is not where the rack file says is marked in the rack and on the front page, with where LLDP heard it', async () => {
  const { page, complaints } = seats.dark
  const file = await stage.lab.get('/rack-file')
  const macOf = (wanted: string): string =>
    stage.facts.machines.find(({ name }: { name: string }) => name === wanted).nics[0].mac
  const rack = file.racks.find(({ hosts }: { hosts: { mac: string }[] }) =>
    hosts.some(({ mac }) => mac === macOf('r1-h6')),
  )
  const [one, other] = ['r1-h6', 'r1-h8'].map((name) =>
    rack.hosts.find(({ mac }: { mac: string }) => mac === macOf(name)),
  )
  const { cable } = (await machine('r1-h6')).nics[0]
  ;[one.port, other.port] = [other.port, one.port]
  await stage.ferrule.put('/racks/lab', file)
  await page.goto(`${stage.url}/racks`)
  const wire = page.locator('.wire.lie', { hasText: 'wrong cable' })
  await wire.waitFor()
  expect(await wire.count()).toBe(1)
  expect(await wire.getAttribute('title')).toMatch(
    new RegExp(`^LLDP heard it at ${cable.switch} (\\S+ )?${cable.port}$`),
  )
  await page.getByRole('columnheader', { name: 'Switches have learned' }).waitFor()
  // the machine is off: LLDP alone tells of it
  await page.getByRole('row', { name: /^r1-h6 eno1 .* none elsewhere$/ }).waitFor()
  await until(async () => (await page.getByText('reading …').count()) === 0)
  await shoot(page, 'racks-lie-dark')
  expect(await findings(page)).toEqual([])
  await page.getByRole('link', { name: 'Attention' }).click()
  const cables = page.getByRole('region', { name: 'Cables', exact: true })
  await cables.getByRole('link', { name: 'r1-h6 eno1' }).waitFor()
  await page.getByRole('heading', { name: 'Cables need a person, and nothing else does' }).waitFor()
  expect(await page.getByText('All is well').count()).toBe(0)
  await shoot(page, 'attention-lie-dark')
  await stage.ferrule.put('/racks/lab', await stage.lab.get('/rack-file'))
  await cables.getByRole('link', { name: 'r1-h6 eno1' }).waitFor({ state: 'detached' })
  expect(complaints).toEqual([])
})

test('what is told of the room holds no password, and only an administrator may act in it', async () => {
  const text = JSON.stringify(await stage.ferrule.get('/lab'))
  for (const { bmc } of stage.facts.machines) expect(text).not.toContain(bmc.password)
  for (const { password } of stage.facts.switches) expect(text).not.toContain(password)
  const { token } = await stage.ferrule.post('/tokens', { name: 'watcher', role: 'reader' })
  const act = (as: string) =>
    fetch(`${stage.url}/api/v1/lab/acts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
      body: JSON.stringify({ do: 'cable', machine: 'r1-h1', nic: 'eno1', up: false }),
    })
  expect((await act(token)).status).toBe(403)
  expect((await machine('r1-h1')).nics[0].linkUp).toBe(true)
  expect((await act(stage.token)).status).toBe(204)
  expect((await machine('r1-h1')).nics[0].linkUp).toBe(false)
})
