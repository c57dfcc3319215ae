import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rackFile } from '../../lab/rack-file.ts'
import { rackCables } from '../../src/services/cable-truth.ts'
import { hostView } from '../../src/services/hosts.ts'
import { applyRack } from '../../src/services/racks.ts'
import { allQuiet, tryDeploy } from '../support/bad-days.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'
import { waitUntil } from '../support/wait.ts'

/** What a switch said while a machine was installed is forgotten within minutes; what it means for the host is not. */
describe('a host whose cable was seen elsewhere while it was installed', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ racks: ['r1'] })
    expect(await rig.enlist('r1-h2')).toMatchObject({ state: 'succeeded' })
    await furnish(rig)
  }, 120_000)
  afterAll(() => rig?.stop())

  const attention = async () => (await hostView(rig.core.services, 'r1-h2')).attention

  function swapCables(): void {
    rig.lab.world.swapCables({ machine: 'r1-h2', nic: 'eno1' }, { machine: 'r1-h4', nic: 'eno1' })
  }

  async function refuseForCables(name: string): Promise<void> {
    expect(await tryDeploy(rig, name, { offering: 'small' })).toMatchObject({
      state: 'undone',
      error: { code: 'check-failed', message: expect.stringMatching(/eno1 is declared on .* has learned/) },
    })
    await allQuiet(rig)
  }

  test('is passed by once its disks are erased, and the planner says why', async () => {
    expect(await attention()).toBeNull()
    swapCables()
    await refuseForCables('one')
    expect(await attention()).toMatchObject({
      code: 'cables-elsewhere',
      message: expect.stringMatching(/cables of r1-h2 .*eno1 is declared on .* has learned/),
      remedy: expect.stringMatching(/host erase r1-h2/),
    })
    expect(await tryDeploy(rig, 'two', { offering: 'small' })).toMatchObject({
      state: 'undone',
      error: {
        code: 'no-host',
        message: expect.stringMatching(/r1-h2: needs attention: the cables of r1-h2 .*eno1 is declared on/),
      },
    })
  }, 180_000)

  test('stays so while nothing is heard, whatever LLDP of the old commissioning says', async () => {
    swapCables()
    const { well, cables } = await rackCables(rig.core.services, 'lab')
    const mac = rig.lab.world.machine('r1-h2').nics[0]?.mac
    expect(well).toBe(true)
    expect(cables.find((cable) => cable.mac === mac)).toMatchObject({ verdict: 'as-declared', learned: [] })
    expect(await attention()).toMatchObject({ code: 'cables-elsewhere' })
  })

  test('is free again when a look hears it in its place', async () => {
    const machine = rig.lab.world.machine('r1-h2')
    await rig.lab.faults.get('machine/r1-h2')?.set({ lldpNics: ['eno1'] })
    machine.powerOn()
    await waitUntil('it has power', () => machine.power() === 'on')
    await rackCables(rig.core.services, 'lab')
    machine.powerOff()
    await rig.lab.faults.get('machine/r1-h2')?.reset()
    expect(await attention()).toBeNull()
  })

  test('is judged anew when the rack file says something else of it', async () => {
    swapCables()
    await refuseForCables('three')
    const text = (plan = rig.lab.plan) => JSON.stringify(rackFile(plan))
    await applyRack(rig.core.services, admin, 'lab', text())
    expect(await attention()).toMatchObject({ code: 'cables-elsewhere' })

    const machines = rig.lab.plan.machines.map((one) => ({
      ...one,
      nics: rig.lab.world.machine(one.name).nics.map(({ name, mac, cable }) => ({ name, mac, cable })),
    }))
    await applyRack(rig.core.services, admin, 'lab', text({ ...rig.lab.plan, machines }))
    expect(await attention()).toBeNull()
  }, 180_000)
})
