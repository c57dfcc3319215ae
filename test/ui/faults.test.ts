import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ipmi } from '../../lab/bmc/client.ts'
import { findings, openBrowser, type Seat, shoot, sit } from './support/browser.ts'
import { type Stage, setStage, until } from './support/stage.ts'

let stage: Stage
let browser: Browser
let seat: Seat

const nic = { network: 'blue', mac: '02:01:00:65:01:01' }

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([setStage({ hosts: ['r2-h1'] }), openBrowser()])
  seat = await sit(browser, `${stage.url}/#token=${stage.token}`)
  const { cpuCount } = await stage.ferrule.get('/hosts/r2-h1')
  await stage.ferrule.post('/instances', {
    name: 'db1',
    template: 'ubuntu-jammy',
    offering: cpuCount === 8 ? 'bm.small' : 'bm.large',
    nics: [nic],
  })
  await until(async () => (await stage.ferrule.get('/instances/db1')).state === 'running', 60_000)
})

afterAll(async () => {
  await browser?.close()
  await stage?.strike()
})

test('a fault in the room is on the front page with its why; what is pressed there repairs it', async () => {
  const { page, complaints } = seat
  await page.getByText('All is well').waitFor()
  const [tor] = await stage.lab
    .get('/switches')
    .then((all) => all.filter(({ name }: { name: string }) => name.startsWith('r2')))
  const dialDown = async (down: boolean) => {
    await page.getByRole('link', { name: 'Lab', exact: true }).click()
    await page.getByRole('button', { name: `Dials of ${tor.name}` }).click()
    const dialog = page.getByRole('dialog')
    await dialog
      .locator('.dial', { has: page.locator('code:text-is("down")') })
      .getByRole('checkbox')
      .click()
    await until(async () => (await stage.lab.get(`/faults/switch/${tor.name}`)).down === down)
    await page.keyboard.press('Escape')
  }
  await dialDown(true)
  await page.getByRole('link', { name: 'Attention' }).click()
  const { number } = await stage.ferrule.post('/instances/db1/stop')
  const item = page.locator('.queue li', { hasText: `Operation ${number}` })
  await item.waitFor({ timeout: 60_000 })
  await shoot(page, 'attention-parked-dark')
  // the words count the attempts, so that both must be looked at between two of them
  await until(async () => {
    const { blocks, action } = await stage.ferrule.get(`/why/operation/${number}`)
    const text = await item.innerText()
    return text.includes(blocks) && text.includes(action)
  })
  await item.getByRole('link', { name: 'Open its choices' }).click()
  await page.getByRole('heading', { name: 'Parked: your choices' }).waitFor()
  await shoot(page, 'operation-parked-dark')
  await page
    .getByText(/and the same \d+ times before/)
    .first()
    .waitFor()
  expect(await page.locator('.evidence li').count()).toBeLessThan(5)
  await page.goto(`${stage.url}/racks`)
  const frame = page.locator('.frame', { hasText: tor.address })
  await frame.getByText('was not read').waitFor()
  expect(await frame.getByText('was not read').getAttribute('title')).toContain(tor.address)
  // what a switch that is down is answered with, the browser counts as a failed load
  expect(complaints.filter((one) => !one.includes('502'))).toEqual([])
  await page.goto(`${stage.url}/operations/${number}`)
  // in the lab's fast time it is parked and tried again by turns, so that a press may find it at work
  await until(async () => {
    await page.getByRole('button', { name: 'Retry now' }).press('Enter')
    const { id } = await stage.ferrule.get(`/operations/${number}`)
    const { items } = await stage.ferrule.get(`/events?limit=500&operationId=${id}`)
    return items.some(({ kind }: { kind: string }) => kind === 'operation.retry')
  })
  await dialDown(false)
  await page.goto(`${stage.url}/operations/${number}`)
  await page.locator('h1 .state', { hasText: 'succeeded' }).waitFor({ timeout: 60_000 })
  await page.getByRole('link', { name: 'Attention' }).click()
  await page.getByText('All is well').waitFor()
  complaints.splice(0)
})

