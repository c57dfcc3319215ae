import type { SparseDisk } from './disk.ts'
import { inVlan } from './firmware.ts'
import { install } from './installed.ts'
import { runOnDisks } from './scripts.ts'
import type { Surroundings } from './surroundings.ts'
import type { EphemeralHost, InstalledSystem, Nic, WorldMachine } from './types.ts'

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

  return {
    machine,
    bootNic,
    signal,
    sleep,
    reachable: () => !signal.aborted && inVlan(bootNic, around.bootServer.vlan, around),
    runScript: (script, args, env) => around.clock.hold(runOnDisks(disks, script, args, env, signal)),
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
