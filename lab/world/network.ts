import { passesWithoutLacp } from './lacp.ts'
import type { NetInterface } from './netplan.ts'
import type { Ip6Address, LiveInterface, Nic, PortMembership, SwitchFabric } from './types.ts'

export type Lease = NonNullable<LiveInterface['lease']>

/** The network of a running installed system: which member is active, and where its frames go at this instant. */
export class SystemNetwork {
  readonly #nics: readonly Nic[]
  readonly #fabric: SwitchFabric
  readonly #interfaces: NetInterface[]
  readonly #active = new Map<string, string | null>()
  readonly #leases = new Map<string, Lease>()
  /** Made of what routers advertised. */
  readonly #advertised = new Map<string, Ip6Address>()

  constructor(interfaces: readonly NetInterface[], nics: readonly Nic[], fabric: SwitchFabric) {
    this.#interfaces = [...interfaces]
    this.#nics = nics
    this.#fabric = fabric
    this.refresh()
  }

  /**
   * Looks at the links again. The active member of a bond changes on loss of its link alone and does not come back by
   * itself (Linux bonding, active-backup without `primary`). An interface that lost its carrier forgets its lease.
   */
  refresh(): void {
    for (const one of this.#interfaces) {
      if (one.kind === 'vlan') continue
      const before = this.#active.get(one.name)
      const fit = one.lacp ? this.#aggregator(one, before) : one.nics.filter((nic) => this.#hasLink(nic))
      if (before && fit.includes(before)) continue
      const next = fit[0] ?? null
      this.#active.set(one.name, next)
      if (next === null) this.#forgetLeases(one.name)
    }
  }

  add(added: NetInterface): void {
    const at = this.#interfaces.findIndex((one) => one.name === added.name)
    if (at >= 0) this.#interfaces.splice(at, 1)
    this.#interfaces.push(added)
    this.#leases.delete(added.name)
    this.#advertised.delete(added.name)
  }

