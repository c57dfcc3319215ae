import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allQuiet, expectResting, parked, portsOf } from '../support/bad-days.ts'
import type { CloudVm } from '../support/door.ts'
import { DoorRoom, ofRunning, questions } from '../support/door-room.ts'

const HOSTS = ['r2-h2', 'r2-h4', 'r2-h6']

/** The other cells of the table call × state of the VM: in each of them something is cut short or goes wrong. */
describe('the door, cell by cell: a server that ends, fails or is stuck', () => {
  let room: DoorRoom
  let vm: CloudVm
  beforeAll(async () => {
    room = await DoorRoom.open(HOSTS)
  })
  afterAll(() => room?.close())

  /** A deployment that a stop has cut short, held in the middle of its undo. */
  async function undoing(name: string) {
    vm = room.newVm(name)
    expect(await vm.exit('prepare')).toBe('0')
    const deploying = room.gate.hold('deploy', 'wait-deployed')
    const undo = room.gate.hold('deploy', 'deploy', 'undo')
    const creating = vm.exit('create')
    await deploying.reached
    const stopped = room.cells.waits('deploying', vm, 'stop')
    deploying.release()
    await undo.reached
    return { undo, creating, stopped: await stopped }
  }

  test('undoing: everything waits until it is clear, then it is as failed', async () => {
    const { undo, creating, stopped } = await undoing('i-2-3-VM')
    const failedHost = room.hostOf(vm)
    await room.cells.showAll('undoing', vm, questions, '0')
    await room.cells.showAll('undoing', vm, ofRunning, /^1 .*is undoing/)
    await room.cells.show('undoing', vm, 'status', /^1 .*is undoing/)
    const prepare = await room.cells.waits('undoing', vm, 'prepare')
    const start = await room.cells.waits('undoing', vm, 'start')
    const stop = await room.cells.waits('undoing', vm, 'stop')
    const wipe = room.beforeWipe()
    undo.release()
    await stopped.ends('0')
    await stop.ends('0')
    await start.ends(/^1 .*cancelled/)
    // another host: the one that failed is still being erased
    await prepare.ends('0')
    expect(room.hostOf(vm)).not.toBe(failedHost)
    expect(await creating).toMatch(/^1 cancelled: stop/)
    expect(room.rig.lab.world.machine(failedHost).power()).toBe('off')
    wipe.release()
  })

  test('failed', async () => {
    await room.cells.showAll('failed', vm, ['stop', 'prepare', ...questions], '0')
    await room.cells.show('failed', vm, 'status', 'PowerOff')
    await room.cells.showAll('failed', vm, ['start', 'reinstall'], /^1 .*cancelled/)
    await room.cells.showAll(
      'failed',
      vm,
      ['reboot', 'getconsole', 'identify', 'attach', 'detach'],
      /^1 .*is failed/,
    )
    await room.cells.show('failed', vm, 'create', '0')
    room.isRunning(vm)
    await allQuiet(room.rig)
  })

  test('destroying: only an end of it is joined, and clear is said when it is true', async () => {
    const [parking, releasing] = [
      room.gate.hold('destroy', 'park-ports'),
      room.gate.hold('destroy', 'release'),
    ]
    expect(await vm.exit('delete', 2)).toMatch(/^1 .*not clear of its networks yet/)
    await parking.reached
    await room.cells.showAll(
      'destroying',
      vm,
      ['prepare', 'create', 'start', ...ofRunning],
      /^1 .*is destroying/,
    )
    await room.cells.showAll('destroying', vm, questions, '0')
    await room.cells.show('destroying', vm, 'status', /^1 .*is destroying/)
    expect(portsOf(room.rig, room.hostOf(vm))).toEqual([{ untagged: 101, tagged: [] }])
    const joins = [
      await room.cells.waits('destroying', vm, 'stop'),
      await room.cells.waits('destroying', vm, 'delete'),
    ]
    parking.release()
    for (const call of joins) await call.ends('0')
    room.isClear(vm)
    await releasing.reached
    await room.cells.show('destroying', vm, 'status', 'PowerOff')
    releasing.release()
    await allQuiet(room.rig)
    await expectResting(room.rig, room.hostOf(vm))
  })

  test('undoing: a create waits, then deploys on another host; a delete waits until it is clear', async () => {
    const first = await undoing('i-2-4-VM')
    const create = await room.cells.waits('undoing', vm, 'create')
    first.undo.release()
    await create.ends('0')
    // told where it runs by now
    expect(await vm.exit('prepare')).toBe('0')
    room.isRunning(vm)
    await first.creating
    await room.cells.show('running', vm, 'delete', '0')
    await allQuiet(room.rig)

    const second = await undoing('i-2-5-VM')
    const gone = await room.cells.waits('undoing', vm, 'delete')
    const wipe = room.beforeWipe()
    second.undo.release()
    await gone.ends('0')
    await second.creating
    room.isClear(vm)
    wipe.release()
    await allQuiet(room.rig)
    expect(await vm.exit('status')).toMatch(/^1 .*unknown here/)
  })

  test('failed without effects: a delete only forgets', async () => {
    vm = room.newVm('i-2-7-VM')
    expect(await vm.exit('prepare')).toBe('0')
    vm.nics = vm.nics.map((nic) => ({ ...nic, vlan: 950 }))
    expect(await vm.exit('create')).toMatch(/^1 VLAN 950/)
    await room.cells.show('failed', vm, 'delete', '0')
    expect(await vm.exit('status')).toMatch(/^1 .*unknown here/)
  })

  test('a switch that dies during a stop: not clear, so 1; it keeps trying, and its VLAN is nobody else’s meanwhile', async () => {
    vm = await room.running('i-2-8-VM')
    const tors = [room.rig.lab.switches.get('r2-tor1'), room.rig.lab.switches.get('r2-tor2')]
    const dead = (down: boolean) => Promise.all(tors.map((tor) => tor?.faults.set({ down })))
    const held = room.gate.hold('stop', 'park-ports')
    const stopping = vm.exit('stop')
    await held.reached
    await dead(true)
    held.release()
    expect(await stopping).toMatch(
      /^1 i-2-8-VM is stopping: stop \d+ is parked at "Tenant VLANs off every port".*Switch .* cannot be reached/,
    )
    expect(room.machineOf(vm).power()).toBe('off')
    expect(portsOf(room.rig, room.hostOf(vm))).toEqual([{ untagged: 101, tagged: [] }])
    await room.cells.show('parked', vm, 'status', /^1 .*is parked/)
    await room.cells.show('parked', vm, 'stop', /^1 .*is parked/)

    // CloudStack has given VLAN 101 to another network by now: it must not meet the old one on that port
    const other = room.newVm('i-2-9-VM')
    other.nics = other.nics.map((nic) => ({ ...nic, network: 'other' }))
    expect(await other.exit('prepare')).toBe('0')
    expect(await other.exit('create')).toMatch(/^1 VLAN 101 is still on port 1\/\d of switch/)

    await dead(false)
    await allQuiet(room.rig)
    room.isClear(vm)
    expect(await vm.exit('status')).toBe('PowerOff')
    expect(await other.exit('create')).toBe('0')
    for (const one of [vm, other]) expect(await one.exit('delete')).toBe('0')
    await allQuiet(room.rig)
  })

  test('parked', async () => {
    vm = await room.running('i-2-10-VM')
    await room.rig.lab.faults.get(`bmc/${room.hostOf(vm)}`)?.set({ unreachable: true })
    expect(await vm.exit('stop')).toMatch(/^1 .*parked/)
    await room.cells.showAll(
      'parked',
      vm,
      ['prepare', 'create', 'status', ...ofRunning, 'start', 'delete'],
      /^1 .*(parked|BMC)/,
    )
    await room.cells.showAll('parked', vm, questions, '0')
    expect(room.machineOf(vm).power()).toBe('on')
    expect(portsOf(room.rig, room.hostOf(vm))).toEqual(parked(room.rig, room.hostOf(vm), 999))
    await room.rig.lab.faults.get(`bmc/${room.hostOf(vm)}`)?.reset()
    await room.cells.show('parked', vm, 'start', '0')
    room.isRunning(vm)
  })

  test('parked when it is clear: gone for CloudStack, and still asking for a person', async () => {
    await room.rig.lab.faults.get('maas')?.set({ releaseFails: ['*'] })
    expect(await vm.exit('delete')).toBe('0')
    const parkedOnes = () =>
      room.rig.core.services.tools.db.query("select from operation where state = 'parked'")
    await expect.poll(async () => (await parkedOnes()).rowCount, { timeout: 20_000 }).toBe(1)
    await room.cells.show('parked', vm, 'delete', '0')
    await room.cells.show('parked', vm, 'status', 'PowerOff')
    expect(room.machineOf(vm).power()).toBe('off')
    // each of its tries by itself takes them to the PXE VLAN for a moment
    await expect
      .poll(() => portsOf(room.rig, room.hostOf(vm)), { timeout: 20_000 })
      .toEqual(parked(room.rig, room.hostOf(vm), 999))
    await room.rig.lab.faults.get('maas')?.reset()
    await allQuiet(room.rig)
    for (const host of HOSTS) await expectResting(room.rig, host)
  })

  test('no cell of these states is without a test', () => {
    expect(room.cells.missing('end')).toEqual([])
  })
})
