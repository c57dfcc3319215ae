import type { SwitchFabric, WorldMachine } from './world/types.ts'

/** A NIC whose firmware announces itself by LLDP on a port of a switch, with its own MAC as port id and chassis id. */
export interface AnnouncedMac {
  port: string
  mac: string
  /** Seconds. */
  ttl: number
}

/** Each 30 s, to be believed four times as long and one more: the defaults of IEEE 802.1AB. */
const TTL = 121

/** Whom one switch hears by LLDP at this instant. Such frames belong to no VLAN: only a link is needed. */
export function announcedMacs(
  machines: readonly Pick<WorldMachine, 'dials' | 'nics' | 'power'>[],
  fabric: SwitchFabric,
  address: string,
): AnnouncedMac[] {
  return machines.flatMap((machine) =>
    machine.nics
      .filter(({ name, cable, linkUp }) => {
        const speaks = machine.dials.lldpNics.includes(name) && machine.power() === 'on'
        return speaks && linkUp && cable.switch === address && fabric.membership(cable).enabled
      })
      .map(({ cable, mac }) => ({ port: cable.port, mac, ttl: TTL })),
  )
}
