import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GnmiServer, startGnmi } from '../../lab/switch/gnmi/server.ts'
import { createMetrics } from '../../src/api/metrics.ts'
import { rackViews } from '../../src/services/racks.ts'
import { allQuiet } from '../support/bad-days.ts'
import { ferruleCli } from '../support/cli-in-process.ts'
import { startUnpolled, type UnpolledSwitch } from '../support/unpolled-switch.ts'
import { waitUntil } from '../support/wait.ts'

/** A switch that is polled once in ten years tells over gNMI that somebody has changed a port. */

const user = { username: 'ferrule', password: 'Wort-hinter-dem-Schalter' }
const port = 'Ethernet1'
let lab: GnmiServer
let site: UnpolledSwitch
let isOver = false

beforeAll(async () => {
  const address = '127.0.0.1'
  lab = await startGnmi({ address, user, hosts: [port], uplinks: [], pxeVlan: 10, vlans: [555, 999] })
  const ip = `${address}:${lab.port}`
  const { fingerprint } = lab
  site = await startUnpolled({ ip, type: 'gNMI', ...user, fingerprint }, port)
})
afterAll(async () => {
  if (!isOver) await site?.rig.stop()
  await lab?.stop()
})

test('what somebody changes is drift, and over when it is put back', async () => {
  await site.drifts()
  lab.model.putInto(port, 555)
  await site.drifts('Ethernet1 access untagged 555')
  expect(await site.told('host.drift')).toHaveLength(1)
  lab.model.putInto(port, 10)
  await site.drifts()
  expect(await site.told('host.drift-over')).toHaveLength(1)
})

test('that it tells is told, by API, CLI and metrics; and of the lab’s other switches that they are polled', async () => {
  await waitUntil('it is recorded', async () => (await site.watch())?.state === 'subscribed')
  expect(await site.watch()).toEqual({
    state: 'subscribed',
    since: expect.stringMatching(/^\d{4}-.*Z$/),
    failure: null,
  })
  const { services } = site.rig.core
  const { err } = await ferruleCli(['rack', 'drift'], {
    '/api/v1/racks': { items: await rackViews(services), next: null },
  })
  const ip = `127.0.0.1:${lab.port}`
  expect(err).toMatch(new RegExp(`^switch ${ip}: last looked at .*; tells its changes since \\d`, 'm'))
  expect(err).toMatch(/^switch 127\.\d+\.20\.3: .*; polled$/m)
  const metrics = await createMetrics(services, { rooms: () => [] }, { text: async () => '' }).text()
  expect(metrics).toContain(`ferrule_switch_watch{switch="${ip}",state="subscribed"} 1\n`)
  expect(metrics).toContain(`ferrule_switch_watch{switch="${ip}",state="lost"} 0\n`)
  expect(metrics).toMatch(/ferrule_switch_watch\{switch="127\.\d+\.20\.3",state="polled"\} 1\n/)
})

test('what was changed while nobody listened is seen when the subscription stands again', async () => {
  await waitUntil('it is subscribed to', () => lab.subscriptions() === 1)
  const before = await site.watch()
  lab.hangUp()
  expect(lab.subscriptions()).toBe(0)
  lab.model.putInto(port, 555)
  await site.drifts('Ethernet1 access untagged 555')
  lab.model.putInto(port, 10)
  await site.drifts()
  await waitUntil('it is recorded', async () => {
    const now = await site.watch()
    return now?.state === 'subscribed' && now.since !== before?.since
  })
})

test('of a replica that was killed nothing is believed', async () => {
  const { db } = site.rig.core.services.tools
  const { rows } = await db.query<{ executor: string }>('select executor from switch_watch')
  const [executor] = rows.map((row) => row.executor)
  await db.query("update switch_watch set executor = 'killed'")
  expect(await site.watch()).toMatchObject({ state: 'lost', failure: expect.stringContaining('replica') })
  await db.query('update switch_watch set executor = $1', [executor])
  expect(await site.watch()).toMatchObject({ state: 'subscribed' })
})

test('many changes at once are few looks', async () => {
  const looks = () => lab.calls.filter((call) => call === 'Get').length
  const before = looks()
  for (let round = 0; round < 50; round += 1) lab.model.putInto(port, round % 2 === 0 ? 555 : 999)
  await site.drifts('Ethernet1 access untagged 999')
  // a look for each of them would be a hundred questions
  expect(looks() - before).toBeLessThan(50)
  lab.model.putInto(port, 10)
  await site.drifts()
})

test('nobody is subscribed any more when the daemon has stopped', async () => {
  await allQuiet(site.rig)
  expect(lab.model.membership(port).untagged).toBe(10)
  isOver = true
  await site.rig.stop()
  await waitUntil('nobody listens', () => lab.subscriptions() === 0)
})
