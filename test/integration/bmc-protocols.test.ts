import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { BmcInput } from '../../src/services/bmc-input.ts'
import { createOffering } from '../../src/services/catalogue.ts'
import { deployInstance } from '../../src/services/deploy.ts'
import { setHostBmc, trustBmc } from '../../src/services/host-bmc.ts'
import { addHost, findHost, hostView } from '../../src/services/hosts.ts'
import { destroyInstance, rebootInstance, startInstance, stopInstance } from '../../src/services/instances.ts'
import { operationView, retryOperation } from '../../src/services/operations.ts'
import { listEvents } from '../../src/store/events.ts'
import { heldHost } from '../peers/support/host-lease.ts'
import { powerSwitches } from '../support/bad-days.ts'
import { personFor } from '../support/person.ts'
import { fingerprintOf, redfishOf, redfishSessions } from '../support/redfish.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

type Dials = Record<string, unknown>

/** One life of a server for each way to its BMC, asserted on the lab's world. */
let rig: Rig
beforeAll(async () => {
  rig = await startRig({
    racks: ['r1'],
    protocols: { 'r1-h2': ['redfish'], 'r1-h8': ['redfish'] },
    config: 'erase: { policy: quick }\ndeadlines: { personWord: 3s, person: 20s }',
  })
  await furnish(rig)
  for (const name of ['r1-h2', 'r1-h4', 'r1-h6', 'r1-h8']) {
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

async function succeeded(operation: { id: string }): Promise<void> {
  expect(await rig.ended(operation.id, 90_000)).toMatchObject({ state: 'succeeded', error: null })
}

/** It may be parked for a while: a park goes on trying by itself. */
async function succeededInTheEnd({ id }: { id: string }): Promise<void> {
  const state = async () => (await operationView(rig.core.services, id)).state
  await expect.poll(state, { timeout: 20_000 }).toBe('succeeded')
}

/** On the host that alone has its own name as a tag. */
async function deploy(name: string): Promise<void> {
  const nic = rig.lab.routers.reserve(101, {})
  const { operation } = await deployInstance(rig.core.services, admin, {
    name: `on-${name}`,
    template: 'jammy',
    offering: name,
    nics: [{ network: 'blue', mac: nic.mac }],
  })
  await succeeded(operation)
  await running(name)
}

async function running(name: string): Promise<void> {
  expect(machineOf(name).power()).toBe('on')
  expect(new Set(vlans(name))).toEqual(new Set([101]))
  const addresses = () =>
    machineOf(name)
      .interfaces()
      .map((one) => one.lease?.ip)
  await expect.poll(addresses, { timeout: 10_000 }).toEqual([expect.stringMatching(/^10\.101\.0\./)])
}

function stopped(name: string): void {
  expect(machineOf(name).power()).toBe('off')
  expect(machineOf(name).bootFlags).toMatchObject({ valid: true, device: 'network' })
  expect(new Set(vlans(name))).toEqual(new Set([10]))
}

async function stop(name: string, end = succeeded): Promise<void> {
  await end(await stopInstance(rig.core.services, admin, `on-${name}`))
  stopped(name)
}

async function start(name: string, end = succeeded): Promise<void> {
  await end(await startInstance(rig.core.services, admin, `on-${name}`))
  await running(name)
}

async function reboot(name: string): Promise<void> {
  const before = powerSwitches(rig, name).length
  await succeeded(await rebootInstance(rig.core.services, admin, `on-${name}`))
  expect(powerSwitches(rig, name).length).toBe(before + 2)
  await running(name)
}

async function destroy(name: string): Promise<void> {
  const { operation } = await destroyInstance(rig.core.services, admin, `on-${name}`)
  if (operation) await succeeded(operation)
  expect(await hostView(rig.core.services, name)).toMatchObject({ state: 'available', dirty: false })
  expect(machineOf(name).power()).toBe('off')
}

async function life(name: string, options: { reboot?: boolean } = {}): Promise<void> {
  await deploy(name)
  await stop(name)
  await start(name)
  if (options.reboot) await reboot(name)
  await destroy(name)
}

describe('Redfish alone', () => {
  const [auto, said] = ['r1-h2', 'r1-h8']
  const dials = (name: string) => rig.lab.faults.get(`redfish/${name}`)

  test.each(['redfish', 'auto'] as const)(
    'protocol %s: a certificate that nobody has trusted is refused before anything else, and named',
    async (protocol) => {
      const { fingerprint, ...login } = redfishOf(rig, auto)
      // the next request would be answered so: none comes
      await dials(auto)?.set({ errorNext: 1 })
      const refused = await add(auto, { ...login, protocol })
      expect(refused).toMatchObject({ state: 'undone', error: { code: 'bmc-untrusted' } })
      expect(refused.error?.remedy).toContain(`--bmc-fingerprint ${fingerprint}`)
      expect(dials(auto)?.get()).toMatchObject({ errorNext: 1 })
      await dials(auto)?.reset()
    },
    60_000,
  )

  test('a whole life, MAAS too by Redfish; protocol auto takes it because the certificate is trusted', async () => {
    expect(await add(auto, redfishOf(rig, auto))).toMatchObject({ state: 'succeeded', error: null })
    const { bmc, systemId } = await hostView(rig.core.services, auto)
    expect(bmc).toMatchObject({ protocol: 'auto', fingerprint: fingerprintOf(rig, auto) })
    expect(await rig.core.services.tools.maas.bmcPowerParameters(systemId ?? '')).toMatchObject({
      type: 'redfish',
      address: bmc.address,
    })
    await life(auto, { reboot: true })
    expect(await redfishSessions(rig, auto)).toBeLessThanOrEqual(1)
  }, 120_000)

  test('another certificate stops everything until a person trusts it', async () => {
    const { services } = rig.core
    const fingerprint = fingerprintOf(rig, auto)
    await dials(auto)?.set({ otherCertificate: true })
    const { host } = await findHost(services, auto)
    await services.tools.bmc(host).then((bmc) => bmc.close())
    await expect((await services.tools.bmc(host)).power()).rejects.toMatchObject({
      code: 'bmc-untrusted',
      details: { trusted: fingerprint, fingerprint: expect.not.stringContaining(fingerprint) },
    })
    await dials(auto)?.reset()
    await trustBmc(services, admin, auto, 'ab'.repeat(32))
    const colons = (fingerprint.match(/../g) ?? []).join(':').toUpperCase()
    const view = await trustBmc(services, admin, auto, colons)
    expect(view.bmc.fingerprint).toBe(fingerprint)
    expect(await (await services.tools.bmc((await findHost(services, auto)).host)).power()).toBe('off')
  })

  test('its address cannot become that of a BMC that MAAS reaches elsewhere', async () => {
    const { address } = machineOf('r1-h4').bmc
    await expect(
      setHostBmc(rig.core.services, admin, auto, { address, protocol: 'ipmi' }),
    ).rejects.toMatchObject({ code: 'conflict' })
  })

  describe('on bad days', () => {
    test('enlisted with protocol redfish, and deployed', async () => {
      const { fingerprint, ...login } = redfishOf(rig, said)
      const added = await add(said, { ...login, fingerprint, protocol: 'redfish' })
      expect(added).toMatchObject({ state: 'succeeded', error: null })
      await deploy(said)
    }, 90_000)
    const bmc = () => rig.lab.faults.get(`bmc/${said}`)
    /** The next call begins with a login. */
    async function logOut(): Promise<void> {
      const { services } = rig.core
      const opened = await services.tools.bmc((await findHost(services, said)).host)
      await opened.close()
    }
    const restartAtPowerOff = () =>
      machineOf(said).onEvent((event) => {
        if (event.kind === 'power' && !event.on) rig.lab.bmcs.controllers.get(said)?.restart()
      })
    afterEach(async () => {
      await Promise.all([bmc()?.reset(), dials(said)?.reset()])
    })

    test.each<[string, { redfish?: Dials; bmc?: Dials; restarts?: boolean }]>([
      ['its session is forgotten', { redfish: { forgetNext: 1 } }],
      ['an answer is lost', { redfish: { cutNext: 1 } }],
      ['it is busy', { redfish: { busyNext: 2, retryAfterS: 1 } }],
      ['resets are tasks', { redfish: { asyncActions: true, taskMs: 300 } }],
      [
        'boot settings stand apart, and want their ETag',
        { redfish: { bootInSettings: true, needsIfMatch: true } },
      ],
      ['power follows half a second after the order', { bmc: { powerDelayMs: 500 } }],
      ['it restarts the moment that the power goes', { bmc: { restartMs: 300 }, restarts: true }],
      // the last one: for ten minutes no session is tried again
      ['no session is free: each call logs in by itself', { redfish: { sessionsTaken: 8 } }],
    ])(
      'stop and start all the same: %s',
      async (_, day) => {
        const heard = day.restarts ? restartAtPowerOff() : () => undefined
        for (const work of [stop, start]) {
          await logOut()
          await bmc()?.set(day.bmc ?? {})
          await dials(said)?.set(day.redfish ?? {})
          await work(said, day.restarts ? succeededInTheEnd : succeeded)
        }
        heard()
        // what was to go wrong so many times did
        expect(dials(said)?.get()).toMatchObject({ forgetNext: 0, cutNext: 0, busyNext: 0 })
      },
      60_000,
    )

    test('a boot device that it takes and forgets parks the stop, off; once that is over it goes on', async () => {
      const { services } = rig.core
      await bmc()?.set({ lyingBootFlags: true })
      const operation = await stopInstance(services, admin, `on-${said}`)
      expect(await rig.ended(operation.id)).toMatchObject({ state: 'parked' })
      expect((await operationView(services, operation.id)).steps.at(-1)?.error).toMatchObject({
        code: 'boot-device-unset',
      })
      expect(machineOf(said).power()).toBe('off')
      await bmc()?.reset()
      await retryOperation(services, admin, operation.id)
      await succeededInTheEnd(operation)
      stopped(said)
    }, 60_000)

    test('and in the end it is destroyed', () => destroy(said), 60_000)
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
    expect(await add('r1-h3', { protocol: 'maas' })).toMatchObject({
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
