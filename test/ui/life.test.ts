import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findings, openBrowser, type Seat, shoot, sit } from './support/browser.ts'
import { type Stage, setStage, until } from './support/stage.ts'

let stage: Stage
let browser: Browser
let seat: Seat

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([setStage({ hosts: ['r2-h1', 'r2-h2'] }), openBrowser()])
  seat = await sit(browser, `${stage.url}/#token=${stage.token}`)
})

afterAll(async () => {
  await browser?.close()
  await stage?.strike()
})

/** What the ports of a machine carry, as the switches themselves say. */
async function vlansOf(machine: string): Promise<{ untagged: number | null; tagged: number[] }[]> {
  const { nics } = await stage.lab.get(`/machines/${machine}`)
  return nics.map(({ port }: { port: { untagged: number | null; tagged: number[] } }) => port)
}

test('the address that npm start prints opens logged in, and leaves no token behind', async () => {
  const { page } = seat
  await page.getByRole('heading', { level: 1, name: 'Attention' }).waitFor()
  expect(page.url()).toBe(`${stage.url}/`)
  await page.getByText('All is well').waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
})

test('by mouse: deploy as planned, watch it, and the ports carry what the plan said', async () => {
  const { page } = seat
  await page.getByRole('link', { name: 'Instances', exact: true }).click()
  await page.getByRole('link', { name: 'Deploy', exact: true }).click()
  await page.getByText('the plan appears here').waitFor()
  await page.getByLabel('Name', { exact: true }).fill('web1')
  await page.getByLabel('Template').selectOption('ubuntu-jammy')
  const size = await sizeOf('r2-h1')
  await page.getByLabel('Offering').selectOption(size)
  await page.getByLabel('Network', { exact: true }).selectOption('blue')
  await page.getByLabel('MAC', { exact: true }).fill('02:01:00:65:01:01')
  const plan = page.getByRole('region', { name: 'Plan' })
  await plan.getByText('Switch ports').waitFor()
  const host = await plan.getByRole('link').first().innerText()
  await plan.getByText('then').first().waitFor()
  await shoot(page, 'deploy-plan')
  const button = page.getByRole('button', { name: 'Deploy', exact: true })
  await until(async () => (await button.getAttribute('aria-disabled')) === 'false')
  await button.click()
  await page.getByRole('heading', { level: 1, name: /^deploy \d+/ }).waitFor()
  await shoot(page, 'operation-running')
  await page.getByText(`The plan said ${host}, and ${host} it is.`).waitFor()
  await page.locator('h1 .state', { hasText: 'succeeded' }).waitFor({ timeout: 60_000 })
  expect(await vlansOf(host)).toContainEqual(expect.objectContaining({ untagged: 101 }))
  await page.getByRole('link', { name: 'web1' }).first().click()
  await page.locator('h1 .state', { hasText: 'running' }).waitFor()
})

test('a disabled action says why, and does nothing', async () => {
  const { page } = seat
  const start = page.getByRole('button', { name: 'Start', exact: true })
  expect(await start.getAttribute('title')).toBe('Only while it is stopped; it is running.')
  const before = await stage.ferrule.get('/operations?limit=1')
  await start.click({ force: true })
  expect(await stage.ferrule.get('/operations?limit=1')).toEqual(before)
})

