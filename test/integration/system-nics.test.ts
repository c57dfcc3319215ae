import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { why } from '../../src/services/why.ts'
import { listEvents } from '../../src/store/events.ts'
import { portsOf } from '../support/bad-days.ts'
import type { Door } from '../support/door.ts'
import { CloudVm, startDoor } from '../support/door.ts'
import { Gate } from '../support/gate.ts'
import type { Rig } from '../support/rig.ts'
import { furnish, startRig } from '../support/rig.ts'

/** A network that CloudStack adds after the user-data is made: its ports get it, and it is said that the system does not know it. */
describe('a network that the installed system does not know', () => {
  const gate = new Gate()
  let rig: Rig
  let door: Door
  let vm: CloudVm
  beforeAll(async () => {
    rig = await startRig({ racks: ['r2'], interference: gate })
    await furnish(rig)
    expect(await rig.enlist('r2-h2', { clean: true })).toMatchObject({ state: 'succeeded' })
    door = await startDoor(rig)
    vm = new CloudVm(door, 'i-2-3-VM', [
      { mac: rig.lab.routers.reserve(101, {}).mac, vlan: 101, network: 'one' },
    ])
  })
  afterAll(async () => {
    await door?.close()
    await rig?.stop()
  })

  const green = () => ({ mac: vm.nics[1]?.mac ?? '', vlan: 102 })
  const interfaces = () =>
    rig.lab.world
      .machine('r2-h2')
      .interfaces()
      .map((one) => one.vlan)
  const said = () => why(rig.core.services, 'instance', vm.name)

  test('create comes again with one network more, before the hand-over', async () => {
    expect(await vm.exit('prepare')).toBe('0')
    const held = gate.hold('deploy', 'claim')
    const first = vm.exit('create')
    await held.reached
    vm.nics = [...vm.nics, { mac: rig.lab.routers.reserve(102, {}).mac, vlan: 102, network: 'two' }]
    const second = vm.exit('create')
    await expect.poll(async () => (await said()).summary).toContain('deploying')
    // the second one has brought its NICs before the first one's claim
    const { db } = rig.core.services.tools
    await expect
      .poll(async () => (await db.query(`select from instance where jsonb_array_length(nics) = 2`)).rowCount)
      .toBe(1)
    held.release()
    expect(await second).toBe('0')
    await first
    expect(portsOf(rig, 'r2-h2')).toEqual([{ untagged: 101, tagged: [102] }])
    await expect.poll(interfaces, { timeout: 10_000 }).toEqual([101])
  })

  test('the operation notes it, and why says what to do', async () => {
    const { db } = rig.core.services.tools
    const notes = (await listEvents(db, { limit: 500 })).map((one) => one.message)
    expect(notes).toEqual(
      expect.arrayContaining([expect.stringContaining(`was made without VLAN 102 (MAC ${green().mac})`)]),
    )
    expect(await said()).toMatchObject({
      well: true,
      evidence: expect.arrayContaining([
        expect.stringMatching(new RegExp(`made without network two.*VLAN 102 with MAC ${green().mac}`)),
      ]),
      action: expect.stringMatching(/add a VLAN interface.*ferrule instance reinstall i-2-3-VM/),
    })
  })

  test('a reinstall makes the system with it', async () => {
    expect(await vm.exit('reinstall')).toBe('0')
    await expect.poll(async () => (await said()).summary, { timeout: 30_000 }).toMatch(/ is running$/)
    await expect.poll(interfaces, { timeout: 10_000 }).toEqual([101, 102])
    expect(await said()).toMatchObject({ well: true, action: null })
    expect((await said()).evidence.join()).not.toContain('made without')
  })
})
