import { type CloudInitHost, renderNetwork, runCloudInit } from './cloud-init.ts'
import { acquireLeases, askOnce } from './dhcp.ts'
import type { Dials } from './dials.ts'
import type { SparseDisk } from './disk.ts'
import { type Root, writeRoot, writeTenantData } from './installed.ts'
import { KERNEL, kernelBoot, titleOf } from './kernel-log.ts'
import { type NetInterface, readNetplan } from './netplan.ts'
import { hasLink, SystemNetwork } from './network.ts'
import type { SerialLine } from './serial.ts'
import { isPassword, SHADOW } from './shadow.ts'
import { runShellCommand } from './shell-commands.ts'
import type { PowerRequest } from './stand-ins.ts'
import type { Surroundings } from './surroundings.ts'
import { SystemConsole } from './system-console.ts'
import type { Chance, LiveInterface, Machine, Nic, Running } from './types.ts'

/** From the boot loader to the network. */
const KERNEL_MS = 25_000
/** A whole, orderly shutdown. */
const SHUTDOWN_MS = 15_000
/** A link that came back, or a VLAN interface that was added, until the DHCP answer. */
const LATE_EXCHANGE_MS = 3_000
/** An interface without an answer asks on for half an hour, and again after the next change of its links. */
const LATE_RETRY_MS = 30_000
const LATE_TRIES = 60

/** What a machine gives to the system that boots on it. */
export interface SystemHardware {
  readonly name: string
  readonly machine: Pick<Machine, 'cpuCount' | 'memoryMiB' | 'disks'>
  readonly serialPort: SerialLine
  readonly nics: readonly Nic[]
  readonly disks: readonly SparseDisk[] // [0] holds the system
  readonly dials: Dials
  readonly chance: Chance
  readonly around: Surroundings
  /** Aborts when power goes. */
  readonly signal: AbortSignal
  sleep(ms: number): Promise<void>
  /** The system ends by itself: at once, as a shut down system does. */
  power(request: 'poweroff' | 'reboot'): void
  /** Called whenever what others can see of the system may have changed. */
  changed(): void
}

/** An installed system from its boot loader on. It lives until its hardware's signal aborts. */
export class RunningSystem {
  readonly #hardware: SystemHardware
  readonly #root: Root
  readonly #console: SystemConsole
  #network: SystemNetwork
  #phase: 'booting' | 'hanging' | 'up' = 'booting'
  #reason: string | null = null
  /** Somebody asks for leases already: the boot itself, or a late asker. */
  #asking = true
  #shuttingDown = false