test('by keyboard alone: deploy it by the form, watch it, stop it, start it, destroy it', async () => {
  const { page } = seat
  const find = async (name: string) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /A page, host/ }).waitFor()
    await page.keyboard.type(name)
    await page.locator('[role=option]', { hasText: name }).first().waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: new RegExp(`^${name}`) }).waitFor()
  }
  const press = async (name: string) => {
    await tabTo(page, page.getByRole('button', { name, exact: true }).last())
    await page.keyboard.press('Enter')
  }
  const fill = async (label: string, typed: string) => {
    await tabTo(page, page.getByLabel(label, { exact: true }))
    await page.keyboard.type(typed)
  }
  const planned = (port: string) =>
    page
      .getByRole('dialog')
      .getByText(new RegExp(`then ${port}`))
      .first()
      .waitFor()

  await page.keyboard.press('Control+k')
  await page.keyboard.type('deploy')
  await page.locator('[role=option]', { hasText: 'Deploy a server' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Deploy an instance' }).waitFor()
  // of a list, typed letters choose
  await until(async () => (await page.getByLabel('Template').locator('option').count()) > 1)
  await until(async () => (await page.getByLabel('Offering').locator('option').count()) > 1)
  await until(async () => (await page.getByLabel('Network', { exact: true }).locator('option').count()) > 1)
  await fill('Name', 'web2')
  await fill('Template', 'ubuntu')
  await fill('Offering', await sizeOf(await freeHost()))
  await fill('Network', 'green')
  await fill('Tenant', 'acme')
  const plan = page.getByRole('region', { name: 'Plan' })
  await plan.getByText(/then access untagged 102/).waitFor()
  const host = await plan.getByRole('link').first().innerText()
  const button = plan.getByRole('button', { name: 'Deploy', exact: true })
  await until(async () => (await button.getAttribute('aria-disabled')) === 'false')
  await press('Deploy')
  await page.getByText(`The plan said ${host}, and ${host} it is.`).waitFor()
  await page.locator('h1 .state', { hasText: 'succeeded' }).waitFor({ timeout: 60_000 })
  expect(await stage.ferrule.get('/instances/web2')).toMatchObject({ host, tenant: 'acme', state: 'running' })
  expect(await vlansOf(host)).toContainEqual(expect.objectContaining({ untagged: 102 }))

  await find('web2')
  await press('Stop')
  await planned('access untagged 10')
  await press('Stop')
  await page.locator('h1 .state', { hasText: 'succeeded' }).waitFor()
  expect((await stage.lab.get(`/machines/${host}`)).power).toBe('off')
  expect(await vlansOf(host)).toContainEqual(expect.objectContaining({ untagged: 10, tagged: [] }))

  // what was done stands beside each step
  const ports = page.locator('.saga > li', { hasText: 'Tenant VLANs off every port' })
  await tabTo(page, ports.locator('summary'))
  await page.keyboard.press('Enter')
  await ports.getByText(/was access untagged 102, is access untagged 10/).waitFor()
  await shoot(page, 'operation-evidence')

  // an action by its name leads to its plan
  await page.keyboard.press('Control+k')
  await page.keyboard.type('start web2')
  await page.locator('[role=option]', { hasText: 'Start web2' }).waitFor()
  await shoot(page, 'palette')
  expect(await findings(page)).toEqual([])
  await page.keyboard.press('Enter')
  await planned('access untagged 102')
  await shoot(page, 'start-plan')
  await press('Start')
  await page.locator('h1 .state', { hasText: 'succeeded' }).waitFor()
  expect((await stage.lab.get(`/machines/${host}`)).power).toBe('on')

  await find('web2')
  await press('Destroy')
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Switch ports').waitFor()
  await shoot(page, 'destroy-plan')
  expect(await findings(page)).toEqual([])
  await press('Destroy')
  await page.getByRole('heading', { level: 1, name: /^destroy \d+/ }).waitFor()
  await page.locator('h1 .state', { hasText: 'succeeded' }).waitFor({ timeout: 60_000 })
  const machine = await stage.lab.get(`/machines/${host}`)
  expect(machine.power).toBe('off')
  expect(machine.disks.every(({ blank }: { blank: boolean }) => blank)).toBe(true)

  await find(host)
  await page.getByText('The full erase of').first().waitFor()
  await page.getByText('Its disks are proven erased.').waitFor()
  expect(seat.complaints).toEqual([])
})

/** As a person without a mouse comes to it: by Tab from where the focus is. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let steps = 0; steps < 200; steps++) {
    await page.keyboard.press('Tab')
    if (await target.evaluate((element) => element.matches(':focus'))) return
  }
  throw new Error(`Tab does not come to ${target}`)
}

async function freeHost(): Promise<string> {
  const { items } = await stage.ferrule.get('/hosts')
  return items.find(({ state }: { state: string }) => state === 'available').name
}

async function sizeOf(name: string): Promise<string> {
  const { cpuCount } = await stage.ferrule.get(`/hosts/${name}`)
  return cpuCount === 8 ? 'bm.small' : 'bm.large'
}
