import type { AnnouncedMac } from '../../announced-macs.ts'
import { type Element, element } from './element.ts'
import { OC_LLDP } from './schema.ts'

const inLldp = (name: string, inner: string | readonly Element[]) => element(OC_LLDP, name, inner)

/** `lldp` of openconfig-lldp, which is of the state here: nobody configures it. */
export function lldpElement(ports: Iterable<string>, announced: readonly AnnouncedMac[]): Element {
  const interfaces = [...ports].map((name) => {
    const heard = announced.filter(({ port }) => port === name)
    return inLldp('interface', [
      inLldp('name', name),
      ...(heard.length > 0 ? [inLldp('neighbors', heard.map(neighbour))] : []),
    ])
  })
  return inLldp('lldp', [inLldp('interfaces', interfaces)])
}

function neighbour({ mac, ttl }: AnnouncedMac, index: number): Element {
  const id = inLldp('id', String(index + 1))
  return inLldp('neighbor', [
    id,
    inLldp('state', [
      id,
      inLldp('chassis-id', mac),
      inLldp('chassis-id-type', 'MAC_ADDRESS'),
      inLldp('port-id', mac),
      inLldp('port-id-type', 'MAC_ADDRESS'),
      inLldp('ttl', String(ttl)),
    ]),
  ])
}
