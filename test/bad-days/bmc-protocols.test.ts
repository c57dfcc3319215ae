import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setHostBmc, trustBmc } from '../../src/services/host-bmc.ts'
import { findHost, hostView } from '../../src/services/hosts.ts'
import { listEvents } from '../../src/store/events.ts'
import { heldHost } from '../peers/support/host-lease.ts'
import { Lives } from '../support/lives.ts'
import { personFor } from '../support/person.ts'
import { fingerprintOf, redfishOf, redfishSessions } from '../support/redfish.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** One life of a server for each way to its BMC, the awkward ones above all, asserted on the lab's world. */
let rig: Rig
let lives: Lives
beforeAll(async () => {
  rig = await startRig({
    racks: ['r1'],
    protocols: { 'r1-h2': ['redfish'] },
    config: 'erase: { policy: quick }\ndeadlines: { personWord: 3s, person: 20s }',
  })
  await furnish(rig)
  lives = new Lives(rig)
  for (const name of ['r1-h2', 'r1-h4', 'r1-h6']) await lives.offer(name)
})
afterAll(() => rig?.stop())

const machineOf = (name: string) => rig.lab.world.machine(name)

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

describe('Redfish alone', () => {
  const name = 'r1-h2'
  const dials = () => rig.lab.faults.get(`redfish/${name}`)

  test.each(['redfish', 'auto'] as const)(
    'protocol %s: a certificate that nobody has trusted is refused before anything else, and named',
    async (protocol) => {
      const { fingerprint, ...login } = redfishOf(rig, name)
      // the next request would be answered so: none comes
      await dials()?.set({ errorNext: 1 })
      const refused = await lives.add(name, { ...login, protocol })
      expect(refused).toMatchObject({ state: 'undone', error: { code: 'bmc-untrusted' } })
      expect(refused.error?.remedy).toContain(`--bmc-fingerprint ${fingerprint}`)
      expect(dials()?.get()).toMatchObject({ errorNext: 1 })
      await dials()?.reset()
    },
    60_000,
  )

  test('a whole life, MAAS too by Redfish; protocol auto takes it because the certificate is trusted', async () => {
    expect(await lives.add(name, redfishOf(rig, name))).toMatchObject({ state: 'succeeded', error: null })
    const { bmc, systemId } = await hostView(rig.core.services, name)
    expect(bmc).toMatchObject({ protocol: 'auto', fingerprint: fingerprintOf(rig, name) })
    expect(await rig.core.services.tools.maas.bmcPowerParameters(systemId ?? '')).toMatchObject({
      type: 'redfish',
      address: bmc.address,
    })
    await lives.deploy(name)
    await lives.stop(name)
    await lives.start(name)
    await lives.reboot(name)
    await lives.destroy(name)
    expect(await redfishSessions(rig, name)).toBeLessThanOrEqual(1)
  }, 120_000)

  test('another certificate stops everything until a person trusts it', async () => {
    const { services } = rig.core
    const fingerprint = fingerprintOf(rig, name)
    await dials()?.set({ otherCertificate: true })
    const { host } = await findHost(services, name)
    await services.tools.bmc(host).then((bmc) => bmc.close())
    await expect((await services.tools.bmc(host)).power()).rejects.toMatchObject({
      code: 'bmc-untrusted',
      details: { trusted: fingerprint, fingerprint: expect.not.stringContaining(fingerprint) },
    })
    await dials()?.reset()
    await trustBmc(services, admin, name, 'ab'.repeat(32))
    const colons = (fingerprint.match(/../g) ?? []).join(':').toUpperCase()
    const view = await trustBmc(services, admin, name, colons)
    expect(view.bmc.fingerprint).toBe(fingerprint)
    expect(await (await services.tools.bmc((await findHost(services, name)).host)).power()).toBe('off')
  })

  test('its address cannot become that of a BMC that MAAS reaches elsewhere', async () => {
    const { address } = machineOf('r1-h4').bmc
    await expect(
      setHostBmc(rig.core.services, admin, name, { address, protocol: 'ipmi' }),
    ).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('through MAAS', () => {
  test('a whole life: MAAS switches, a person sets the boot device', async () => {
    await knownToMaas('r1-h6')
    const person = personFor(rig, 'r1-h6')
    expect(await lives.add('r1-h6', { protocol: 'maas' })).toMatchObject({ state: 'succeeded', error: null })
    await lives.whole('r1-h6')
    await person.leave()
    expect(person.did.every((question) => question.includes('boot order'))).toBe(true)
    expect(person.did.length).toBeGreaterThanOrEqual(4)
  }, 180_000)

  test('a machine that MAAS does not know is refused, for MAAS could not switch it', async () => {
    expect(await lives.add('r1-h3', { protocol: 'maas' })).toMatchObject({
      state: 'undone',
      error: { code: 'not-found' },
    })
  })
})

describe('by a person', () => {
  test('a whole life: each switch is asked for, waited for, and recorded with who did it', async () => {
    const person = personFor(rig, 'r1-h4')
    expect(await lives.add('r1-h4', { protocol: 'manual' })).toMatchObject({
      state: 'succeeded',
      error: null,
    })
    await lives.whole('r1-h4')
    await person.leave()
    const events = await listEvents(rig.core.services.tools.db, { limit: 2000 })
    const words = events.filter((event) => event.kind === 'host.confirmed' && event.message.includes('r1-h4'))
    expect(words.length).toBe(person.did.length)
    expect(words[0]?.message).toContain(`${admin.name} says`)
  }, 180_000)
})
