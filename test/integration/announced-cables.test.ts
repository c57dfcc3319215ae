import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rackCables } from '../../src/services/cable-truth.ts'
import { notParked, parked, portsOf, tryDeploy, whileOneSpeaks } from '../support/bad-days.ts'
import type { Rig } from '../support/rig.ts'
import { furnish, startRig } from '../support/rig.ts'
import { waitUntil } from '../support/wait.ts'

/** MAAS's environments speak by one NIC: of another one a switch hears only what its firmware announces. */
describe('cables of NICs whose firmware announces itself by LLDP', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ racks: ['r1'], tors: { 'r1-tor1': 'eos', 'r1-tor2': 'eos' } })
    for (const name of ['r1-h1', 'r1-h3']) {
      expect(await rig.enlist(name)).toMatchObject({ state: 'succeeded' })
      await rig.lab.faults.get(`machine/${name}`)?.set({ lldpNics: ['eno2'] })
    }
    await furnish(rig)
  }, 120_000)
  afterAll(() => rig?.stop())

  function swapSecondCables(): void {
    rig.lab.world.swapCables({ machine: 'r1-h1', nic: 'eno2' }, { machine: 'r1-h3', nic: 'eno2' })
  }

  async function secondCableOf(machine: string) {
    const mac = rig.lab.world.machine(machine).nics[1]?.mac
    const { well, silent, cables } = await rackCables(rig.core.services, 'lab')
    return { well, silent, ...cables.find((cable) => cable.mac === mac) }
  }

  test('exchanged after the enlistment: nothing is heard of a machine that is off, and while it is installed the switch tells', async () => {
    swapSecondCables()
    expect(await secondCableOf('r1-h1')).toMatchObject({ well: true, silent: [], learned: [] })

    const strays = notParked(rig)
    const refused = await tryDeploy(rig, 'one')
    expect(refused).toMatchObject({ state: 'undone', error: { code: 'check-failed' } })
    expect(refused.error?.message).toMatch(
      /the cables of r1-h[13] are not as the rack file says: eno2 is declared on .* but switch .* hears it by LLDP on port Ethernet\d+/,
    )
    expect(strays).toEqual([])
    expect(portsOf(rig, 'r1-h1')).toEqual(parked(rig, 'r1-h1'))
    expect(portsOf(rig, 'r1-h3')).toEqual(parked(rig, 'r1-h3'))
  }, 180_000)

  test('put right: the announcement says where it is, and the host serves', async () => {
    swapSecondCables()
    const deploying = tryDeploy(rig, 'two')
    await whileOneSpeaks(rig, async (name) => {
      const cable = await secondCableOf(name)
      expect(cable).toMatchObject({ well: true, verdict: 'as-declared' })
      expect(cable.learned).toEqual([{ ...cable.declared, by: 'lldp' }])
    })
    expect(await deploying).toMatchObject({ state: 'succeeded' })
  }, 180_000)

  test('below a tenant’s server the firmware still announces, and does not count: its system could say the same', async () => {
    const running = () => rig.lab.world.machines.find((one) => one.running().kind === 'system')
    await waitUntil('a tenant’s server runs', () => running() !== undefined)
    const cable = await secondCableOf(running()?.name ?? '')
    const { switch: id = '', port = '' } = cable.declared ?? {}
    const { ports } = await rig.core.services.tools.openSwitch(id)
    expect(await ports.announced([port])).toMatchObject([{ port, mac: cable.mac }])
    expect(cable).toMatchObject({ well: true, silent: [], learned: [] })
  })
})
