import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findings, openBrowser, type Seat, shoot, sit } from './support/browser.ts'
import { type Stage, setStage, until } from './support/stage.ts'

/** What only a person can mend is on the front page, with the one safe thing to do. */
let stage: Stage
let browser: Browser
let seat: Seat

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([setStage({ hosts: ['r2-h2', 'r2-h4'] }), openBrowser()])
  seat = await sit(browser, `${stage.url}/#token=${stage.token}`)
  await stage.ferrule.post('/instances', {
    ...{ name: 'web1', template: 'ubuntu-jammy', offering: 'bm.small', nics: [{ network: 'blue' }] },
  })
  await until(async () => (await stage.ferrule.get('/instances/web1')).state === 'running', 60_000)
})

afterAll(async () => {
  await browser?.close()
  await stage?.strike()
})

const queue = () => seat.page.locator('.queue li')

test('the sensors of a host are asked for by a press, as its BMC tells them', async () => {
  const { page, complaints } = seat
  const { host } = await stage.ferrule.get('/instances/web1')
  await page.goto(`${stage.url}/hosts/${host}`)
  const sensors = page.getByRole('region', { name: 'Sensors' })
  await sensors.getByRole('button', { name: 'Ask the BMC' }).click()
  await sensors.getByRole('listitem').first().waitFor()
  const { items } = await stage.ferrule.get(`/hosts/${host}/sensors`)
  expect(items.length).toBeGreaterThan(2)
  for (const { name } of items) await sensors.getByText(name, { exact: true }).waitFor()
  const watt = items.find(({ unit, value }: { unit: string; value: number | null }) => unit === 'W' && value)
  expect(await sensors.getByRole('listitem').filter({ hasText: watt.name }).innerText()).toMatch(/\d+ W$/)
  await shoot(page, 'host-sensors-dark')
  expect(complaints).toEqual([])
})

test('a disk that lies: its erase is not proven, the front page names host and disk and what to do; with an honest disk it is retried and proven', async () => {
  const { page, complaints } = seat
  const { host } = await stage.ferrule.get('/instances/web1')
  await stage.lab.put(`/faults/machine/${host}`, { readOnlyDisks: ['sda'] })
  const { operation } = await stage.ferrule.delete('/instances/web1')
  await page.goto(stage.url)
  const item = queue().filter({ hasText: `Operation ${operation.number}` })
  await item.waitFor({ timeout: 90_000 })
  await until(async () => {
    const { blocks, action } = await stage.ferrule.get(`/why/operation/${operation.number}`)
    const text = await item.innerText()
    return blocks && text.includes(blocks) && text.includes(`What to do: ${action}`)
  })
  expect(await item.innerText()).toMatch(/destroy of web1 is parked.*sda/s)
  expect(await item.getByText('What to do:').count()).toBe(1)
  await shoot(page, 'attention-unproven-dark')
  expect(await findings(page)).toEqual([])
  expect((await stage.ferrule.get(`/hosts/${host}`)).state).not.toBe('available')
  await stage.lab.put(`/faults/machine/${host}`, { readOnlyDisks: [] })
  await item.getByRole('link').click()
  await until(async () => {
    const retry = page.getByRole('button', { name: 'Retry now' })
    if ((await retry.count()) === 1) await retry.press('Enter')
    return (await stage.ferrule.get(`/operations/${operation.number}`)).state === 'succeeded'
  }, 90_000)
  await page.goto(`${stage.url}/hosts/${host}`)
  await page.getByText('Its disks are proven erased.').waitFor()
  await page.getByRole('link', { name: 'Attention' }).click()
  await page.getByText('All is well').waitFor()
  // a press that finds it at work already is answered with a refusal, which the browser counts as a failed load
  expect(complaints.filter((one) => !one.includes('409'))).toEqual([])
  complaints.splice(0)
})

test('a BMC that does not answer is on the front page with what to do, and goes from it by itself once it answers', async () => {
  const { page, complaints } = seat
  await page.goto(stage.url)
  await page.getByText('All is well').waitFor()
  await stage.lab.put('/faults/bmc/r2-h4', { unreachable: true })
  const item = queue().filter({ hasText: 'BMC unreachable' })
  await item.waitFor({ timeout: 90_000 })
  const { power, bmc } = await stage.ferrule.get('/hosts/r2-h4')
  expect(power.state).toBe('unknown')
  const text = await item.innerText()
  expect(text).toContain(bmc.address.split(':')[0])
  expect(text).toContain(`What to do: ${power.failure.remedy}`)
  expect(await item.getByText('What to do:').count()).toBe(1)
  await shoot(page, 'attention-bmc-dark')
  expect(await findings(page)).toEqual([])
  await item.getByRole('link', { name: 'r2-h4' }).click()
  await page.getByRole('heading', { level: 1, name: /^r2-h4/ }).waitFor()
  await stage.lab.put('/faults/bmc/r2-h4', { unreachable: false })
  await page.getByRole('link', { name: 'Attention' }).click()
  await page.getByText('All is well').waitFor({ timeout: 90_000 })
  expect(complaints).toEqual([])
})
