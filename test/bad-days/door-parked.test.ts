import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { why } from '../../src/services/why.ts'
import { allQuiet, expectResting, portsOf } from '../support/bad-days.ts'
import type { Door } from '../support/door.ts'
import { CloudVm, startDoor } from '../support/door.ts'
import type { Rig } from '../support/rig.ts'
import { furnish, startRig } from '../support/rig.ts'

/** A BMC dies under a running VM: never called off, cut from its network, and healed by the next call once the BMC is back. */
describe('the CloudStack door when an operation is parked', () => {
  let rig: Rig
  let door: Door
  let vm: CloudVm
  beforeAll(async () => {
    rig = await startRig({ racks: ['r2'], timeScale: 1000 })
    await furnish(rig)
    expect(await rig.enlist('r2-h2', { clean: true })).toMatchObject({ state: 'succeeded' })
    door = await startDoor(rig)
    vm = new CloudVm(door, 'i-2-3-VM', [{ mac: rig.lab.routers.reserve(101, {}).mac, vlan: 101 }])
    expect(await vm.exit('prepare')).toBe('0')
    expect(await vm.exit('create')).toBe('0')
  })
  afterAll(async () => {
    await door?.close()
    await rig?.stop()
  })
  const bmc = (unreachable: boolean) => rig.lab.faults.get('bmc/r2-h2')?.set({ unreachable })

  test('running, with a BMC that does not answer: status says nothing rather than something wrong', async () => {
    await bmc(true)
    // a reading of a moment ago may still say on
    await expect.poll(() => vm.exit('status'), { timeout: 10_000 }).toMatch(/^1 .*BMC/)
  })

  test('stop: not off, so the quarantine VLAN, 1, and it keeps trying', async () => {
    const stopping = vm.exit('stop')
    await expect.poll(() => vm.exit('status'), { timeout: 5_000 }).toMatch(/^1 .*is stopping/)
    expect(await stopping).toMatch(
      /^1 i-2-3-VM is stopping: stop \d+ is parked at "Power off, confirmed by the BMC".*BMC/,
    )
    expect(rig.lab.world.machine('r2-h2').power()).toBe('on')
    expect(portsOf(rig, 'r2-h2')).toEqual([{ untagged: 999, tagged: [] }])
    const said = await why(rig.core.services, 'host', 'r2-h2')
    expect(said).toMatchObject({
      well: false,
      blocks: expect.stringMatching(/BMC/),
      since: expect.stringMatching(/^2/),
      nextRetry: expect.stringMatching(/^2/),
      action: expect.stringMatching(/\w/),
    })
    expect(said.evidence.length).toBeGreaterThan(0)
  })

  test('parked: every call says why, and none of them does harm', async () => {
    for (const action of ['prepare', 'create', 'status', 'reboot', 'getconsole'])
      expect(await vm.exit(action)).toMatch(/^1 /)
    expect(await vm.exit('why')).toBe('0')
    expect(await vm.exit('start')).toMatch(/^1 .*parked.*BMC/)
    expect(await vm.exit('delete')).toMatch(/^1 .*parked.*BMC/)
    expect(rig.lab.world.machine('r2-h2').power()).toBe('on')
  })

  test('the BMC is back: the next call retries the blocked step and succeeds', async () => {
    await bmc(false)
    expect(await vm.exit('start')).toBe('0')
    expect(await vm.exit('status')).toBe('PowerOn')
    expect(portsOf(rig, 'r2-h2')).toEqual([{ untagged: 101, tagged: [] }])
    expect(await vm.exit('stop')).toBe('0')
    expect(await vm.exit('delete')).toBe('0')
    await allQuiet(rig)
    await expectResting(rig, 'r2-h2')
  })
})