  constructor(hardware: SystemHardware, root: Root) {
    this.#hardware = hardware
    this.#root = root
    this.#network = new SystemNetwork([], hardware.nics, hardware.around.fabric)
    this.#console = new SystemConsole(hardware.serialPort, hardware.around.clock, hardware.signal, {
      title: titleOf(root.image),
      hostname: () => this.#root.hostname,
      isPassword: (user, password) => isPassword(this.#root.files[SHADOW] ?? '', user, password),
      run: (command, args) => this.#runInShell(command, args),
      cut: (power) => hardware.power(power),
    })
  }

  running(): Extract<Running, { kind: 'system' }> {
    const { hostname, image, bootCount } = this.#root
    const reason = this.#reason === null ? {} : { reason: this.#reason }
    return { kind: 'system', hostname, image, bootCount, phase: this.#phase, ...reason }
  }

  /** Boots; resolves when the system is up, or with what the system itself did to its power. */
  async boot(): Promise<PowerRequest> {
    const { name, around, sleep } = this.#hardware
    const root = this.#root
    root.hostname = root.files['/etc/hostname']?.trim() || root.hostname
    root.bootCount += 1
    this.#save()
    around.diary.note({
      machine: name,
      kind: 'boot',
      detail: `${root.hostname} (${root.image}) boots from disk, boot ${root.bootCount}`,
    })
    await this.#bootKernel()
    if (root.cloudInit) renderNetwork(root.files, this.#hardware.nics)
    this.#network = new SystemNetwork(this.#configured(), this.#hardware.nics, around.fabric)
    this.#hardware.changed()
    for (const { name: face, activeNic } of this.#network.live())
      this.#console.log.kernel(
        `${face}: ${activeNic === null ? 'no carrier' : `active interface up, ${activeNic}`}`,
      )
    await acquireLeases(this.#network, name, around, sleep, (waitedMs) =>
      this.#console.log.waiting('Wait for Network to be Configured', waitedMs, '2min'),
    )
    this.#asking = false
    this.#askLate()
    const power = root.cloudInit ? await runCloudInit(this.#cloudInitHost()) : null
    this.#phase = 'up'
    around.diary.note({ machine: name, kind: 'boot', detail: `${root.hostname} is up` })
    this.#leaveTenantData()
    this.#hardware.changed()
    this.#console.log.reached('Reached target Multi-User System.')
    this.#console.login()
    if (power !== null) await this.#shutDown(power, 'cloud-init requested a power state')
    return power
  }

  /** ACPI button: heeded only when up, once. Resolves when the system has shut down; false if it does not heed. */
  async pressButton(): Promise<boolean> {
    if (this.#phase !== 'up' || this.#shuttingDown || this.#hardware.dials.softOffIgnored) return false
    await this.#shutDown('poweroff', 'Power key pressed.')
    return true
  }

  live(): LiveInterface[] {
    return this.#network.live()
  }

  reach(): Map<number, string> {
    return this.#network.reach()
  }

  /** A link or a port changed: fail over where needed, and ask again where a lease is missing. */
  linksChanged(): void {
    const before = new Map(this.#network.live().map((one) => [one.name, one.activeNic]))
    this.#network.refresh()
    for (const { name, activeNic } of this.#network.live()) {
      if (activeNic === before.get(name)) continue
      const now = activeNic === null ? 'no carrier' : `making interface ${activeNic} the new active one`
      this.#console.log.kernel(`${name}: ${now}`)
    }
    this.#askLate()
  }

  /** The tenant's own `netplan apply` of one more VLAN interface, kept over the next boot. */
  async addVlan(vlan: number, mac: string): Promise<LiveInterface> {
    const link = this.#network.live().find((one) => !one.tagged)
    if (this.#phase !== 'up' || !link)
      throw new Error(`${this.#root.hostname} is not up, or has no interface to add a VLAN to`)
    const name = `${link.name}.${vlan}`
    const added: NetInterface = {
      name,
      kind: 'vlan',
      mac,
      dhcp4: true,
      optional: true,
      nics: [],
      singleActive: true,
      link: link.name,
      vlan,
    }
    const entry = { id: vlan, link: link.name, macaddress: mac, dhcp4: true, optional: true }
    // netplan reads JSON too: it is YAML.
    this.#root.files[`/etc/netplan/70-vlan-${vlan}.yaml`] = JSON.stringify({
      network: { version: 2, vlans: { [name]: entry } },
    })
    this.#save()
    this.#network.add(added)
    this.#hardware.changed()
    await this.#hardware.sleep(LATE_EXCHANGE_MS)
    askOnce(this.#network, this.#hardware.name, this.#hardware.around)
    const face = this.#network.live().find((one) => one.name === name)
    if (!face) throw new Error(`${name} vanished`)
    return face
  }

  #askLate(): void {
    if (this.#asking || this.#network.leaseless().length === 0) return
    this.#asking = true
    this.#askOn()
      .catch((error: unknown) => {
        if (!this.#hardware.signal.aborted) throw error
      })
      .finally(() => {
        this.#asking = false
      })
  }

  async #askOn(): Promise<void> {
    const { name, around, sleep } = this.#hardware
    await sleep(LATE_EXCHANGE_MS)
    for (let tries = 0; tries < LATE_TRIES; tries += 1) {
      askOnce(this.#network, name, around)
      if (this.#network.leaseless().length === 0) return
      await sleep(LATE_RETRY_MS)
    }
  }

  async #shutDown(power: 'poweroff' | 'reboot', why: string): Promise<void> {
    this.#shuttingDown = true
    const { chance, dials, sleep } = this.#hardware
    const span = chance.jitter(SHUTDOWN_MS, 0.2)
    this.#console.shutDown(power, span * dials.slow, why)
    await sleep(span)
  }

  async #bootKernel(): Promise<void> {
    const { machine, nics, around, chance, dials, serialPort, sleep } = this.#hardware
    const title = titleOf(this.#root.image)
    const commandLine = `BOOT_IMAGE=/boot/vmlinuz-${KERNEL} root=/dev/${machine.disks[0]?.name}2 ro`
    serialPort.print('', `Booting '${title}' from ${machine.disks[0]?.name}`, 'Loading initial ramdisk ...')
    const span = chance.jitter(KERNEL_MS, 0.2)
    this.#console.log.narrate(span * dials.slow, [
      ...kernelBoot({ machine, nics, hasLink: (nic) => hasLink(nic, around.fabric), commandLine, title }),
      { kernel: `systemd[1]: Hostname set to <${this.#root.hostname}>.` },
      { reached: 'Reached target Local File Systems.' },
    ])
    await sleep(span)
  }

  #runInShell(command: string, args: readonly string[]): string | null {
    const system = {
      hostname: () => this.#root.hostname,
      interfaces: () => this.#network.live(),
      files: () => this.#root.files,
      uptimeSeconds: () => this.#console.log.uptime(),
      power: (request: 'poweroff' | 'reboot') => this.#powerFromShell(request),
    }
    return runShellCommand(system, command, args)
  }

  #powerFromShell(request: 'poweroff' | 'reboot'): void {
    if (this.#shuttingDown) return
    this.#shutDown(request, `System is ${request === 'reboot' ? 'rebooting' : 'powering down'}.`)
      .then(() => this.#hardware.power(request))
      .catch((error: unknown) => {
        if (!this.#hardware.signal.aborted) throw error
      })
  }

  #configured(): NetInterface[] {
    try {
      return readNetplan(this.#root.files, this.#hardware.nics)
    } catch (error) {
      const { name, around } = this.#hardware
      around.diary.note({
        machine: name,
        kind: 'boot',
        detail: `no network: netplan refuses its configuration: ${String(error)}`,
      })
      return []
    }
  }

  /** A tenant writes to its disks wherever it runs on its own; in the PXE VLAN only the hand-over does. */
  #leaveTenantData(): void {
    const face = this.#network.defaultInterface()
    const { name, around, disks } = this.#hardware
    if (!face || face.vlan === null || face.vlan === around.bootServer.vlan) return
    const marker = `TENANT-DATA ${this.#root.hostname} ${face.mac}`
    for (const disk of disks) writeTenantData(disk, marker)
    around.diary.note({ machine: name, kind: 'disk', vlan: face.vlan, mac: face.mac, detail: marker })
  }

  #save(): void {
    const [disk] = this.#hardware.disks
    if (disk) writeRoot(disk, this.#root)
  }

  #cloudInitHost(): CloudInitHost {
    const { name, around, signal, sleep } = this.#hardware
    const root = this.#root
    return {
      machine: name,
      network: this.#network,
      console: this.#console,
      around,
      signal,
      sleep,
      get files() {
        return root.files
      },
      set files(files) {
        root.files = files
      },
      save: () => this.#save(),
      hang: (reason) => {
        this.#phase = reason === null ? 'booting' : 'hanging'
        this.#reason = reason
        if (reason === null) return
        this.#console.log.waiting('Initial cloud-init job (metadata service crawler)', 10_000, 'no limit')
        this.#console.log.program('cloud-init[812]', `url_helper.py[WARNING]: ${reason}`)
        around.diary.note({ machine: name, kind: 'boot', detail: `${root.hostname} hangs: ${reason}` })
      },
      setHostname: (hostname) => {
        root.hostname = hostname
        root.files['/etc/hostname'] = `${hostname}\n`
      },
    }
  }
}
