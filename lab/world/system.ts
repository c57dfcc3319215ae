import { type CloudInitHost, renderNetwork, runCloudInit } from './cloud-init.ts'
import { acquireLeases, askOnce } from './dhcp.ts'
import type { Dials } from './dials.ts'
import type { SparseDisk } from './disk.ts'
import { type Root, writeRoot, writeTenantData } from './installed.ts'
import { type NetInterface, readNetplan } from './netplan.ts'
import { SystemNetwork } from './network.ts'
import type { PowerRequest } from './stand-ins.ts'
import type { Surroundings } from './surroundings.ts'
import type { Chance, LiveInterface, Nic, Running } from './types.ts'

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
  readonly nics: readonly Nic[]
  readonly disks: readonly SparseDisk[] // [0] holds the system
  readonly dials: Dials
  readonly chance: Chance
  readonly around: Surroundings
  /** Aborts when power goes. */
  readonly signal: AbortSignal
  sleep(ms: number): Promise<void>
  /** Called whenever what others can see of the system may have changed. */
  changed(): void
}

/** An installed system from its boot loader on. It lives until its hardware's signal aborts. */
export class RunningSystem {
  readonly #hardware: SystemHardware
  readonly #root: Root
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
    await sleep(this.#hardware.chance.jitter(KERNEL_MS, 0.2))
    if (root.cloudInit) renderNetwork(root.files, this.#hardware.nics)
    this.#network = new SystemNetwork(this.#configured(), this.#hardware.nics, around.fabric)
    this.#hardware.changed()
    await acquireLeases(this.#network, name, around, sleep)
    this.#asking = false
    this.#askLate()
    const power = root.cloudInit ? await runCloudInit(this.#cloudInitHost()) : null
    this.#phase = 'up'
    around.diary.note({ machine: name, kind: 'boot', detail: `${root.hostname} is up` })
    this.#leaveTenantData()
    this.#hardware.changed()
    if (power !== null) await this.#shutDown()
    return power
  }

  /** ACPI button: heeded only when up, once. Resolves when the system has shut down; false if it does not heed. */
  async pressButton(): Promise<boolean> {
    if (this.#phase !== 'up' || this.#shuttingDown || this.#hardware.dials.softOffIgnored) return false
    await this.#shutDown()
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
    this.#network.refresh()
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

  async #shutDown(): Promise<void> {
    this.#shuttingDown = true
    await this.#hardware.sleep(this.#hardware.chance.jitter(SHUTDOWN_MS, 0.2))
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
        if (reason !== null)
          around.diary.note({ machine: name, kind: 'boot', detail: `${root.hostname} hangs: ${reason}` })
      },
      setHostname: (hostname) => {
        root.hostname = hostname
        root.files['/etc/hostname'] = `${hostname}\n`
      },
    }
  }
}
