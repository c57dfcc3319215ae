import type { AnnouncedMac } from '../announced-macs.ts'

/** `interface` of openconfig-lldp's `/lldp/interfaces`, as JSON. */
export function lldpInterfaces(ports: Iterable<string>, announced: readonly AnnouncedMac[]): unknown[] {
  return [...ports].map((name) => {
    const heard = announced.filter(({ port }) => port === name)
    const neighbor = heard.map(({ mac, ttl }, index) => ({
      id: String(index + 1),
      state: {
        'chassis-id': mac,
        'chassis-id-type': 'MAC_ADDRESS',
        'port-id': mac.toUpperCase(),
        'port-id-type': 'MAC_ADDRESS',
        ttl,
      },
    }))
    return { name, config: { name, enabled: true }, ...(heard.length > 0 ? { neighbors: { neighbor } } : {}) }
  })
}
