import type { SparseDisk } from './disk.ts'
import { inVlan } from './firmware.ts'
import { install, spread } from './installed.ts'
import { KernelLog, kernelBoot } from './kernel-log.ts'
import { hasLink } from './network.ts'
import { runOnDisks } from './scripts.ts'
import type { SerialLine } from './serial.ts'
import type { Surroundings } from './surroundings.ts'
import type { EphemeralHost, InstalledSystem, Nic, WorldMachine } from './types.ts'

export interface EphemeralHardware {
  readonly machine: WorldMachine
  readonly serialPort: SerialLine
  readonly disks: readonly SparseDisk[]
  readonly around: Surroundings
  readonly signal: AbortSignal
  sleep(ms: number): Promise<void>
  powerOff(): void
  reboot(): void
}

/** From the kernel's first word to cloud-init's; MAAS's environment takes a minute for all of it. */
const BOOT_MS = 40_000

/** The machine as MAAS's environment in RAM sees it. */
export function createEphemeralHost(hardware: EphemeralHardware, bootNic: Nic): EphemeralHost {
  const { machine, serialPort, disks, around, signal, sleep } = hardware
  const log = new KernelLog(serialPort, around.clock, signal)
  const say = (line: string) => log.program('cloud-init[914]', line)
  const commandLine = `BOOT_IMAGE=boot-kernel root=squash:squashfs ip=::::${machine.name}:BOOTIF cc:{datasource_list: [MAAS]}end_cc`
  const link = (nic: Nic) => hasLink(nic, around.fabric)
  const title = 'Ubuntu 22.04 LTS, in memory, for MAAS'
  log.narrate(BOOT_MS * machine.dials.slow, [
    ...kernelBoot({ machine, nics: machine.nics, hasLink: link, commandLine, title }),
    { reached: 'Reached target Network is Online.' },
    { kernel: `cloud-init[914]: Cloud-init v. 23.4.4 running 'init': DataSourceMAAS` },
  ])

  return {
    machine,
    bootNic,
    signal,
    sleep,
    reachable: () => !signal.aborted && inVlan(bootNic, around.bootServer.vlan, around),
    say,
    async runScript(script, args, env) {
      const name = env.MAAS_SCRIPT ?? 'script'
      say(`Starting ${[name, ...args].join(' ')}`)
      const ran = await around.clock.hold(runOnDisks(disks, script, args, env, signal), { still: true })
      say(`Finished ${name}: exit ${ran.exit}`)
      return ran
    },
    install(system: InstalledSystem) {
      signal.throwIfAborted()
      const [root] = disks
      if (!root) throw new Error(`${machine.name} has no disk to install on`)
      say('curtin: Installation started.')
      install(root, system, machine)
      for (const disk of disks) if (system.alsoOn?.includes(disk.name)) spread(disk, system.image)
      say('curtin: Installation finished.')
      around.diary.note({
        machine: machine.name,
        kind: 'disk',
        detail: `${system.image} installed on ${root.name}`,
      })
    },
    powerOff() {
      if (!signal.aborted) log.kernel('reboot: Power down')
      hardware.powerOff()
    },
    reboot() {
      if (!signal.aborted) log.kernel('reboot: Restarting system')
      hardware.reboot()
    },
  }
}
