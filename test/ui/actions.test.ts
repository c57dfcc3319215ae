import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { maas } from '../../lab/test-client.ts'
import { findings, openBrowser, type Seat, shoot, sit } from './support/browser.ts'
import { type Stage, setStage, until } from './support/stage.ts'

let stage: Stage
let browser: Browser
let seat: Seat

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([setStage({ hosts: ['r2-h2'] }), openBrowser()])
  seat = await sit(browser, `${stage.url}/#token=${stage.token}`)
  // two that no rack file knows yet, one of them with two NICs
  const file = await stage.lab.get('/rack-file')
  const macs = ['r1-h2', 'r1-h3'].flatMap((name) =>
    machineOf(name).nics.map(({ mac }: { mac: string }) => mac),
  )
  for (const rack of file.racks)
    rack.hosts = rack.hosts.filter(({ mac }: { mac: string }) => !macs.includes(mac))
  await stage.ferrule.put('/racks/lab', file)
  await stage.ferrule.post('/instances', {
    name: 'db1',
    template: 'ubuntu-jammy',
    offering: 'bm.small',
    nics: [{ network: 'blue', mac: '02:01:00:65:01:01' }],
  })
  await until(async () => (await stage.ferrule.get('/instances/db1')).state === 'running', 60_000)
})

afterAll(async () => {
  await browser?.close()
  await stage?.strike()
})

const machineOf = (wanted: string) =>
  stage.facts.machines.find(({ name }: { name: string }) => name === wanted)
const macOf = (name: string): string => machineOf(name).nics[0].mac
const ended = (state: string) =>
  seat.page.locator('h1 .state', { hasText: state }).waitFor({ timeout: 60_000 })
const portOf = async (name: string) => (await stage.lab.get(`/machines/${name}`)).nics[0].port

test('a host is added by its form, and is free when its disks are proven erased', async () => {
  const { page } = seat
  const { bmc, nics } = machineOf('r1-h2')
  const { cable } = (await stage.lab.get('/machines/r1-h2')).nics[0]
  await page.goto(`${stage.url}/hosts/new`)
  await page.getByLabel('Name', { exact: true }).fill('r1-h2')
  await page.getByLabel('Address of the BMC').fill(`${bmc.address}:${bmc.port}`)
  await page.getByLabel('BMC user').fill(bmc.username)
  await page.getByLabel('BMC password').fill(bmc.password)
  await page.getByLabel('MAC that it boots from').fill(macOf('r2-h2'))
  await page.getByText(/Plugged in at \S+ 1\/2, as a rack configuration says/).waitFor()
  await page.getByLabel('MAC that it boots from').fill(nics[0].mac)
  await page.getByLabel('Switch that it is plugged in at').fill(cable.switch)
  await page.getByLabel('Port of that switch').fill(cable.port)
  await page.getByLabel('CPUs').fill('8')
  await page.getByLabel('Memory in GiB').fill('32')
  await page.getByRole('button', { name: 'Add it' }).click()
  await page.getByRole('heading', { level: 1, name: /r1-h2|enlist/ }).waitFor()
  await until(async () => (await stage.ferrule.get('/hosts/r1-h2')).state === 'available', 60_000)
  await page.goto(`${stage.url}/hosts/r1-h2`)
  await page.locator('h1 .state', { hasText: 'available' }).waitFor()
  await page.getByText('The full erase of').first().waitFor()
  expect(JSON.stringify(await stage.ferrule.get('/racks/lab'))).toContain(nics[0].mac)
})

