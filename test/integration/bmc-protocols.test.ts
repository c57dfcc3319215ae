import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FakeBmc } from '../../src/drivers/bmc/redfish/testing/fake-types.ts'
import { user } from '../../src/drivers/bmc/redfish/testing/fake-types.ts'
import type { BmcInput } from '../../src/services/bmc-input.ts'
import { createOffering } from '../../src/services/catalogue.ts'
import { deployInstance } from '../../src/services/deploy.ts'
import { setHostBmc, trustBmc } from '../../src/services/host-bmc.ts'
import { addHost, findHost, hostView } from '../../src/services/hosts.ts'
import { destroyInstance, startInstance, stopInstance } from '../../src/services/instances.ts'
import { listEvents } from '../../src/store/events.ts'
import { heldHost } from '../peers/support/host-lease.ts'
import { personFor } from '../support/person.ts'
import { redfishOnLab } from '../support/redfish-on-lab.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** One life of a server for each way to its BMC, asserted on the lab's world. */
let rig: Rig
beforeAll(async () => {
  rig = await startRig({
    racks: ['r1'],
    config: 'erase: { policy: quick }\ndeadlines: { personWord: 3s, person: 20s }',
  })
  await furnish(rig)
  for (const name of ['r1-h2', 'r1-h4', 'r1-h6']) {
    const { cpuCount, memoryMiB } = machineOf(name)
    await createOffering(rig.core.services, { name, cpuCount, memoryMib: memoryMiB, hostTags: [name] })
  }
}, 60_000)
afterAll(() => rig?.stop())

const machineOf = (name: string) => rig.lab.world.machine(name)
const vlans = (name: string) =>
  machineOf(name).nics.map((nic) => rig.lab.fabric.membership(nic.cable).untagged)

async function add(name: string, bmc: BmcInput) {
  const machine = machineOf(name)
  const { operation } = await addHost(rig.core.services, admin, {
    name,
    bmc,
    bootMac: machine.nics[0]?.mac ?? '',
    cpuCount: machine.cpuCount,
    cpuSpeedMhz: machine.cpuSpeedMhz,
    memoryMib: machine.memoryMiB,
    tags: [name],
  })
  return rig.ended(operation.id)
}

/** MAAS has the machine already, and reaches its BMC by IPMI. */
async function knownToMaas(name: string): Promise<void> {
  const { bmc, nics } = machineOf(name)
  await rig.core.services.tools.maas.createMachine(heldHost, {
    hostname: name,
    architecture: 'amd64/generic',
    macs: nics.map((nic) => nic.mac),
    power: { type: 'ipmi', address: bmc.address, username: bmc.username, password: bmc.password },
  })
}

/** Deploy, stop, start and destroy, on the host that alone has its own name as a tag. */
async function life(name: string): Promise<void> {
  const { services } = rig.core
  const succeeded = async (operation: { id: string }) =>
    expect(await rig.ended(operation.id, 90_000)).toMatchObject({ state: 'succeeded', error: null })
  const nic = rig.lab.routers.reserve(101, {})
  const { operation } = await deployInstance(services, admin, {
    name: `on-${name}`,
    template: 'jammy',
    offering: name,
    nics: [{ network: 'blue', mac: nic.mac }],
  })
  await succeeded(operation)
  expect(new Set(vlans(name))).toEqual(new Set([101]))
  await expect
    .poll(
      () =>
        machineOf(name)
          .interfaces()
          .map((one) => one.lease?.ip),
      { timeout: 10_000 },
    )
    .toEqual([nic.ip])
  await succeeded(await stopInstance(services, admin, `on-${name}`))
  expect(machineOf(name).power()).toBe('off')
  expect(machineOf(name).bootFlags).toMatchObject({ valid: true, device: 'network' })
  expect(new Set(vlans(name))).toEqual(new Set([10]))
  await succeeded(await startInstance(services, admin, `on-${name}`))
  expect(machineOf(name).power()).toBe('on')
  expect(new Set(vlans(name))).toEqual(new Set([101]))
  const { operation: destroyed } = await destroyInstance(services, admin, `on-${name}`)
  await succeeded(destroyed ?? operation)
  expect(await hostView(services, name)).toMatchObject({ state: 'available', dirty: false })
  expect(machineOf(name).power()).toBe('off')
}

