import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, type Seat, shoot, sit } from './support/browser.ts'
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
  const { page } = seat
  await page.getByText('All is well').waitFor()
  const [tor] = await stage.lab
    .get('/switches')
    .then((all) => all.filter(({ name }: { name: string }) => name.startsWith('r2')))
  await stage.lab.put(`/faults/switch/${tor.name}`, { down: true })
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
  await item.getByRole('link').click()
  await page.getByRole('heading', { name: 'Parked: your choices' }).waitFor()
  await shoot(page, 'operation-parked-dark')
  // in the lab's fast time it is parked and tried again by turns, so that a press may find it at work
  await until(async () => {
    await page.getByRole('button', { name: 'Retry now' }).press('Enter')
    const { id } = await stage.ferrule.get(`/operations/${number}`)
    const { items } = await stage.ferrule.get(`/events?limit=500&operationId=${id}`)
    return items.some(({ kind }: { kind: string }) => kind === 'operation.retry')
  })
  await stage.lab.put(`/faults/switch/${tor.name}`, { down: false })
  await page.locator('h1 .state', { hasText: 'succeeded' }).waitFor({ timeout: 60_000 })
  await page.getByRole('link', { name: 'Attention' }).click()
  await page.getByText('All is well').waitFor()
})

test('when the daemon goes the page says how old it is, and goes on by itself when it is back', async () => {
  const { page, complaints } = seat
  await page.getByRole('link', { name: 'Networks' }).click()
  await page.getByRole('cell', { name: 'blue', exact: true }).waitFor()
  expect(complaints).toEqual([])
  await stage.stopDaemon()
  await page.getByText('Not live').waitFor()
  await page.getByRole('alert').getByText('What you see is').waitFor()
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
