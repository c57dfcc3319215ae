import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, type Seat, shoot, sit } from './support/browser.ts'
import { type Stage, setStage, until } from './support/stage.ts'

/** What happens between the plan that a person looks at and the press: somebody else takes or gives back hosts. */
const small = ['r2-h2', 'r2-h4', 'r2-h6', 'r2-h8']
let stage: Stage
let browser: Browser
let seat: Seat

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([setStage({ hosts: small }), openBrowser()])
  seat = await sit(browser, `${stage.url}/#token=${stage.token}`)
})

afterAll(async () => {
  await browser?.close()
  await stage?.strike()
})

const plan = () => seat.page.getByRole('region', { name: 'Plan' })
const button = () => plan().getByRole('button', { name: 'Deploy', exact: true })
const changed = () => plan().getByRole('alert')
/** Once a plan of the whole form can be pressed. */
const pressable = () => until(async () => (await button().getAttribute('aria-disabled')) === 'false')
const plannedHost = () => plan().getByRole('link').first().innerText()

/** The host that the plan names, taken through the API. */
async function takeByApi(name: string): Promise<string> {
  await stage.ferrule.post('/instances', {
    ...{ name, template: 'ubuntu-jammy', offering: 'bm.small', nics: [{ network: 'green' }] },
  })
  return until(async () => (await stage.ferrule.get(`/instances/${name}`)).host)
}

async function fillIn(name: string) {
  const { page } = seat
  await page.goto(`${stage.url}/instances/new`)
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Template').selectOption('ubuntu-jammy')
  await page.getByLabel('Offering').selectOption('bm.small')
  await page.getByLabel('Network', { exact: true }).selectOption('blue')
  await plan().getByText('Switch ports').waitFor()
  await pressable()
}

async function instanceNames(): Promise<string[]> {
  const { items } = await stage.ferrule.get('/instances')
  return items.map(({ name }: { name: string }) => name).sort()
}

test('the planned host is taken by another deploy: the press does nothing and names the other host; taken within the press itself, it is refused the same way', async () => {
  await fillIn('web1')
  const first = await plannedHost()
  expect(await takeByApi('other1')).toBe(first)
  await button().click()
  const [next = '', third = ''] = small.filter((name) => name !== first)
  await changed().getByText('Nothing was done').waitFor()
  await changed().getByText(`Host: ${first} → ${next}`).waitFor()
  await shoot(seat.page, 'deploy-changed-dark')
  expect(await instanceNames()).toEqual(['other1'])
  expect(seat.page.url()).toContain('/instances/new')
  await pressable()
  expect(await plannedHost()).toBe(next)
  // between the press and what it asks for
  await seat.page.route('**/api/v1/instances', async (route) => {
    if (route.request().method() === 'POST') await takeByApi('other2')
    await route.continue()
  })
  await button().click()
  await changed().getByText('Nothing was done').waitFor()
  await changed().getByText(`Host: ${next} → ${third}`).waitFor()
  await seat.page.unroute('**/api/v1/instances')
  expect(await instanceNames()).toEqual(['other1', 'other2'])
  await pressable()
  expect(await plannedHost()).toBe(third)
  await button().click()
  await seat.page.getByText(`The plan said ${third}, and ${third} it is.`).waitFor()
  expect(await instanceNames()).toEqual(['other1', 'other2', 'web1'])
})

test('no host is left: the press does nothing, says so, and cannot be repeated; a host that comes back is told by itself, and not taken unseen', async () => {
  await fillIn('web2')
  const last = await plannedHost()
  expect(await takeByApi('other3')).toBe(last)
  await button().click()
  await changed().getByText('Nothing was done').waitFor()
  await changed().getByText(`Host: ${last} → none`).waitFor()
  await plan().getByText('no host fits offering bm.small').waitFor()
  expect(await button().getAttribute('title')).toBe('The plan says why it would be refused.')
  await shoot(seat.page, 'deploy-no-host-dark')
  expect(await instanceNames()).toEqual(['other1', 'other2', 'other3', 'web1'])

  await until(async () => (await stage.ferrule.get('/instances/other1')).state === 'running', 60_000)
  const { host } = await stage.ferrule.get('/instances/other1')
  await stage.ferrule.delete('/instances/other1')
  await changed().getByText('The plan has changed since you first saw it here').waitFor({ timeout: 90_000 })
  await changed().getByText(`Host: none → ${host}`).waitFor()
  await pressable()
  await button().click()
  await changed().getByText('Nothing was done').waitFor()
  expect(await instanceNames()).not.toContain('web2')
  await button().click()
  await seat.page.getByText(`The plan said ${host}, and ${host} it is.`).waitFor()
})