test('a host with two NICs brings both of its cables', async () => {
  const { page } = seat
  const { bmc, nics } = machineOf('r1-h3')
  const cables = (await stage.lab.get('/machines/r1-h3')).nics.map(
    ({ cable }: { cable: { switch: string; port: string } }) => cable,
  )
  await page.goto(`${stage.url}/hosts/new`)
  const fields = {
    Name: 'r1-h3',
    'Address of the BMC': `${bmc.address}:${bmc.port}`,
    'BMC user': bmc.username,
    'BMC password': bmc.password,
    'MAC that it boots from': nics[0].mac,
    'Switch that it is plugged in at': cables[0].switch,
    'Port of that switch': cables[0].port,
    CPUs: '16',
    'Memory in GiB': '64',
  }
  for (const [label, value] of Object.entries(fields))
    await page.getByLabel(label, { exact: true }).fill(value)
  await page.getByRole('button', { name: 'Add another NIC' }).click()
  const other = page.getByRole('group', { name: 'NIC 2' })
  await other.getByLabel('Its MAC').fill(nics[1].mac)
  await other.getByLabel('Switch that this NIC is plugged in at').fill(cables[1].switch)
  await other.getByLabel('Port of that switch for this NIC').fill(cables[1].port)
  await shoot(page, 'add-host-two-nics')
  await page.getByRole('button', { name: 'Add it' }).click()
  await page.getByRole('heading', { level: 1, name: /enlist/ }).waitFor()
  await ended('succeeded')
  const host = await stage.ferrule.get('/hosts/r1-h3')
  expect(
    host.nics.map((nic: { switch: string; port: string }) => ({ switch: nic.switch, port: nic.port })),
  ).toEqual(
    cables.map((cable: { switch: string; port: string }) => ({ switch: cable.switch, port: cable.port })),
  )
  await page.goto(`${stage.url}/hosts/r1-h3`)
  const beside = page.getByRole('region', { name: 'BMC and MAAS side by side' })
  await beside.getByRole('button', { name: 'Ask the BMC' }).click()
  const { bmc: told, maas } = await stage.ferrule.get('/hosts/r1-h3/inventory')
  const serial = beside.getByRole('row', { name: /^Serial / })
  await serial.waitFor()
  const serials = await serial.getByRole('cell').allInnerTexts()
  expect(serials).toEqual([told.serial, maas.serial])
  await shoot(page, 'host-inventory')
})

test('a network is attached and detached as its plan said', async () => {
  const { page } = seat
  await page.goto(`${stage.url}/instances/db1`)
  await page.getByRole('button', { name: 'Attach a network' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('the plan appears here').waitFor()
  await dialog.getByLabel('Network', { exact: true }).selectOption('green')
  await dialog.getByText(/then trunk untagged 101 tagged 102/).waitFor()
  await shoot(page, 'attach-plan-dark')
  await dialog.getByRole('button', { name: 'Attach a network' }).click()
  await ended('succeeded')
  expect(await portOf('r2-h2')).toMatchObject({ untagged: 101, tagged: [102] })
  await page.goto(`${stage.url}/instances/db1`)
  await page.locator('.nics li', { hasText: 'green' }).getByRole('button', { name: 'Detach' }).click()
  await dialog.getByText(/then access untagged 101/).waitFor()
  await dialog.getByRole('button', { name: 'Detach' }).click()
  await ended('succeeded')
  expect(await portOf('r2-h2')).toMatchObject({ untagged: 101, tagged: [] })
})

test('the record that is downloaded holds each step with what was seen, and no secret of the lab', async () => {
  const { page } = seat
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the record' }).click(),
  ])
  expect(download.suggestedFilename()).toMatch(/^ferrule-detach-\d+\.json$/)
  const text = readFileSync(await download.path(), 'utf8')
  const { operation, events } = JSON.parse(text)
  const ports = operation.steps.find(({ name }: { name: string }) => name === 'ports')
  expect(ports.evidence.map(({ message }: { message: string }) => message).join()).toMatch(
    /was trunk untagged 101 tagged 102, is access untagged 101: read back and saved/,
  )
  expect(ports.tookMs).toBeGreaterThanOrEqual(0)
  expect(events.length).toBeGreaterThan(0)
  for (const { bmc } of stage.facts.machines) expect(text).not.toContain(bmc.password)
  for (const { password } of stage.facts.switches) expect(text).not.toContain(password)
})

test('the console opens in a window of its own, and says what the serial port says', async () => {
  const { page } = seat
  await page.goto(`${stage.url}/instances/db1`)
  const [window] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('button', { name: 'Console' }).click(),
  ])
  await window.waitForURL(/\/console/)
  await window.getByText('r2-h2').first().waitFor()
  await window.close()
})

