import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLab } from '../../lab/lab.ts'
import { rackFile } from '../../lab/rack-file.ts'
import type { Lab } from '../../lab/types.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { Watcher } from '../support/console.ts'
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.ts'
import { redfishOf, redfishSessions } from '../support/redfish.ts'
import { writeConfig } from '../support/rig.ts'

/** Boards have four sessions: one that a stopped controller left open is missing to the next one, often for minutes. */
const IPMI = ['r2-h1', 'r2-h2']
const REDFISH = 'r2-h7'

let dir: string
let lab: Lab
let daemon: DaemonProcess
let config: string
beforeAll(async () => {
  dir = testFolder('sigterm')
  lab = await startLab({ seed: 7, timeScale: 600, racks: ['r2'] })
  config = await writeConfig(
    dir,
    lab,
    600,
    'erase: { policy: quick }\nobservers: { powerEvery: 5m, portsEvery: 3650d }',
  )
  daemon = await startDaemonProcess(config)
})
afterAll(async () => {
  await daemon?.stop()
  await lab?.stop()
  await rm(dir, { recursive: true, force: true })
})

async function enlist(name: string): Promise<void> {
  const machine = lab.world.machine(name)
  const { address, port, username, password } = machine.bmc
  const added = await daemon.call('POST', 'hosts', {
    name,
    bmc: name === REDFISH ? redfishOf({ lab }, name) : { address: `${address}:${port}`, username, password },
    bootMac: machine.nics[0]?.mac,
    cpuCount: machine.cpuCount,
    memoryMib: machine.memoryMiB,
    disksClean: { reason: 'the lab makes blank disks' },
  })
  const state = async () => (await daemon.call('GET', `operations/${added.operation.id}`)).state
  await expect.poll(state, { timeout: 40_000, interval: 100 }).toBe('succeeded')
}

/** MAAS looks in too, for a moment each time. */
const consoles = () =>
  IPMI.map(
    (name) =>
      lab.bmcs.ipmi
        .get(name)
        ?.sessions()
        .filter((one) => one.console).length,
  )
const sessions = () => IPMI.map((name) => lab.bmcs.ipmi.get(name)?.sessions().length)

test('a daemon that is told to stop leaves no session behind on any BMC', async () => {
  await daemon.call('PUT', 'racks/lab', rackFile(lab.plan))
  for (const name of [...IPMI, REDFISH]) await enlist(name)
  const token = (await readFile(join(dir, 'data/admin.token'), 'utf8')).trim()
  const viewers = await Promise.all(IPMI.map((name) => Watcher.open(daemon.url, name, { token })))
  for (const viewer of viewers) await expect.poll(() => viewer.line, { timeout: 10_000 }).toBe('open')
  expect(consoles()).toEqual([1, 1])
  await expect.poll(() => redfishSessions({ lab }, REDFISH), { timeout: 20_000 }).toBe(1)

  expect(await daemon.stop()).toBe(0)
  await expect.poll(sessions, { timeout: 5_000 }).toEqual([0, 0])
  expect(await redfishSessions({ lab }, REDFISH)).toBe(0)
  for (const viewer of viewers) await expect.poll(() => viewer.closed, { timeout: 5_000 }).not.toBeNull()

  // and the next one has them all
  daemon = await startDaemonProcess(config)
  const again = await Promise.all(IPMI.map((name) => Watcher.open(daemon.url, name, { token })))
  for (const viewer of again) await expect.poll(() => viewer.line, { timeout: 10_000 }).toBe('open')
  expect(consoles()).toEqual([1, 1])
}, 120_000)