describe('Redfish', () => {
  let fake: FakeBmc
  beforeAll(async () => {
    await knownToMaas('r1-h2')
    fake = await redfishOnLab(machineOf('r1-h2'))
  })
  afterAll(() => fake?.stop())

  test('a certificate that nobody has trusted is refused before anything else, and named', async () => {
    const refused = await add('r1-h2', { address: fake.address, ...user, protocol: 'redfish' })
    expect(refused).toMatchObject({ state: 'undone', error: { code: 'bmc-untrusted' } })
    expect(refused.error?.remedy).toContain(`--bmc-fingerprint ${fake.fingerprint}`)
    expect(fake.seen).toEqual([])
  }, 60_000)

  test('a whole life over it; protocol auto takes it because the certificate is trusted', async () => {
    const added = await add('r1-h2', { address: fake.address, ...user, fingerprint: fake.fingerprint })
    expect(added).toMatchObject({ state: 'succeeded', error: null })
    expect((await hostView(rig.core.services, 'r1-h2')).bmc).toMatchObject({
      protocol: 'auto',
      fingerprint: fake.fingerprint,
    })
    await life('r1-h2')
    expect(fake.seen.filter((ask) => ask.method !== 'GET').length).toBeGreaterThan(8)
    expect(fake.mostAtOnce()).toBe(1)
  }, 120_000)

  test('another certificate stops everything until a person trusts it', async () => {
    const { services } = rig.core
    const other = 'ab'.repeat(32)
    await trustBmc(services, admin, 'r1-h2', other)
    const { host } = await findHost(services, 'r1-h2')
    await expect((await services.tools.bmc(host)).power()).rejects.toMatchObject({
      code: 'bmc-untrusted',
      details: { trusted: other, fingerprint: fake.fingerprint },
    })
    const colons = (fake.fingerprint.match(/../g) ?? []).join(':').toUpperCase()
    const view = await trustBmc(services, admin, 'r1-h2', colons)
    expect(view.bmc.fingerprint).toBe(fake.fingerprint)
    expect(await (await services.tools.bmc((await findHost(services, 'r1-h2')).host)).power()).toBe('off')
  })

  test('its address cannot become that of a BMC that MAAS reaches elsewhere', async () => {
    const { address } = machineOf('r1-h8').bmc
    await expect(
      setHostBmc(rig.core.services, admin, 'r1-h2', { address, protocol: 'ipmi' }),
    ).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('through MAAS', () => {
  test('a whole life: MAAS switches, a person sets the boot device', async () => {
    await knownToMaas('r1-h6')
    const person = personFor(rig, 'r1-h6')
    expect(await add('r1-h6', { protocol: 'maas' })).toMatchObject({ state: 'succeeded', error: null })
    await life('r1-h6')
    await person.leave()
    expect(person.did.every((question) => question.includes('boot order'))).toBe(true)
    expect(person.did.length).toBeGreaterThanOrEqual(4)
  }, 180_000)

  test('a machine that MAAS does not know is refused, for MAAS could not switch it', async () => {
    expect(await add('r1-h8', { protocol: 'maas' })).toMatchObject({
      state: 'undone',
      error: { code: 'not-found' },
    })
  }, 60_000)
})

describe('by a person', () => {
  test('a whole life: each switch is asked for, waited for, and recorded with who did it', async () => {
    const person = personFor(rig, 'r1-h4')
    expect(await add('r1-h4', { protocol: 'manual' })).toMatchObject({ state: 'succeeded', error: null })
    await life('r1-h4')
    await person.leave()
    const events = await listEvents(rig.core.services.tools.db, { limit: 2000 })
    const words = events.filter((event) => event.kind === 'host.confirmed' && event.message.includes('r1-h4'))
    expect(words.length).toBe(person.did.length)
    expect(words[0]?.message).toContain(`${admin.name} says`)
  }, 180_000)
})
