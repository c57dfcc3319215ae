import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findings, openBrowser, type Seat, shoot, sit } from './support/browser.ts'
import { type Stage, setStage, until } from './support/stage.ts'

/** The provider's settings, changed in the browser and by the command line: of the daemon that runs, in its own file. */
const program = fileURLToPath(new URL('../../bin/ferrule', import.meta.url))
let stage: Stage
let browser: Browser
let seat: Seat
let file: string
let keys: string

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([setStage({ hosts: [] }), openBrowser()])
  seat = await sit(browser, `${stage.url}/#token=${stage.token}`)
  file = (await stage.ferrule.get('/settings/provider')).file
  keys = join(dirname(file), 'provider-keys')
})

afterAll(async () => {
  await browser?.close()
  await stage?.strike()
})

const text = () => readFileSync(file, 'utf8')
/** What the daemon runs with; it may be starting anew just then. */
const runsWith = () => stage.ferrule.get('/settings').catch(() => null)

async function put(changes: { name: string; value: string | number | boolean | null }[]) {
  const { revision } = await stage.ferrule.get('/settings/provider')
  const answer = await fetch(`${stage.url}/api/v1/settings/provider`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${stage.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ revision, changes }),
  })
  /* biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the interface answers */
  const body: any = await answer.json()
  return { status: answer.status, body }
}

function ferrule(args: string[], input = ''): string {
  return execFileSync(process.execPath, [program, 'settings', ...args], {
    env: { PATH: process.env.PATH, FERRULE_URL: stage.url, FERRULE_TOKEN: stage.token },
    ...{ input, encoding: 'utf8' as const },
  })
}

test('a change is checked, seen, and applied while an operation goes on', async () => {
  const { page } = seat
  const { bmc, nics } = stage.facts.machines.find(({ name }: { name: string }) => name === 'r1-h2')
  await stage.ferrule.post('/hosts', {
    ...{ name: 'r1-h2', bootMac: nics[0].mac, architecture: 'amd64', tags: [] },
    ...{ cpuCount: 8, cpuSpeedMhz: 2400, memoryMib: 32_768 },
    bmc: { address: `${bmc.address}:${bmc.port}`, username: bmc.username, password: bmc.password },
  })
  const before = text()
  await page.goto(`${stage.url}/settings`)
  await page.getByRole('link', { name: 'Change the provider’s settings' }).click()
  await page.getByLabel('Seconds for a soft shutdown').fill('45')
  const apply = page.getByRole('button', { name: 'Apply' })
  expect(await apply.getAttribute('aria-disabled')).toBe('true')
  await page.getByRole('button', { name: 'Check' }).click()
  await page.getByText('graceSeconds: 45').waitFor()
  await shoot(page, 'provider-plan-dark')
  expect(await findings(page)).toEqual([])
  expect(text()).toBe(before)
  await apply.click()
  await page.getByText('Applied. Ferrule starts anew').waitFor()
  await until(async () => (await runsWith())?.stop.graceSeconds === 45)
  expect(text()).toBe(`${before.trimEnd()}\nstop:\n  graceSeconds: 45\n`)
  await until(async () => (await stage.ferrule.get('/hosts/r1-h2')).state === 'available', 90_000)
  const { items } = await stage.ferrule.get('/events?limit=200')
  const note = items.find(({ kind }: { kind: string }) => kind === 'settings')
  expect(note).toMatchObject({ message: `admin changed the settings in ${file}` })
})

test('a key that MAAS does not take changes nothing; one that it takes is kept in a file of its own', async () => {
  const { page } = seat
  const before = text()
  await page.goto(`${stage.url}/settings/provider`)
  await page.getByLabel('API key').fill('not:the:key')
  await page.getByRole('button', { name: 'Check' }).click()
  await page.locator('li .lie').waitFor()
  await page.getByRole('button', { name: 'Apply' }).click()
  await page.getByRole('alert').getByText('Nothing was changed').waitFor()
  expect(text()).toBe(before)
  await page.getByLabel('API key').fill(stage.facts.maas.key)
  await page.getByRole('button', { name: 'Check' }).click()
  await page.getByText('the key is admin’s').waitFor()
  // CloudStack's form of the connection, which goes, holds the secret
  expect(await page.locator('pre.lines').textContent()).toContain('-external.baremetal.system.url: [hidden]')
  await page.getByRole('button', { name: 'Apply' }).click()
  await until(async () => (await runsWith())?.maas?.url === stage.facts.maas.url)
  const [name = '', ...more] = readdirSync(keys)
  expect(more).toEqual([])
  expect(readFileSync(join(keys, name), 'utf8')).toBe(`${stage.facts.maas.key}\n`)
  expect(statSync(join(keys, name)).mode & 0o777).toBe(0o600)
  expect(text()).not.toMatch(/MaasSecret|system\.url/)
  const { endpoints } = await stage.ferrule.get('/maas')
  expect(endpoints).toMatchObject([{ fault: null, account: { username: 'admin' } }])
})

test('what cannot be is told by its path, all of it at once, and nothing is changed', async () => {
  const before = text()
  const { status, body } = await put([
    { name: 'network.pxeVlan', value: 4095 },
    { name: 'erase.policy', value: 'never' },
  ])
  expect([status, body.code]).toEqual([400, 'invalid-input'])
  const paths = body.details.faults.map(({ path }: { path: string }) => path)
  expect(paths.sort()).toEqual(['erase.policy', 'network.pxeVlan'])
  expect(await put([{ name: 'dataDir', value: '/' }])).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('dataDir is no setting that can be changed here') },
  })
  expect(text()).toBe(before)
})

test('from the command line: listed, seen before, and set', async () => {
  expect(ferrule(['provider'])).toMatch(/stop\.graceSeconds +45 +file/)
  const before = text()
  const plan = ferrule(
    ['set', '--maas-key-file', '-', 'stop.graceSeconds=', '--dry-run'],
    stage.facts.maas.key,
  )
  expect(plan).toMatch(/-stop:.*- {2}graceSeconds: 45.*answers: MAAS 3.*Nothing was changed/s)
  expect(text()).toBe(before)
  expect(() => ferrule(['set', 'maas.key=a:b:c'])).toThrow(/Give it by --maas-key-file/)
  expect(ferrule(['set', 'stop.graceSeconds='])).toContain('starts anew')
  await until(async () => (await runsWith())?.stop.graceSeconds === 120)
  expect(text()).not.toContain('stop')
})

test('a file that Ferrule cannot be started with is taken back, and the reason is told', async () => {
  const busy = createServer()
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve))
  const address = busy.address()
  const port = typeof address === 'object' ? address?.port : null
  // by hand, and not in effect yet: the form only adds to it
  const byHand = text().replace(/port: \d+/, `port: ${port}`)
  writeFileSync(file, byHand)
  const { page } = seat
  await page.goto(`${stage.url}/settings/provider`)
  await page.getByText('has been changed since Ferrule was started with it').waitFor()
  expect(await put([{ name: 'boot.efi', value: false }])).toMatchObject({ status: 200 })
  await page.getByText('The last change was taken back').waitFor({ timeout: 60_000 })
  await page
    .getByText(/EADDRINUSE|address already in use/)
    .first()
    .waitFor()
  await shoot(page, 'provider-taken-back-dark')
  expect(text()).toBe(byHand)
  expect((await runsWith()).boot.efi).toBe(true)
  busy.close()
})
