import type { SparseDisk } from './disk.ts'
import { inVlan } from './firmware.ts'
import { DISK_BYTES_PER_SECOND, install } from './installed.ts'
import { runOnDisks } from './scripts.ts'
import type { Surroundings } from './surroundings.ts'
import type { EphemeralHost, InstalledSystem, Nic, WorldMachine } from './types.ts'

/** A full wipe goes over the disk in so many steps, so that power lost half-way leaves the second half as it was. */
const WIPE_STEPS = 20
const MIB = 1024 * 1024

export interface EphemeralHardware {
  readonly machine: WorldMachine
  readonly disks: readonly SparseDisk[]
  readonly around: Surroundings
  readonly signal: AbortSignal
  sleep(ms: number): Promise<void>
  powerOff(): void
  reboot(): void
}

/** The machine as MAAS's environment in RAM sees it. */
export function createEphemeralHost(hardware: EphemeralHardware, bootNic: Nic): EphemeralHost {
  const { machine, disks, around, signal, sleep } = hardware

  function find(name: string): SparseDisk {
    const disk = disks.find((one) => one.name === name)
    if (!disk) throw new Error(`${machine.name} has no disk ${name}`)
    return disk
  }

  return {
    machine,
    bootNic,
    signal,
    sleep,
    reachable: () => !signal.aborted && inVlan(bootNic, around.bootServer.vlan, around),
    runScript: (script, args, env) => around.clock.hold(runOnDisks(disks, script, args, env, signal)),
    async wipe(name, mode) {
      const disk = find(name)
      if (mode === 'quick') {
        await sleep(1_000)
        disk.zero(0, MIB)
        disk.zero(disk.size - MIB, MIB)
        return
      }
      const step = Math.ceil(disk.size / WIPE_STEPS)
      for (let at = 0; at < disk.size; at += step) {
        const length = Math.min(step, disk.size - at)
        await sleep((length / DISK_BYTES_PER_SECOND) * 1000)
        disk.zero(at, length)
      }
    },
    install(system: InstalledSystem) {
      signal.throwIfAborted()
      const [root] = disks
      if (!root) throw new Error(`${machine.name} has no disk to install on`)
      install(root, system, machine)
      around.diary.note({
        machine: machine.name,
        kind: 'disk',
        detail: `${system.image} installed on ${root.name}`,
      })
    },
    powerOff: () => hardware.powerOff(),
    reboot: () => hardware.reboot(),
  }
}