test('a port that somebody else changed is shown as a diff, and healed as its plan said', async () => {
  const { page, complaints } = seat
  await stage.ferrule.post('/instances/db1/start')
  await until(async () => (await stage.ferrule.get('/instances/db1')).state === 'running', 60_000)
  const [cabled] = (await stage.lab.get('/machines/r2-h1')).nics
  const { switch: address, port } = cabled.cable
  const running = async () => (await stage.lab.get('/machines/r2-h1')).nics[0].port
  expect(await running()).toMatchObject({ untagged: 101 })

  await page.getByRole('link', { name: 'Lab', exact: true }).click()
  const foreign = page.getByRole('region', { name: 'Somebody else at a switch' })
  await foreign.getByLabel('Port of').selectOption({ label: `r2-h1 eno1 → ${address} ${port}` })
  await foreign.getByLabel('VLAN').fill('999')
  await foreign.getByRole('button', { name: 'Put the port there' }).click()
  await until(async () => (await running()).untagged === 999)

  await page.goto(`${stage.url}/instances/db1`)
  const sides = page.getByRole('region', { name: 'CloudStack, Ferrule and the switches' }).first()
  await sides.getByText('Ferrule and the switches do not agree.').waitFor()
  await sides.getByRole('row', { name: new RegExp(`^switch ${address} port ${port} .*101.* 999`) }).waitFor()
  await shoot(page, 'instance-sides-dark')
  expect(await findings(page)).toEqual([])

  await page.goto(`${stage.url}/switches?q=${address}`)
  await page.getByText('its protocol does not tell changes').first().waitFor()
  const row = page.getByRole('row', { name: new RegExp(`^${port} r2-h1`) })
  await row.getByRole('cell', { name: 'VLAN 999' }).waitFor()
  expect(await row.getByRole('cell').allInnerTexts()).toEqual(
    expect.arrayContaining(['VLAN 101', 'VLAN 999', 'VLAN 101']),
  )
  await shoot(page, 'switch-drift-dark')
  expect(await findings(page)).toEqual([])
  await row.getByRole('button', { name: 'Heal' }).click()
  const dialog = page.getByRole('dialog')
  await dialog
    .getByText(/then access untagged 101/)
    .first()
    .waitFor()
  await shoot(page, 'heal-plan-dark')
  await dialog.getByRole('button', { name: 'Heal' }).click()
  await page.locator('h1 .state', { hasText: 'succeeded' }).waitFor({ timeout: 60_000 })
  expect(await running()).toMatchObject({ untagged: 101 })
  expect(complaints).toEqual([])
})

test('a reboot whose BMC forgets the boot device is parked; what may be skipped says what follows, and is', async () => {
  const { page, complaints } = seat
  const { bmc } = stage.facts.machines.find(({ name }: { name: string }) => name === 'r2-h1')
  await ipmi(bmc).pxeOnce()
  await stage.lab.put('/faults/bmc/r2-h1', { lyingBootFlags: true })
  const { number } = await stage.ferrule.post('/instances/db1/reboot')
  await page.goto(`${stage.url}/operations/${number}`)
  const choices = page.getByRole('region', { name: 'Parked: your choices' })
  await choices.getByText('Its ports carry only its own networks.').waitFor({ timeout: 60_000 })
  await choices.getByText('It is behind its point of no return.').waitFor()
  await shoot(page, 'operation-skip-dark')
  expect(await findings(page)).toEqual([])
  const skip = page.getByRole('button', { name: 'Skip this step' })
  // tried again by turns, so that the button says by turns why it cannot be pressed
  await until(async () => {
    await skip.first().press('Enter')
    return (await page.getByRole('dialog').count()) === 1
  })
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Why it is safe here').fill('its firmware boots from disk')
  await until(async () => {
    if ((await dialog.count()) === 1)
      await dialog.getByRole('button', { name: 'Skip this step' }).press('Enter')
    return (await stage.ferrule.get(`/operations/${number}`)).endedAt !== null
  })
  await page.locator('h1 .state', { hasText: 'succeeded' }).waitFor()
  await page.locator('.phase-skipped', { hasText: 'Boot device disk' }).waitFor()
  await page
    .getByRole('list', { name: 'Everything that happened' })
    .getByText('admin skipped boot-disk: its firmware boots from disk')
    .waitFor()
  expect((await stage.lab.get('/machines/r2-h1')).power).toBe('on')
  await shoot(page, 'operation-skipped-dark')
  // an answer that it was at work just then is one that the browser counts as a failed load
  expect(complaints.filter((one) => !one.includes('409'))).toEqual([])
  complaints.splice(0)
  await stage.lab.put('/faults/bmc/r2-h1', { lyingBootFlags: false })
})

test('when the daemon goes the page says how old it is, and goes on by itself when it is back', async () => {
  const { page, complaints } = seat
  await page.getByRole('link', { name: 'Networks' }).click()
  await page.getByRole('cell', { name: 'blue', exact: true }).waitFor()
  expect(complaints).toEqual([])
  await stage.stopDaemon()
  await page.getByText('Not live').waitFor()
  await page
    .getByRole('alert')
    .getByText(/^Ferrule does not answer\. What you see is how it was at \d.*, .* ago\./)
    .waitFor()
  await shoot(page, 'stale-dark')
  expect(await page.getByRole('cell', { name: 'blue', exact: true }).count()).toBe(1)
  await stage.startDaemon()
  await page.getByText('Live', { exact: true }).waitFor({ timeout: 30_000 })
  await page.getByText('What you see is').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Create a network' }).click()
  await page.getByLabel('Name').fill('violet')
  await page.getByLabel('VLAN').fill('101')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByText('VLAN 101 belongs to network blue already').waitFor()
  await page.getByLabel('VLAN').fill('133')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('cell', { name: 'violet', exact: true }).waitFor()
})