  live(): LiveInterface[] {
    return this.#interfaces.map((one) => {
      const activeNic = this.#active.get(one.link ?? one.name) ?? null
      const { name, mac } = one
      const tagged = one.kind === 'vlan'
      const vlan = activeNic === null ? null : entered(this.#frames(one, activeNic), one.vlan)
      const besides = this.#besides(one, activeNic)
      const lease = this.#leases.get(name) ?? null
      const ip6 = this.#ip6(one)
      return {
        ...{ name, mac, vlan, tagged, activeNic, ...(besides.length > 0 ? { besides } : {}), lease },
        ...(ip6.length > 0 ? { ip6 } : {}),
      }
    })
  }

  /** Every VLAN into which this system's frames can get, with the MAC that is seen there. */
  reach(): Map<number, string> {
    const reached = new Map<number, string>()
    for (const one of this.#interfaces) {
      if (one.kind === 'vlan') continue
      for (const nic of this.#carriers(one)) {
        const { untagged, tagged } = this.#frames(one, nic)
        for (const vlan of [untagged, ...tagged]) {
          if (vlan !== null && !reached.has(vlan)) reached.set(vlan, this.#macIn(vlan, one, nic))
        }
      }
    }
    return reached
  }

  /** Interfaces that wait for an answer to their DHCP. */
  leaseless(): { name: string; mac: string; vlan: number | null; optional: boolean }[] {
    const live = new Map(this.live().map((one) => [one.name, one]))
    return this.#interfaces
      .filter((one) => one.dhcp4 && !this.#leases.has(one.name))
      .map(({ name, mac, optional }) => ({ name, mac, optional, vlan: live.get(name)?.vlan ?? null }))
  }

  setLease(name: string, lease: Lease): void {
    this.#leases.set(name, lease)
  }

  /** Interfaces that would take what a router advertises, and have heard none. */
  unadvertised(): { name: string; mac: string; vlan: number | null }[] {
    const live = new Map(this.live().map((one) => [one.name, one]))
    return this.#interfaces
      .filter((one) => !one.ignoresRa && !this.#advertised.has(one.name))
      .map(({ name, mac }) => ({ name, mac, vlan: live.get(name)?.vlan ?? null }))
  }

  setAdvertised(name: string, address: Ip6Address): void {
    this.#advertised.set(name, address)
  }

  #ip6({ name, ip6 = [] }: NetInterface): Ip6Address[] {
    const advertised = this.#advertised.get(name)
    return [...ip6.map((address) => ({ address, router: null })), ...(advertised ? [advertised] : [])]
  }

  /** The one with the default route: the first untagged interface with a lease, else the first untagged one. */
  defaultInterface(): LiveInterface | undefined {
    const untagged = this.live().filter((one) => !one.tagged)
    return untagged.find((one) => one.lease) ?? untagged[0]
  }

  #carriers(one: NetInterface): string[] {
    const active = this.#active.get(one.name)
    if (!active) return []
    if (one.lacp) return this.#aggregator(one, active)
    const others = one.nics.filter((nic) => nic !== active && this.#hasLink(nic))
    return one.singleActive ? [active] : [active, ...others]
  }

  /** bond_alb.c of Linux: what leaves by a member that is not the active one has that member's own MAC. */
  #besides(one: NetInterface, active: string | null): { nic: string; mac: string; vlan: number }[] {
    const bond = this.#interfaces.find(
      ({ name, ownMacs }) => ownMacs && (name === one.name || name === one.link),
    )
    if (!bond) return []
    return this.#carriers(bond).flatMap((nic) => {
      const vlan = entered(this.#frames(one, nic), one.vlan)
      return nic === active || vlan === null ? [] : [{ nic, mac: this.#nic(nic)?.mac ?? '', vlan }]
    })
  }

  /**
   * The members that work together (bond_3ad.c of Linux): those whose switch ports are in one LAG. A member without a
   * partner is an aggregator of its own, and one of these carries frames alone when there is no better one.
   */
  #aggregator(one: NetInterface, active: string | null | undefined): string[] {
    const linked = one.nics.filter((nic) => this.#hasLink(nic))
    const groupOf = (nic: string) => {
      const { lag } = this.#membership(nic)
      return lag === undefined ? null : `${this.#nic(nic)?.cable.switch} ${lag}`
    }
    const partnered = linked.filter((nic) => groupOf(nic) !== null)
    const fit = partnered.length > 0 ? partnered : linked
    const best = fit.find((nic) => nic === active) ?? fit[0]
    if (best === undefined) return []
    const group = groupOf(best)
    return fit.filter((nic) => nic === best || (group !== null && groupOf(nic) === group))
  }

  /** A switch drops what comes from a member of a LAG that it has heard no LACP from, and sends nothing to it. */
  #frames(one: NetInterface, nic: string): PortMembership {
    const seen = this.#membership(nic)
    const speaks = this.#interfaces.some(({ name, lacp }) => lacp && (name === one.name || name === one.link))
    return passesWithoutLacp(seen) || speaks ? seen : { enabled: false, untagged: null, tagged: [] }
  }

  #macIn(vlan: number, link: NetInterface, nic: string): string {
    if (link.ownMacs && nic !== this.#active.get(link.name)) return this.#nic(nic)?.mac ?? ''
    return this.#interfaces.find((one) => one.link === link.name && one.vlan === vlan)?.mac ?? link.mac
  }

  #forgetLeases(name: string): void {
    for (const one of this.#interfaces)
      if (one.name === name || one.link === name) {
        this.#leases.delete(one.name)
        this.#advertised.delete(one.name)
      }
  }

  #hasLink(name: string): boolean {
    const nic = this.#nic(name)
    return nic !== undefined && hasLink(nic, this.#fabric)
  }

  #nic(name: string): Nic | undefined {
    return this.#nics.find((one) => one.name === name)
  }

  #membership(name: string): PortMembership {
    const nic = this.#nic(name)
    return nic ? this.#fabric.membership(nic.cable) : { enabled: false, untagged: null, tagged: [] }
  }
}

/** Loss of link is a pulled cable or a switch port that is shut down. */
export function hasLink(nic: Nic, fabric: SwitchFabric): boolean {
  return nic.linkUp && fabric.membership(nic.cable).enabled
}

/** The VLAN that a frame enters: untagged, or with the tag if the port carries it. */
function entered(port: PortMembership, tag: number | undefined): number | null {
  if (!port.enabled) return null
  if (tag === undefined) return port.untagged
  return port.tagged.includes(tag) ? tag : null
}
