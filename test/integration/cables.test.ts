import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rackFile } from '../../lab/rack-file.ts'
import type { Maas } from '../../src/maas/types.ts'
import { discoverCables, rackCables } from '../../src/services/cable-truth.ts'
import { CableWatch } from '../../src/services/cable-watch.ts'
import { eraseHost, findHost } from '../../src/services/hosts.ts'
import { destroyInstance } from '../../src/services/instances.ts'
import { applyRack } from '../../src/services/racks.ts'
import { portsOf, tryDeploy } from '../support/bad-days.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'
import { waitUntil } from '../support/wait.ts'

/** A rack file that lies about a cable would put one tenant's VLAN on another's server. */
describe('cables that are not as the rack file says', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ racks: ['r1'] })
  }, 60_000)
  afterAll(() => rig?.stop())

  /** The lab's rack file, with two hosts' cables exchanged in each switch. */
  function swapped(): string {
    const file = rackFile(rig.lab.plan)
    for (const rack of file.racks)
      for (const host of rack.hosts) {
        if (host.port === '1/2') host.port = '1/4'
        else if (host.port === '1/4') host.port = '1/2'
      }
    return JSON.stringify(file)
  }

  async function verdicts(): Promise<{ well: boolean; of: Record<string, string> }> {
    const { well, cables } = await rackCables(rig.core.services, 'lab')
    const names = new Map(
      rig.lab.world.machines.flatMap(({ name, nics }) => nics.map(({ mac }) => [mac, name])),
    )
    return { well, of: Object.fromEntries(cables.map(({ mac, verdict }) => [names.get(mac), verdict])) }
  }

  test('two swapped ports are seen by LLDP at enlistment: refused, and nothing is left behind', async () => {
    await applyRack(rig.core.services, admin, 'lab', swapped())
    const refused = await rig.enlist('r1-h2')
    expect(refused).toMatchObject({ state: 'undone', error: { code: 'check-failed' } })
    expect(refused.error?.message).toContain('LLDP sees port')
    await expect(findHost(rig.core.services, 'r1-h2')).rejects.toThrow('no host r1-h2')

    await applyRack(rig.core.services, admin, 'lab', JSON.stringify(rackFile(rig.lab.plan)))
    expect(await rig.enlist('r1-h2')).toMatchObject({ state: 'succeeded' })
  }, 60_000)

  test('a whole rack is checked: as declared, not known yet, one that is elsewhere, two that are swapped', async () => {
    expect(await verdicts()).toMatchObject({
      well: true,
      of: { 'r1-h2': 'as-declared', 'r1-h4': 'unknown-nic' },
    })
    await applyRack(rig.core.services, admin, 'lab', swapped())
    expect(await verdicts()).toMatchObject({
      well: false,
      of: { 'r1-h2': 'elsewhere', 'r1-h4': 'unknown-nic' },
    })
    await applyRack(rig.core.services, admin, 'lab', JSON.stringify(rackFile(rig.lab.plan)))
    expect(await rig.enlist('r1-h4')).toMatchObject({ state: 'succeeded' })
    expect(await verdicts()).toMatchObject({ well: true, of: { 'r1-h4': 'as-declared' } })
    await applyRack(rig.core.services, admin, 'lab', swapped())
    expect(await verdicts()).toMatchObject({ well: false, of: { 'r1-h2': 'swapped', 'r1-h4': 'swapped' } })
    await applyRack(rig.core.services, admin, 'lab', JSON.stringify(rackFile(rig.lab.plan)))
  }, 60_000)

  test('a rack file that swaps two hosts after they were enlisted: no tenant gets either, and the planner passes them by', async () => {
    await furnish(rig)
    await applyRack(rig.core.services, admin, 'lab', swapped())
    const before = ['r1-h2', 'r1-h4'].map((name) => portsOf(rig, name))
    for (const attempt of ['one', 'two']) {
      const refused = await tryDeploy(rig, attempt, { offering: 'small' })
      expect(refused).toMatchObject({ state: 'undone', error: { code: 'check-failed' } })
      expect(refused.error?.message).toMatch(
        /the cables of r1-h[24] are not as the rack file says: .*LLDP sees port/,
      )
    }
    expect(['r1-h2', 'r1-h4'].map((name) => portsOf(rig, name))).toEqual(before)
    await expect(tryDeploy(rig, 'three', { offering: 'small' })).resolves.toMatchObject({
      error: {
        code: 'no-host',
        message: expect.stringMatching(/r1-h2: .*needs attention: the cables of r1-h2/),
      },
    })

    await applyRack(rig.core.services, admin, 'lab', JSON.stringify(rackFile(rig.lab.plan)))
    for (const name of ['r1-h2', 'r1-h4']) {
      const { id } = await eraseHost(rig.core.services, admin, name, 'quick')
      expect(await rig.ended(id)).toMatchObject({ state: 'succeeded', error: null })
    }
    expect(await tryDeploy(rig, 'four', { offering: 'small' })).toMatchObject({ state: 'succeeded' })
    const { operation } = await destroyInstance(rig.core.services, admin, 'four', 'quick')
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded', error: null })
  }, 120_000)

  test('of the whole site it is told behind the answer: each commissioning is read once, a new rack file is noticed', async () => {
    const { services } = rig.core
    let asked = 0
    const maas: Maas = {
      ...services.tools.maas,
      results: (...call) => {
        asked++
        return services.tools.maas.results(...call)
      },
    }
    const watch = new CableWatch({ ...services, tools: { ...services.tools, maas } })
    const read = async () => {
      let found = await watch.summary()
      await waitUntil('MAAS is read', async () => {
        found = await watch.summary()
        return !found.reading && found.at !== null
      })
      return found
    }
    expect(await watch.summary()).toMatchObject({ at: null, reading: true, lieCount: 0 })
    expect(await read()).toMatchObject({ fault: null, lieCount: 0, heard: 2 })
    const first = asked
    expect(first).toBeGreaterThan(0)
    await applyRack(services, admin, 'lab', swapped())
    const lying = await read()
    expect(lying.lies.map(({ rack, verdict }) => `${rack} ${verdict}`)).toEqual([
      'lab swapped',
      'lab swapped',
    ])
    expect(lying).toMatchObject({ lieCount: 2, heard: 2 })
    await applyRack(services, admin, 'lab', JSON.stringify(rackFile(rig.lab.plan)))
    expect(await read()).toMatchObject({ lieCount: 0 })
    expect(asked).toBe(first)
  }, 60_000)

  test('a rack file is made of what was heard, and can be applied once the password is there', async () => {
    const { racks, notes } = await discoverCables(rig.core.services)
    const declared = rackFile(rig.lab.plan).racks
    const heard = racks.flatMap(({ l2Switch, hosts }) => hosts.map(({ mac }) => `${l2Switch.ip} ${mac}`))
    const wired = declared.flatMap(({ l2Switch, hosts }) => hosts.map(({ mac }) => `${l2Switch.ip} ${mac}`))
    expect(heard).toHaveLength(2)
    expect(wired).toEqual(expect.arrayContaining(heard))
    expect(notes).toEqual([])
    const file = { racks: racks.map((rack) => ({ ...rack, l2Switch: { ...rack.l2Switch, password: 'p' } })) }
    await applyRack(rig.core.services, admin, 'lab', JSON.stringify(file))
    expect(await verdicts()).toMatchObject({
      well: true,
      of: { 'r1-h2': 'as-declared', 'r1-h4': 'as-declared' },
    })
  })
})
