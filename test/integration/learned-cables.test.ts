import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { rackCables } from '../../src/services/cable-truth.ts'
import { notParked, parked, portsOf, tryDeploy, whileOneSpeaks } from '../support/bad-days.ts'
import type { Rig } from '../support/rig.ts'
import { furnish, startRig } from '../support/rig.ts'
import { waitUntil } from '../support/wait.ts'

/** LLDP tells of the last commissioning, if it tells at all: what a switch has learned is of now. */
describe('cables that the switches know better than LLDP', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ racks: ['r1'] })
    for (const name of ['r1-h2', 'r1-h4'])
      expect(await rig.enlist(name)).toMatchObject({ state: 'succeeded' })
    await furnish(rig)
  }, 120_000)
  afterAll(() => rig?.stop())

  function swap(one: string, other: string): void {
    rig.lab.world.swapCables({ machine: one, nic: 'eno1' }, { machine: other, nic: 'eno1' })
  }

  async function cableOf(machine: string) {
    const mac = rig.lab.world.machine(machine).nics[0]?.mac
    const { well, cables } = await rackCables(rig.core.services, 'lab')
    return { well, ...cables.find((cable) => cable.mac === mac) }
  }

  test('swapped after the enlistment: LLDP still says all is well, the switch tells, and no tenant VLAN is ever set', async () => {
    swap('r1-h2', 'r1-h4')
    for (const name of ['r1-h2', 'r1-h4'])
      expect(await cableOf(name)).toMatchObject({ well: true, verdict: 'as-declared', learned: [] })

    const strays = notParked(rig)
    const refused = await tryDeploy(rig, 'one', { offering: 'small' })
    expect(refused).toMatchObject({ state: 'undone', error: { code: 'check-failed' } })
    expect(refused.error?.message).toMatch(
      /the cables of r1-h[24] are not as the rack file says: eno1 is declared on .* has learned its address on port/,
    )
    expect(strays).toEqual([])
    expect(portsOf(rig, 'r1-h2')).toEqual(parked(rig, 'r1-h2'))
    expect(portsOf(rig, 'r1-h4')).toEqual(parked(rig, 'r1-h4'))
  }, 180_000)

  test('put right: the switch is the witness that it is, and the hosts serve again', async () => {
    swap('r1-h2', 'r1-h4')
    const deploying = tryDeploy(rig, 'two', { offering: 'small' })
    await whileOneSpeaks(rig, async (name) => {
      const cable = await cableOf(name)
      expect(cable).toMatchObject({ well: true, verdict: 'as-declared' })
      expect(cable.learned).toEqual([{ ...cable.declared, by: 'fdb' }])
    })
    expect(await deploying).toMatchObject({ state: 'succeeded' })
  }, 180_000)

  test('a tenant’s server is no witness: it sends from whatever address it likes', async () => {
    const running = () =>
      rig.lab.world.machines.find((one) => one.interfaces().some(({ vlan }) => vlan === 101))
    await waitUntil('the tenant’s server speaks', () => running() !== undefined)
    expect(await cableOf(running()?.name ?? '')).toMatchObject({
      ...{ well: true, verdict: 'as-declared', learned: [] },
    })
  })

  test('enlisted with two cables exchanged where LLDP is off: refused by what the switch has learned', async () => {
    swap('r1-h1', 'r1-h3')
    const { maas } = rig.core.services.tools
    const silent = vi.spyOn(maas, 'results').mockResolvedValue([])
    try {
      const enlisting = rig.enlist('r1-h1')
      await whileOneSpeaks(rig, async (name) => {
        expect(name).toBe('r1-h1')
        const { declared } = await cableOf('r1-h3')
        const cable = await cableOf(name)
        expect(cable).toMatchObject({ well: false, verdict: 'elsewhere', seen: null })
        expect(cable.learned).toEqual([{ ...declared, by: 'fdb' }])
      })
      const refused = await enlisting
      expect(refused).toMatchObject({ state: 'undone', error: { code: 'check-failed' } })
      expect(refused.error?.message).toMatch(/r1-h1 .* has learned its address on port/)
    } finally {
      silent.mockRestore()
    }
  }, 180_000)
})
