import { expect } from 'vitest'
import { PXE_VLAN } from '../../lab/site.ts'
import type { WorldMachine } from '../../lab/world/types.ts'
import type { Production } from './production.ts'
import { waitUntil } from './wait.ts'

/** What CloudStack's clients tell of a NIC and of a VM, as far as it is looked at here. */
interface SeenNic {
  macaddress: string
  ipaddress?: string
}
interface SeenVm {
  state?: string
  nic: readonly SeenNic[]
}

/** What somebody in the room sees of a server that a client of CloudStack asked for. */
export class ServerSight {
  readonly #site: Production
  readonly #hosts: readonly string[]

  constructor(site: Production, hosts: readonly string[]) {
    this.#site = site
    this.#hosts = hosts
  }

  #machines(): WorldMachine[] {
    return this.#hosts.map((name) => this.#site.lab.world.machine(name))
  }

  /** The machine whose system has this NIC's address from a virtual router, under the MAC that CloudStack allocated. */
  async machineWith({ macaddress, ipaddress }: SeenNic): Promise<WorldMachine> {
    const has = (machine: WorldMachine) =>
      machine.interfaces().some(({ mac, lease }) => mac === macaddress && lease?.ip === ipaddress)
    await waitUntil(`a system has ${ipaddress} as ${macaddress}`, () => this.#machines().some(has))
    const found = this.#machines().find(has)
    if (found === undefined) throw new Error(`no system has ${ipaddress} any more`)
    return found
  }

  /** As CloudStack's database has it: not every client tells it. */
  vlanOf({ macaddress }: SeenNic): number | null {
    const { vms, networks } = this.#site.lab.cloudstack.state
    const nic = vms.flatMap((vm) => vm.nics).find(({ mac }) => mac === macaddress)
    return networks.find(({ id }) => id === nic?.networkId)?.vlan ?? null
  }

  #ports(machine: WorldMachine) {
    return this.#site.portsOf(machine.name).map(({ untagged, tagged }) => [untagged, ...tagged])
  }

  /** Every port of the server carries these NICs' VLANs, the first one untagged, and no other. */
  async runs(vm: SeenVm): Promise<WorldMachine> {
    expect(vm.state ?? 'running').toMatch(/running/i)
    const [first] = vm.nic
    if (first === undefined) throw new Error('the server has no NIC')
    const machine = await this.machineWith(first)
    // It has its address before it has booted.
    await waitUntil(`the system of ${machine.name} is up`, () => {
      const running = machine.running()
      return running.kind === 'system' && running.phase === 'up'
    })
    expect(this.#ports(machine)).toEqual(machine.nics.map(() => vm.nic.map((nic) => this.vlanOf(nic))))
    return machine
  }

  rests(machine: WorldMachine): void {
    expect(machine.power()).toBe('off')
    expect(this.#ports(machine)).toEqual(machine.nics.map(() => [PXE_VLAN]))
  }

  async isWiped(machine: WorldMachine): Promise<void> {
    // CloudStack is done with it, and the wipe goes on
    await waitUntil(`${machine.name} is wiped`, () => machine.disks.every((disk) => disk.isBlank()))
    await waitUntil(
      `MAAS has ${machine.name} ready`,
      () => this.#site.lab.maasStatus(machine)?.status === 'Ready',
    )
    await waitUntil(`${machine.name} is off`, () => machine.power() === 'off')
    this.rests(machine)
  }
}
