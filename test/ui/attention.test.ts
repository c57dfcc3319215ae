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

const deploy = async (name: string) => {
  await stage.ferrule.post('/instances', {
    ...{ name, template: 'ubuntu-jammy', offering: 'bm.small', nics: [{ network: 'blue' }] },
  })
  return until(async () => {
    const { state, host } = await stage.ferrule.get(`/instances/${name}`)
    return state === 'running' && host
  }, 60_000)
}

const unproven = [
  {
    what: 'a disk that lies',
    picture: 'disk',
    erase: 'full',
    why: 'sda',
    lie: (host: string) => stage.lab.put(`/faults/machine/${host}`, { readOnlyDisks: ['sda'] }),
    mend: (host: string) => stage.lab.put(`/faults/machine/${host}`, { readOnlyDisks: [] }),
  },
  {
    what: 'a quick wipe that fails while MAAS calls it done',
    picture: 'quick',
    erase: 'quick',
    why: 'sda',
    lie: (host: string) => stage.lab.put('/faults/maas', { quickWipeFails: [host] }),
    mend: () => stage.lab.put('/faults/maas', { quickWipeFails: [] }),
  },
]

test.each(unproven)(
  '$what: the erase is not proven, which the front page tells once, with disk and what to do; mended, it is retried and proven',
  async ({ picture, erase, why, lie, mend }) => {
    const { page, complaints } = seat
    const web = `web-${picture}`
    const host = await deploy(web)
    await lie(host)
    const { operation } = await stage.ferrule.delete(`/instances/${web}?erase=${erase}`)
    await page.goto(stage.url)
    const item = queue().filter({ hasText: `Operation ${operation.number}` })
    await item.waitFor({ timeout: 90_000 })
    await until(async () => {
      const { blocks, action } = await stage.ferrule.get(`/why/operation/${operation.number}`)
      const text = await item.innerText()
      return blocks && text.includes(blocks) && text.includes(`What to do: ${action}`)
    })
    expect(await item.innerText()).toMatch(
      new RegExp(`destroy of ${web} is parked at "Allocate, and judge .*not proven.*${why}`, 's'),
    )
    // its host says the same, and is not told beside it
    expect((await stage.ferrule.get(`/hosts/${host}`)).attention.code).toBe('erase-unproven')
    expect(await queue().count()).toBe(1)
    await page.getByRole('region', { name: 'Under way' }).getByText('waits for a person').waitFor()
    await shoot(page, `attention-unproven-${picture}-dark`)
    expect(await findings(page)).toEqual([])
    expect((await stage.ferrule.get(`/hosts/${host}`)).state).not.toBe('available')
    await mend(host)
    await item.getByRole('link', { name: 'Open its choices' }).click()
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
  },
)

test('a host that somebody switched on and off again: its disks are not proven erased, and the erase is a press away', async () => {
  const { page, complaints } = seat
  const press = () => stage.lab.post('/machines/r2-h4/button', { press: 'power' })
  await page.goto(stage.url)
  await page.getByText('All is well').waitFor()
  const item = queue().filter({ hasText: 'r2-h4' })
  // on until Ferrule has seen it, and then off: MAAS may end what it boots before anybody looks, and only a system that is
  // up heeds its button
  await until(async () => {
    const { dirty } = await stage.ferrule.get('/hosts/r2-h4')
    const isOff = (await stage.lab.get('/machines/r2-h4')).power === 'off'
    if (isOff === !dirty) await press()
    return isOff && dirty
  }, 90_000)
  await item.filter({ hasText: 'its disks are not proven erased' }).waitFor({ timeout: 90_000 })
  // that it was switched on is told until a look has seen it off again
  await until(async () => (await queue().count()) === 1, 30_000)
  await item.getByText('erase not proven').waitFor()
  expect(await stage.ferrule.get('/hosts/r2-h4')).toMatchObject({ state: 'dirty', attention: null })
  expect((await stage.ferrule.get('/overview')).attention).toMatchObject([{ about: 'unproven' }])
  await shoot(page, 'attention-unproven-host-dark')
  expect(await findings(page)).toEqual([])
  await item.getByRole('link', { name: 'Erase it here' }).click()
  const dialog = page.getByRole('dialog', { name: 'Erase r2-h4?' })
  await dialog.getByText('Switch ports').waitFor()
  await dialog.getByRole('button', { name: 'Erase', exact: true }).click()
  await until(async () => (await stage.ferrule.get('/hosts/r2-h4')).state === 'available', 90_000)
  await page.getByRole('link', { name: 'Attention' }).click()
  await page.getByText('All is well').waitFor()
  expect(complaints).toEqual([])
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