test('what is chosen in the table is done to each, with what came of it', async () => {
  const { page } = seat
  await page.goto(`${stage.url}/hosts`)
  await page.getByRole('checkbox', { name: 'Choose r1-h2' }).check()
  await page.getByRole('checkbox', { name: 'Choose r2-h2' }).check()
  await page.getByText('2 chosen').waitFor()
  await page.getByRole('button', { name: 'Enforce power' }).click()
  await page.getByText('r2-h2: done').waitFor()
  for (const name of ['r1-h2', 'r2-h2'])
    expect((await stage.ferrule.get(`/hosts/${name}`)).powerPolicy).toBe('enforce')
})

test('a deploy that hangs is cancelled, and all that it did is taken back', async () => {
  const { page } = seat
  await stage.lab.put('/faults/maas', { deployHangs: ['*'] })
  const { operation } = await stage.ferrule.post('/instances', {
    name: 'web2',
    template: 'ubuntu-jammy',
    offering: 'bm.small',
    nics: [{ network: 'blue', mac: '02:01:00:65:01:02' }],
  })
  await page.goto(`${stage.url}/operations/${operation.number}`)
  await page
    .locator('.phase-running', { hasText: 'Wait until MAAS says Deployed' })
    .waitFor({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel', exact: true }).click()
  await ended('cancelled')
  await stage.lab.put('/faults/maas', { deployHangs: [] })
  expect(await portOf('r1-h2')).toMatchObject({ untagged: 10, tagged: [] })
  await page.locator('.phase-undone').first().waitFor()
  // nobody has skipped what it was at, though the end was recorded after it
  await page.locator('.phase-failed', { hasText: 'Wait until MAAS says Deployed' }).waitFor()
  expect(await page.locator('.phase-skipped').count()).toBe(0)
  const called = `deploy ${operation.number}`
  await page.getByRole('heading', { level: 1, name: `${called} of web2` }).waitFor()
  const timeline = page.getByRole('region', { name: 'Everything that happened' })
  const { createdBy } = operation
  await timeline.getByText(`deploy cancelled: ${createdBy} asked`, { exact: true }).waitFor()
  await shoot(page, 'operation-cancelled-dark')
  expect(await findings(page)).toEqual([])
  // at the host each row leads to its operation by name, and the kind of the event is there on hover
  await page.goto(`${stage.url}/hosts/r1-h2`)
  const row = timeline.getByTitle('operation.cancelled').filter({ hasText: 'deploy cancelled' })
  await row.getByRole('link', { name: called, exact: true }).click()
  await page.getByRole('heading', { level: 1, name: `${called} of web2` }).waitFor()
})

test('a server is reinstalled on its host as its plan said', async () => {
  const { page } = seat
  await page.goto(`${stage.url}/instances/db1`)
  await page.getByRole('button', { name: 'Reinstall', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Switch ports').waitFor()
  await dialog.getByRole('button', { name: 'Reinstall', exact: true }).click()
  await ended('succeeded')
  expect((await stage.lab.get('/machines/r2-h2')).maas.status).toBe('Deployed')
  expect(await portOf('r2-h2')).toMatchObject({ untagged: 101 })
})

test('an offering with a disk layout: a layout that is none is refused in words, the plan shows the call, and MAAS has it', async () => {
  const { page, complaints } = seat
  await page.goto(`${stage.url}/offerings`)
  await page.getByRole('button', { name: 'Create an offering' }).click()
  const form = page.getByRole('dialog')
  const fields = { Name: 'bm.lvm', CPUs: '16', 'Memory in GiB': '64', 'Disk layout': 'zfs' }
  for (const [label, value] of Object.entries(fields))
    await form.getByLabel(label, { exact: true }).fill(value)
  await form.getByRole('button', { name: 'Create', exact: true }).click()
  await form
    .getByText(/Disk layout "zfs" is unknown/)
    .first()
    .waitFor()
  // the browser writes an answer of 400 to its console
  complaints.splice(0)
  await form.getByLabel('Disk layout', { exact: true }).fill('lvm,root_size=200G')
  await form.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('row', { name: /bm\.lvm .* lvm,root_size=200G/ }).waitFor()
  await page.getByRole('link', { name: 'bm.lvm' }).click()
  await page.getByRole('region', { name: 'Facts' }).getByText('lvm,root_size=200G').waitFor()
  await page.getByRole('link', { name: 'Deploy with it' }).click()
  await page.getByLabel('Name', { exact: true }).fill('volumes1')
  await page.getByLabel('Template').selectOption('ubuntu-jammy')
  expect(await page.getByLabel('Offering').inputValue()).toBe('bm.lvm')
  await page.getByLabel('Network', { exact: true }).selectOption('blue')
  const plan = page.getByRole('region', { name: 'Plan' })
  await plan.getByText(/op=set_storage_layout storage_layout=lvm root_size=200000000000/).waitFor()
  await shoot(page, 'deploy-layout-dark')
  expect(await findings(page)).toEqual([])
  const button = plan.getByRole('button', { name: 'Deploy', exact: true })
  await until(async () => (await button.getAttribute('aria-disabled')) === 'false')
  await button.click()
  await page.getByText('The plan said r1-h3, and r1-h3 it is.').waitFor()
  await ended('succeeded')
  const { systemId } = await stage.ferrule.get('/hosts/r1-h3')
  const machine: { virtualblockdevice_set: { name: string }[] } = await maas(
    stage.facts,
    'GET',
    `machines/${systemId}/`,
  )
  expect(machine.virtualblockdevice_set).toMatchObject([
    { name: 'vgroot-lvroot', filesystem: { mount_point: '/' } },
  ])
  expect(complaints).toEqual([])
})

test('a rack file is checked and tells what would change before it is applied, JSON or YAML; what would cut off a server is refused with its name', async () => {
  const { page, complaints } = seat
  const file = await stage.lab.get('/rack-file')
  const { hosts } = file.racks[0]
  const field = page.getByRole('textbox', { name: 'Rack file (JSON or YAML)' })
  const apply = page.getByRole('button', { name: 'Apply', exact: true })
  const check = page.getByRole('button', { name: 'Check', exact: true })
  const [gone] = hosts.splice(4, 1)
  await page.goto(`${stage.url}/racks/lab/edit`)
  await field.fill('racks:\n- l2Switch: {}\n')
  await check.click()
  await page
    .getByText(/l2Switch/)
    .first()
    .waitFor()
  await field.fill(JSON.stringify(file))
  await page.getByText(/^Check it to see what would change/).waitFor()
  for (const button of [check, apply]) {
    await button.click()
    await page.getByText(/drops ports while hosts of this rack are in use \(.*r2-h2/).waitFor()
    await field.fill(`${JSON.stringify(file)} `)
  }
  // the browser writes answers of 400 and 409 to its console
  complaints.splice(0)
  hosts.splice(4, 0, gone)
  hosts.push({ mac: '52:54:00:99:99:01', port: '1/20' })
  await field.fill(stringify(file))
  await check.click()
  await page.locator('.change-adds', { hasText: '52:54:00:99:99:01' }).waitFor()
  expect(await page.locator('.diff li').count()).toBe(1)
  await page.getByText(/^Nothing is wrong with it: \d+ switches, \d+ cables\.$/).waitFor()
  expect(await stage.ferrule.get('/racks').then(JSON.stringify)).not.toContain('52:54:00:99:99:01')
  await apply.click()
  await page.getByRole('heading', { level: 1, name: 'Racks' }).waitFor()
  expect(JSON.stringify(await stage.ferrule.get('/racks'))).toContain('52:54:00:99:99:01')
})

test('at 4K a page uses the width, without scrolling sideways', async () => {
  const { page } = await sit(browser, `${stage.url}/#token=${stage.token}`, { width: 3840, height: 2160 })
  for (const path of ['/', '/hosts', '/racks', '/operations/1']) {
    await page.goto(`${stage.url}${path}`)
    await page.locator('main h1').waitFor()
    await until(async () => (await page.getByText(/^Asking Ferrule|reading …/).count()) === 0)
    expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(3840)
  }
  await shoot(page, 'operation-4k')
  expect(seat.complaints).toEqual([])
})
