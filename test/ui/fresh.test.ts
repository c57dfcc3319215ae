import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { findings, openBrowser, type Seat, shoot, sit } from './support/browser.ts'
import { type Stage, setStage, until } from './support/stage.ts'

/** A site where nobody has done anything yet, and what is done there first. */
let stage: Stage
let browser: Browser
let seats: { dark: Seat; light: Seat }

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([setStage({ hosts: null }), openBrowser()])
  const address = `${stage.url}/#token=${stage.token}`
  seats = { dark: await sit(browser, address), light: await sit(browser, address, { dark: false }) }
})

afterAll(async () => {
  await browser?.close()
  await stage?.strike()
})

const answered = (page: Page) =>
  until(async () => (await page.getByText(/^Asking Ferrule|reading …/).count()) === 0)

test('the front page says what to do first, and every empty page says that it is empty', async () => {
  for (const [theme, { page, complaints }] of Object.entries(seats)) {
    for (const [path, words] of [
      ['/', 'What to do first, in this order:'],
      ['/racks', 'There is no rack configuration yet'],
      ['/hosts', 'There are no hosts yet'],
      ['/instances', 'There are no instances yet.'],
      ['/templates', 'There is none yet.'],
      ['/operations', 'No operation yet.'],
      ['/switches', 'There is no switch yet'],
      ['/instances/new', 'Before a server can be deployed'],
    ] as const) {
      await page.goto(`${stage.url}${path}`)
      await page.getByText(words).first().waitFor()
      await answered(page)
      await shoot(page, `fresh${path.replaceAll('/', '-').replace(/-$/, '')}-${theme}`)
      expect(await findings(page)).toEqual([])
    }
    expect(complaints).toEqual([])
  }
})

test('the first page leads to the rack configuration, which is applied there', async () => {
  const { page } = seats.dark
  await page.goto(stage.url)
  await page.getByRole('link', { name: 'Apply a rack configuration' }).click()
  await page.getByLabel('Name', { exact: true }).fill('lab')
  await page
    .getByRole('textbox', { name: 'Rack file (JSON or YAML)' })
    .fill(stringify(await stage.lab.get('/rack-file')))
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  await page.getByText(/^Nothing is wrong with it: \d+ switches, \d+ cables\.$/).waitFor()
  await page.getByRole('button', { name: 'Apply', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Racks' }).waitFor()
  await page.getByRole('region', { name: 'lab', exact: true }).waitFor()
  const { items } = await stage.ferrule.get('/racks')
  expect(items.map(({ name }: { name: string }) => name)).toEqual(['lab'])
})

test('a template is registered; what is no image is refused in words', async () => {
  const { page, complaints } = seats.dark
  await page.goto(`${stage.url}/templates`)
  await page.getByRole('button', { name: 'Register a template' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name', { exact: true }).fill('jammy')
  await form.getByLabel('URL', { exact: true }).fill('not an image')
  await form.getByRole('button', { name: 'Create', exact: true }).click()
  await form.locator('.problem').first().waitFor()
  await shoot(page, 'template-refused-dark')
  expect((await stage.ferrule.get('/templates')).items).toEqual([])
  // the browser writes a refusal to its console
  complaints.splice(0)
  await form.getByLabel('URL', { exact: true }).fill('ubuntu/jammy')
  await form.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('row', { name: /^jammy ubuntu\/jammy ubuntu\/jammy/ }).waitFor()
  expect((await stage.ferrule.get('/templates')).items).toMatchObject([
    { name: 'jammy', url: 'ubuntu/jammy', osFamily: 'ubuntu' },
  ])
  await page.getByRole('link', { name: 'jammy', exact: true }).click()
  await page.getByText('No instance has it.').waitFor()
  expect(complaints).toEqual([])
})

test('a token is made, shown once, does what its role may, and is refused once it is removed', async () => {
  const { page, complaints } = seats.dark
  const may = async (token: string, method: string, path: string) => {
    const headers = { authorization: `Bearer ${token}` }
    return (await fetch(`${stage.url}/api/v1${path}`, { method, headers })).status
  }
  await page.goto(`${stage.url}/settings`)
  const tokens = page.getByRole('region', { name: 'Tokens' })
  await tokens.getByLabel('Name', { exact: true }).fill('wall-screen')
  await tokens.getByLabel('Role').selectOption('reader')
  await tokens.getByRole('button', { name: 'Create a token' }).click()
  await tokens.getByText('This is shown once.').waitFor()
  const token = await tokens.getByRole('status').locator('code').innerText()
  await tokens.getByText('reader: looks at everything; made').waitFor()
  expect(await may(token, 'GET', '/hosts')).toBe(200)
  expect(await may(token, 'DELETE', '/templates/jammy')).toBe(403)
  await page.reload()
  await tokens.getByText('wall-screen').waitFor()
  expect(await page.getByText(token).count()).toBe(0)
  await tokens.getByRole('button', { name: 'Remove wall-screen' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Whoever uses it is refused from now on.').waitFor()
  expect(await may(token, 'GET', '/hosts')).toBe(200)
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click()
  await tokens.getByText('wall-screen', { exact: true }).waitFor({ state: 'detached' })
  expect(await may(token, 'GET', '/hosts')).toBe(401)
  expect(complaints).toEqual([])
})
