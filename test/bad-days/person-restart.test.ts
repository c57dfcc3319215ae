import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLab } from '../../lab/lab.ts'
import { rackFile } from '../../lab/rack-file.ts'
import type { Lab } from '../../lab/types.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.ts'
import { writeConfig } from '../support/rig.ts'

let dir: string
let lab: Lab
let daemon: DaemonProcess
let config: string
beforeAll(async () => {
  dir = testFolder('person')
  lab = await startLab({ seed: 7, timeScale: 600, racks: ['r1'] })
  config = await writeConfig(dir, lab, 600, 'erase: { policy: quick }\ndeadlines: { personWord: 3s }')
  daemon = await startDaemonProcess(config)
})
afterAll(async () => {
  await daemon?.stop()
  await lab?.stop()
  await rm(dir, { recursive: true, force: true })
})

const host = () => daemon.call('GET', 'hosts/r1-h4')
const question = async () => (await host()).attention?.message

/** The person in the room, once: does what is asked for and says what is so. */
async function answer(): Promise<void> {
  const asked: string = (await question()) ?? ''
  const machine = lab.world.machine('r1-h4')
  const device = /boot order .* to (network|disk)/.exec(asked)?.[1]
  if (device === 'network' || device === 'disk') {
    machine.bootFlags = { valid: true, persistent: true, efi: true, device }
    await daemon.call('POST', 'hosts/r1-h4/confirm-boot-device', { bootDevice: device })
  } else if (asked !== '') {
    if (/^Switch .* on\./.test(asked)) machine.powerOn()
    if (/^Switch .* off/.test(asked)) machine.powerOff()
    await daemon.call('POST', 'hosts/r1-h4/confirm-power', { power: machine.power() })
  }
}

test('a restart while a person is awaited loses nothing: the question stands, and the answer counts', async () => {
  await daemon.call('PUT', 'racks/lab', rackFile(lab.plan))
  const machine = lab.world.machine('r1-h4')
  const added = await daemon.call('POST', 'hosts', {
    name: 'r1-h4',
    bmc: { protocol: 'manual' },
    bootMac: machine.nics[0]?.mac,
    cpuCount: machine.cpuCount,
    memoryMib: machine.memoryMiB,
    disksClean: { reason: 'the lab makes blank disks' },
  })
  await expect.poll(question, { timeout: 20_000 }).toBe('Look whether r1-h4 is on or off.')
  expect(await daemon.stop()).toBe(0)

  daemon = await startDaemonProcess(config)
  const ended = async () => {
    await answer()
    return (await daemon.call('GET', `operations/${added.operation.id}`)).state
  }
  await expect.poll(ended, { timeout: 150_000, interval: 100 }).toBe('succeeded')
  expect(await host()).toMatchObject({ state: 'available', attention: null })
}, 120_000)
