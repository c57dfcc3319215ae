import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allQuiet, expectResting, parked, portsOf, powerSwitches } from '../support/bad-days.ts'
import type { CloudVm } from '../support/door.ts'
import { DoorRoom, ofRunning, questions } from '../support/door-room.ts'

const HOSTS = ['r2-h2', 'r2-h4', 'r2-h6']

/** Cells of the table call × state of the VM, each with its answer and with what the world shows of it. */
describe('the door, cell by cell: a server that comes, runs and rests', () => {
  let room: DoorRoom
  let vm: CloudVm
  beforeAll(async () => {
    room = await DoorRoom.open(HOSTS)
    vm = room.newVm('i-2-1-VM')
  })
  afterAll(() => room?.close())

  test('none', async () => {
    await room.cells.showAll('none', vm, ['stop', 'delete', ...questions], '0')
    await room.cells.showAll('none', vm, ['status', 'start', ...ofRunning], /^1 .*unknown here/)
    await room.cells.show('none', vm, 'create', /^1 no host is prepared/)
    await room.cells.show('none', vm, 'prepare', '0')
    expect(room.machineOf(vm).power()).toBe('off')
  })

  test('deploying, before step 10: joined, or looked at', async () => {
    const held = room.gate.hold('deploy', 'wait-deployed')
    const first = vm.exit('create')
    await held.reached
    await room.cells.showAll('deploying', vm, ['prepare', ...questions, 'getconsole', 'identify'], '0')
    await room.cells.showAll(
      'deploying',
      vm,
      ['reboot', 'reinstall', 'attach', 'detach'],
      /^1 .*is deploying/,
    )
    await room.cells.show('deploying', vm, 'status', /^1 .*is deploying/)
    const joins = [
      await room.cells.waits('deploying', vm, 'create'),
      await room.cells.waits('deploying', vm, 'start'),
    ]
    held.release()
    for (const call of joins) await call.ends('0')
    expect(await first).toBe('0')
    room.isRunning(vm)
  })

  test('running: answers that were lost are given again, and nothing is switched', async () => {
    const switched = powerSwitches(room.rig, room.hostOf(vm)).length
    await room.cells.showAll(
      'running',
      vm,
      ['prepare', 'create', 'start', ...questions, 'getconsole', 'identify'],
      '0',
    )
    expect(room.rig.lab.bmcs.controllers.get(room.hostOf(vm))?.identify.state).toBe('timed')
    await room.cells.show('running', vm, 'status', 'PowerOn')
    expect(powerSwitches(room.rig, room.hostOf(vm)).length).toBe(switched)
    await room.cells.show('running', vm, 'reboot', '0')
    expect(powerSwitches(room.rig, room.hostOf(vm)).length).toBe(switched + 2)
    await room.cells.show('running', vm, 'reinstall', '0')
    await allQuiet(room.rig)
    room.isRunning(vm)
    await attachedAndDetached('running', [{ untagged: 101, tagged: [102] }])
    room.isRunning(vm)
  })

  test('forms: by the names that users see, and refused where they make no sense', async () => {
    const before = portsOf(room.rig, room.hostOf(vm))
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
    expect(portsOf(room.rig, room.hostOf(vm))).toEqual(before)
  })

  /** By the form of the custom action; a stopped server's ports stay as they are. */
  async function attachedAndDetached(state: 'running' | 'stopped', ports: unknown) {
    vm.parameters = { network: 'green' }
    await room.cells.show(state, vm, 'attach', '0')
    await allQuiet(room.rig)
    expect(portsOf(room.rig, room.hostOf(vm))).toEqual(ports)
    await room.cells.show(state, vm, 'detach', '0')
    await allQuiet(room.rig)
    vm.parameters = {}
  }

  /** Stopping, and nobody attached: the call that asked for it was answered in time that it goes on. */
  async function stopping() {
    const held = room.gate.hold('stop', 'hard-off')
    expect(await vm.exit('stop', 2)).toMatch(/^1 .*not off and clear/)
    await held.reached
    return held
  }

  test('stopping: create and start wait for its end, then start', async () => {
    for (const action of ['create', 'start'] as const) {
      const held = await stopping()
      if (action === 'create') {
        await room.cells.show('stopping', vm, 'prepare', '0')
        await room.cells.showAll('stopping', vm, questions, '0')
        await room.cells.show('stopping', vm, 'status', /^1 .*is stopping/)
        await room.cells.showAll('stopping', vm, ofRunning, /^1 .*is stopping/)
        expect(await vm.exit('create', 2)).toMatch(/^1 .*is still stopping/)
      }
      const call = await room.cells.waits('stopping', vm, action)
      held.release()
      await call.ends('0')
      room.isRunning(vm)
    }
  })

  test('stopping: a stop joins it', async () => {
    const held = await stopping()
    const call = await room.cells.waits('stopping', vm, 'stop')
    held.release()
    await call.ends('0')
    room.isClear(vm)
  })

  test('stopped', async () => {
    await room.cells.showAll('stopped', vm, ['stop', 'prepare', ...questions, 'identify'], '0')
    await room.cells.show('stopped', vm, 'status', 'PowerOff')
    await room.cells.showAll('stopped', vm, ['reboot', 'getconsole'], /^1 .*is stopped/)
    await attachedAndDetached('stopped', parked(room.rig, room.hostOf(vm)))
    await room.cells.show('stopped', vm, 'reinstall', '0')
    await allQuiet(room.rig)
    room.isClear(vm)
    await room.cells.show('stopped', vm, 'create', '0')
    room.isRunning(vm)
    await room.cells.show('running', vm, 'stop', '0')
    room.isClear(vm)
    await room.cells.show('stopped', vm, 'start', '0')
    room.isRunning(vm)
  })

  test('stopping: a delete waits, then destroys; stopped: it destroys at once', async () => {
    const held = await stopping()
    const call = await room.cells.waits('stopping', vm, 'delete')
    const wipe = room.beforeWipe()
    held.release()
    await call.ends('0')
    room.isClear(vm)
    wipe.release()
    await allQuiet(room.rig)
    await expectResting(room.rig, room.hostOf(vm))

    vm = await room.running('i-2-2-VM')
    expect(await vm.exit('stop')).toBe('0')
    const later = room.beforeWipe()
    await room.cells.show('stopped', vm, 'delete', '0')
    room.isClear(vm)
    later.release()
    await allQuiet(room.rig)
  })

  test('deploying: a delete cuts it short', async () => {
    vm = room.newVm('i-2-6-VM')
    expect(await vm.exit('prepare')).toBe('0')
    const held = room.gate.hold('deploy', 'wait-deployed')
    const creating = vm.exit('create')
    await held.reached
    const gone = await room.cells.waits('deploying', vm, 'delete')
    const wipe = room.beforeWipe()
    held.release()
    await gone.ends('0')
    expect(await creating).toMatch(/^1 /)
    room.isClear(vm)
    wipe.release()
    await allQuiet(room.rig)
  })

  test('past step 10 a stop waits for the deployment, and stops what runs then', async () => {
    vm = room.newVm('i-2-8-VM')
    expect(await vm.exit('prepare')).toBe('0')
    const held = room.gate.hold('deploy', 'boot-disk')
    const creating = vm.exit('create')
    await held.reached
    expect(portsOf(room.rig, room.hostOf(vm))).toEqual([{ untagged: 101, tagged: [] }])
    const stop = await room.cells.waits('deploying', vm, 'stop')
    held.release()
    await stop.ends('0')
    await creating
    room.isClear(vm)
    expect(powerSwitches(room.rig, room.hostOf(vm)).at(-1)).toMatch(/off/)
    expect(await vm.exit('start')).toBe('0')
    await room.cells.show('running', vm, 'delete', '0')
    await allQuiet(room.rig)
    await expectResting(room.rig, room.hostOf(vm))
  })

  test('no cell of these states is without a test', () => {
    expect(room.cells.missing('life')).toEqual([])
  })
})
