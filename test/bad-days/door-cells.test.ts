import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allQuiet, expectResting, parked, portsOf, powerSwitches } from '../support/bad-days.ts'
import type { Door } from '../support/door.ts'
import { CloudVm, startDoor } from '../support/door.ts'
import { Cells } from '../support/door-cells.ts'
import { Gate } from '../support/gate.ts'
import type { Rig } from '../support/rig.ts'
import { furnish, startRig } from '../support/rig.ts'

/** Answered in every state. */
const questions = ['why', 'certificate', 'plan'] as const
/** For a server that runs. */
const ofRunning = ['reboot', 'getconsole', 'reinstall', 'identify', 'attach', 'detach'] as const

/** Every cell of the table call × state of the VM, each with its answer and with what the world shows of it. */
describe('the door, cell by cell', () => {
  const hosts = ['r2-h2', 'r2-h4', 'r2-h6']
  const gate = new Gate()
  const cells = new Cells()
  let rig: Rig
  let door: Door
  let vm: CloudVm
  beforeAll(async () => {
    rig = await startRig({ racks: ['r2'], timeScale: 1000, interference: gate })
    await furnish(rig)
    for (const host of hosts)
      expect(await rig.enlist(host, { clean: true })).toMatchObject({ state: 'succeeded' })
    door = await startDoor(rig)
    vm = newVm('i-2-1-VM')
  })
  afterAll(async () => {
    await door?.close()
    await rig?.stop()
  })

  const newVm = (name: string) =>
    new CloudVm(door, name, [{ mac: rig.lab.routers.reserve(101, {}).mac, vlan: 101 }])
  const hostOf = (one: CloudVm) => one.details['External:ferrule_host'] ?? ''
  const machineOf = (one: CloudVm) => rig.lab.world.machine(hostOf(one))
  const isClear = (one: CloudVm) => {
    expect(machineOf(one).power()).toBe('off')
    expect(portsOf(rig, hostOf(one))).toEqual(parked(rig, hostOf(one)))
  }
  /** A delete is answered once the VM is clear, and MAAS switches the machine on again to wipe it. */
  const beforeWipe = () => gate.hold('destroy', 'release')
  const isRunning = (one: CloudVm) => {
    expect(machineOf(one).power()).toBe('on')
    expect(portsOf(rig, hostOf(one))).toEqual([{ untagged: 101, tagged: [] }])
  }

  test('none', async () => {
    await cells.showAll('none', vm, ['stop', 'delete', ...questions], '0')
    await cells.showAll('none', vm, ['status', 'start', ...ofRunning], /^1 .*unknown here/)
    await cells.show('none', vm, 'create', /^1 no host is prepared/)
    await cells.show('none', vm, 'prepare', '0')
    expect(machineOf(vm).power()).toBe('off')
  })

  test('deploying, before step 10: joined, or looked at', async () => {
    const held = gate.hold('deploy', 'wait-deployed')
    const first = vm.exit('create')
    await held.reached
    await cells.showAll('deploying', vm, ['prepare', ...questions, 'getconsole', 'identify'], '0')
    await cells.showAll('deploying', vm, ['reboot', 'reinstall', 'attach', 'detach'], /^1 .*is deploying/)
    await cells.show('deploying', vm, 'status', /^1 .*is deploying/)
    const joins = [await cells.waits('deploying', vm, 'create'), await cells.waits('deploying', vm, 'start')]
    held.release()
    for (const call of joins) await call.ends('0')
    expect(await first).toBe('0')
    isRunning(vm)
  })

  test('running: answers that were lost are given again, and nothing is switched', async () => {
    const switched = powerSwitches(rig, hostOf(vm)).length
    await cells.showAll(
      'running',
      vm,
      ['prepare', 'create', 'start', ...questions, 'getconsole', 'identify'],
      '0',
    )
    expect(rig.lab.bmcs.controllers.get(hostOf(vm))?.identify.state).toBe('timed')
    await cells.show('running', vm, 'status', 'PowerOn')
    expect(powerSwitches(rig, hostOf(vm)).length).toBe(switched)
    await cells.show('running', vm, 'reboot', '0')
    expect(powerSwitches(rig, hostOf(vm)).length).toBe(switched + 2)
    await cells.show('running', vm, 'reinstall', '0')
    await allQuiet(rig)
    isRunning(vm)
    await attachedAndDetached('running', [{ untagged: 101, tagged: [102] }])
    isRunning(vm)
  })

  test('forms: by the names that users see, and refused where they make no sense', async () => {
    const before = portsOf(rig, hostOf(vm))
    // whose a network is cannot be told from here
    vm.callerType = 'NORMAL'
    vm.parameters = { network: 'green' }
    expect(await vm.exit('Attach network')).toMatch(/^1 only an administrator of the whole cloud/)
    vm.callerType = 'ADMIN'
    vm.parameters = { network: 'nowhere' }
    for (const action of ['Attach network', 'Detach network'])
      expect(await vm.exit(action)).toMatch(/^1 there is no network nowhere/)
    vm.parameters = { action: 'sell' }
    expect((await vm.call('Plan')).body.message).toMatch(/no plan of "sell"/)
    vm.parameters = { action: 'destroy', erase: 'quick' }
    expect((await vm.call('Plan')).body.message).toMatchObject({ action: 'destroy', erase: 'quick' })
    vm.parameters = {}
    expect(await vm.exit('attach')).toMatch(/^1 no network is named/)
    expect((await vm.call('Erase certificate')).body.message).toMatchObject({
      proven: true,
      certificate: { verdict: 'proven' },
    })
    expect(portsOf(rig, hostOf(vm))).toEqual(before)
  })

  /** By the form of the custom action; a stopped server's ports stay as they are. */
  async function attachedAndDetached(state: 'running' | 'stopped', ports: unknown) {
    vm.parameters = { network: 'green' }
    await cells.show(state, vm, 'attach', '0')
    await allQuiet(rig)
    expect(portsOf(rig, hostOf(vm))).toEqual(ports)
    await cells.show(state, vm, 'detach', '0')
    await allQuiet(rig)
    vm.parameters = {}
  }

  /** Stopping, and nobody attached: the call that asked for it was answered in time that it goes on. */
  async function stopping() {
    const held = gate.hold('stop', 'hard-off')
    expect(await vm.exit('stop', 2)).toMatch(/^1 .*not off and clear/)
    await held.reached
    return held
  }

  test('stopping: create and start wait for its end, then start', async () => {
    for (const action of ['create', 'start'] as const) {
      const held = await stopping()
      if (action === 'create') {
        await cells.show('stopping', vm, 'prepare', '0')
        await cells.showAll('stopping', vm, questions, '0')
        await cells.show('stopping', vm, 'status', /^1 .*is stopping/)
        await cells.showAll('stopping', vm, ofRunning, /^1 .*is stopping/)
        expect(await vm.exit('create', 2)).toMatch(/^1 .*is still stopping/)
      }
      const call = await cells.waits('stopping', vm, action)
      held.release()
      await call.ends('0')
      isRunning(vm)
    }
  })

  test('stopping: a stop joins it', async () => {
    const held = await stopping()
    const call = await cells.waits('stopping', vm, 'stop')
    held.release()
    await call.ends('0')
    isClear(vm)
  })

  test('stopped', async () => {
    await cells.showAll('stopped', vm, ['stop', 'prepare', ...questions, 'identify'], '0')
    await cells.show('stopped', vm, 'status', 'PowerOff')
    await cells.showAll('stopped', vm, ['reboot', 'getconsole'], /^1 .*is stopped/)
    await attachedAndDetached('stopped', parked(rig, hostOf(vm)))
    await cells.show('stopped', vm, 'reinstall', '0')
    await allQuiet(rig)
    isClear(vm)
    await cells.show('stopped', vm, 'create', '0')
    isRunning(vm)
    await cells.show('running', vm, 'stop', '0')
    isClear(vm)
    await cells.show('stopped', vm, 'start', '0')
    isRunning(vm)
  })

  test('stopping: a delete waits, then destroys; stopped: it destroys at once', async () => {
    const held = await stopping()
    const call = await cells.waits('stopping', vm, 'delete')
    const wipe = beforeWipe()
    held.release()
    await call.ends('0')
    isClear(vm)
    wipe.release()
    await allQuiet(rig)
    await expectResting(rig, hostOf(vm))

    vm = await running('i-2-2-VM')
    expect(await vm.exit('stop')).toBe('0')
    const later = beforeWipe()
    await cells.show('stopped', vm, 'delete', '0')
    isClear(vm)
    later.release()
    await allQuiet(rig)
  })

  async function running(name: string): Promise<CloudVm> {
    const one = newVm(name)
    expect(await one.exit('prepare')).toBe('0')
    expect(await one.exit('create')).toBe('0')
    return one
  }

  /** A deployment that a stop has cut short, held in the middle of its undo. */
  async function undoing(name: string) {
    vm = newVm(name)
    expect(await vm.exit('prepare')).toBe('0')
    const deploying = gate.hold('deploy', 'wait-deployed')
    const undo = gate.hold('deploy', 'deploy', 'undo')
    const creating = vm.exit('create')
    await deploying.reached
    const stopped = cells.waits('deploying', vm, 'stop')
    deploying.release()
    await undo.reached
    return { undo, creating, stopped: await stopped }
  }

  test('undoing: everything waits until it is clear, then it is as failed', async () => {
    const { undo, creating, stopped } = await undoing('i-2-3-VM')
    const failedHost = hostOf(vm)
    await cells.showAll('undoing', vm, questions, '0')
    await cells.showAll('undoing', vm, ofRunning, /^1 .*is undoing/)
    await cells.show('undoing', vm, 'status', /^1 .*is undoing/)
    const prepare = await cells.waits('undoing', vm, 'prepare')
    const start = await cells.waits('undoing', vm, 'start')
    const stop = await cells.waits('undoing', vm, 'stop')
    const wipe = beforeWipe()
    undo.release()
    await stopped.ends('0')
    await stop.ends('0')
    await start.ends(/^1 .*cancelled/)
    // another host: the one that failed is still being erased
    await prepare.ends('0')
    expect(hostOf(vm)).not.toBe(failedHost)
    expect(await creating).toMatch(/^1 cancelled: stop/)
    expect(rig.lab.world.machine(failedHost).power()).toBe('off')
    wipe.release()
  })

  test('failed', async () => {
    await cells.showAll('failed', vm, ['stop', 'prepare', ...questions], '0')
    await cells.show('failed', vm, 'status', 'PowerOff')
    await cells.showAll('failed', vm, ['start', 'reinstall'], /^1 .*cancelled/)
    await cells.showAll(
      'failed',
      vm,
      ['reboot', 'getconsole', 'identify', 'attach', 'detach'],
      /^1 .*is failed/,
    )
    await cells.show('failed', vm, 'create', '0')
    isRunning(vm)
    await allQuiet(rig)
  })

  test('destroying: only an end of it is joined, and clear is said when it is true', async () => {
    const [parking, releasing] = [gate.hold('destroy', 'park-ports'), gate.hold('destroy', 'release')]
    expect(await vm.exit('delete', 2)).toMatch(/^1 .*not clear of its networks yet/)
    await parking.reached
    await cells.showAll('destroying', vm, ['prepare', 'create', 'start', ...ofRunning], /^1 .*is destroying/)
    await cells.showAll('destroying', vm, questions, '0')
    await cells.show('destroying', vm, 'status', /^1 .*is destroying/)
    expect(portsOf(rig, hostOf(vm))).toEqual([{ untagged: 101, tagged: [] }])
    const joins = [await cells.waits('destroying', vm, 'stop'), await cells.waits('destroying', vm, 'delete')]
    parking.release()
    for (const call of joins) await call.ends('0')
    isClear(vm)
    await releasing.reached
    await cells.show('destroying', vm, 'status', 'PowerOff')
    releasing.release()
    await allQuiet(rig)
    await expectResting(rig, hostOf(vm))
  })

  test('undoing: a create waits, then deploys on another host; a delete waits until it is clear', async () => {
    const first = await undoing('i-2-4-VM')
    const create = await cells.waits('undoing', vm, 'create')
    first.undo.release()
    await create.ends('0')
    // told where it runs by now
    expect(await vm.exit('prepare')).toBe('0')
    isRunning(vm)
    await first.creating
    await cells.show('running', vm, 'delete', '0')
    await allQuiet(rig)

    const second = await undoing('i-2-5-VM')
    const gone = await cells.waits('undoing', vm, 'delete')
    const wipe = beforeWipe()
    second.undo.release()
    await gone.ends('0')
    await second.creating
    isClear(vm)
    wipe.release()
    await allQuiet(rig)
    expect(await vm.exit('status')).toMatch(/^1 .*unknown here/)
  })

  test('deploying: a delete cuts it short; failed without effects: it only forgets', async () => {
    vm = newVm('i-2-6-VM')
    expect(await vm.exit('prepare')).toBe('0')
    const held = gate.hold('deploy', 'wait-deployed')
    const creating = vm.exit('create')
    await held.reached
    const gone = await cells.waits('deploying', vm, 'delete')
    const wipe = beforeWipe()
    held.release()
    await gone.ends('0')
    expect(await creating).toMatch(/^1 /)
    isClear(vm)
    wipe.release()
    await allQuiet(rig)

    vm = newVm('i-2-7-VM')
    expect(await vm.exit('prepare')).toBe('0')
    vm.nics = vm.nics.map((nic) => ({ ...nic, vlan: 950 }))
    expect(await vm.exit('create')).toMatch(/^1 VLAN 950/)
    await cells.show('failed', vm, 'delete', '0')
    expect(await vm.exit('status')).toMatch(/^1 .*unknown here/)
  })

  test('past step 10 a stop waits for the deployment, and stops what runs then', async () => {
    vm = newVm('i-2-8-VM')
    expect(await vm.exit('prepare')).toBe('0')
    const held = gate.hold('deploy', 'boot-disk')
    const creating = vm.exit('create')
    await held.reached
    expect(portsOf(rig, hostOf(vm))).toEqual([{ untagged: 101, tagged: [] }])
    const stop = await cells.waits('deploying', vm, 'stop')
    held.release()
    await stop.ends('0')
    await creating
    isClear(vm)
    expect(powerSwitches(rig, hostOf(vm)).at(-1)).toMatch(/off/)
    expect(await vm.exit('start')).toBe('0')
  })

  test('a switch that dies during a stop: not clear, so 1; it keeps trying, and its VLAN is nobody else’s meanwhile', async () => {
    const tors = [rig.lab.switches.get('r2-tor1'), rig.lab.switches.get('r2-tor2')]
    const dead = (down: boolean) => Promise.all(tors.map((tor) => tor?.faults.set({ down })))
    const held = gate.hold('stop', 'park-ports')
    const stopping = vm.exit('stop')
    await held.reached
    await dead(true)
    held.release()
    expect(await stopping).toMatch(
      /^1 i-2-8-VM is stopping: stop \d+ is parked at "park-ports".*Switch .* cannot be reached/,
    )
    expect(machineOf(vm).power()).toBe('off')
    expect(portsOf(rig, hostOf(vm))).toEqual([{ untagged: 101, tagged: [] }])
    await cells.show('parked', vm, 'status', /^1 .*is parked/)
    await cells.show('parked', vm, 'stop', /^1 .*is parked/)

    // CloudStack has given VLAN 101 to another network by now: it must not meet the old one on that port
    const other = newVm('i-2-9-VM')
    other.nics = other.nics.map((nic) => ({ ...nic, network: 'other' }))
    expect(await other.exit('prepare')).toBe('0')
    expect(await other.exit('create')).toMatch(/^1 VLAN 101 is still on port 1\/\d of switch/)

    await dead(false)
    await allQuiet(rig)
    isClear(vm)
    expect(await vm.exit('status')).toBe('PowerOff')
    expect(await other.exit('create')).toBe('0')
    for (const one of [vm, other]) expect(await one.exit('delete')).toBe('0')
    await allQuiet(rig)
  })

  test('parked', async () => {
    vm = await running('i-2-10-VM')
    await rig.lab.faults.get(`bmc/${hostOf(vm)}`)?.set({ unreachable: true })
    expect(await vm.exit('stop')).toMatch(/^1 .*parked/)
    await cells.showAll(
      'parked',
      vm,
      ['prepare', 'create', 'status', ...ofRunning, 'start', 'delete'],
      /^1 .*(parked|BMC)/,
    )
    await cells.showAll('parked', vm, questions, '0')
    expect(machineOf(vm).power()).toBe('on')
    expect(portsOf(rig, hostOf(vm))).toEqual(parked(rig, hostOf(vm), 999))
    await rig.lab.faults.get(`bmc/${hostOf(vm)}`)?.reset()
    await cells.show('parked', vm, 'start', '0')
    isRunning(vm)
  })

  test('parked when it is clear: gone for CloudStack, and still asking for a person', async () => {
    await rig.lab.faults.get('maas')?.set({ releaseFails: ['*'] })
    expect(await vm.exit('delete')).toBe('0')
    const parkedOnes = () => rig.core.services.tools.db.query("select from operation where state = 'parked'")
    await expect.poll(async () => (await parkedOnes()).rowCount, { timeout: 20_000 }).toBe(1)
    await cells.show('parked', vm, 'delete', '0')
    await cells.show('parked', vm, 'status', 'PowerOff')
    expect(machineOf(vm).power()).toBe('off')
    // each of its tries by itself takes them to the PXE VLAN for a moment
    await expect
      .poll(() => portsOf(rig, hostOf(vm)), { timeout: 20_000 })
      .toEqual(parked(rig, hostOf(vm), 999))
    await rig.lab.faults.get('maas')?.reset()
    await allQuiet(rig)
    for (const host of hosts) await expectResting(rig, host)
  })

  test('no cell of the table is without a test', () => {
    expect(cells.missing()).toEqual([])
  })
})
