import { expect } from 'vitest'
import { parked, portsOf } from './bad-days.ts'
import { CloudVm, type Door, startDoor } from './door.ts'
import { Cells } from './door-cells.ts'
import { Gate } from './gate.ts'
import { furnish, type Rig, startRig } from './rig.ts'

/** Answered in every state. */
export const questions = ['why', 'certificate', 'plan'] as const
/** For a server that runs. */
export const ofRunning = ['reboot', 'getconsole', 'reinstall', 'identify', 'attach', 'detach'] as const

/** The door on a rack of the lab, with a gate that holds an operation at any step, and a list of the cells that are shown. */
export class DoorRoom {
  readonly rig: Rig
  readonly door: Door
  readonly gate: Gate
  readonly cells: Cells

  private constructor(rig: Rig, door: Door, gate: Gate, cells: Cells) {
    this.rig = rig
    this.door = door
    this.gate = gate
    this.cells = cells
  }

  /** @param hosts clean, each with one NIC */
  static async open(hosts: readonly string[]): Promise<DoorRoom> {
    const gate = new Gate()
    const cells = new Cells()
    const rig = await startRig({ racks: ['r2'], timeScale: 1000, interference: gate })
    await furnish(rig)
    for (const host of hosts)
      expect(await rig.enlist(host, { clean: true })).toMatchObject({ state: 'succeeded' })
    return new DoorRoom(rig, await startDoor(rig), gate, cells)
  }

  async close(): Promise<void> {
    await this.door.close()
    await this.rig.stop()
  }

  newVm(name: string): CloudVm {
    return new CloudVm(this.door, name, [{ mac: this.rig.lab.routers.reserve(101, {}).mac, vlan: 101 }])
  }

  async running(name: string): Promise<CloudVm> {
    const one = this.newVm(name)
    expect(await one.exit('prepare')).toBe('0')
    expect(await one.exit('create')).toBe('0')
    return one
  }

  hostOf({ details }: CloudVm): string {
    return details['External:ferrule_host'] ?? ''
  }

  machineOf(vm: CloudVm) {
    return this.rig.lab.world.machine(this.hostOf(vm))
  }

  isClear(vm: CloudVm): void {
    expect(this.machineOf(vm).power()).toBe('off')
    expect(portsOf(this.rig, this.hostOf(vm))).toEqual(parked(this.rig, this.hostOf(vm)))
  }

  isRunning(vm: CloudVm): void {
    expect(this.machineOf(vm).power()).toBe('on')
    expect(portsOf(this.rig, this.hostOf(vm))).toEqual([{ untagged: 101, tagged: [] }])
  }

  /** A delete is answered once the VM is clear, and MAAS switches the machine on again to wipe it. */
  beforeWipe() {
    return this.gate.hold('destroy', 'release')
  }
}
