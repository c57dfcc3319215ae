import type { Learned } from '../restconf/mac-table.ts'
import type { SwitchportConfig } from '../switchport/config.ts'
import { type Element, element } from './element.ts'
import { OC_INSTANCE } from './schema.ts'

const inInstance = (name: string, inner: string | readonly Element[]) => element(OC_INSTANCE, name, inner)

/** `fdb` of openconfig-network-instance, which is of the state. */
export function fdbElement({ ports }: SwitchportConfig, learned: Learned): Element {
  const entries = [...ports.keys()].flatMap((port) =>
    learned(port).map(({ mac, vlan }) => {
      const key = [inInstance('mac-address', mac.toUpperCase()), inInstance('vlan', String(vlan))]
      const at = [inInstance('interface', port), inInstance('subinterface', '0')]
      return inInstance('entry', [
        ...key,
        inInstance('state', [...key, inInstance('entry-type', 'DYNAMIC')]),
        inInstance('interface', [inInstance('interface-ref', [inInstance('state', at)])]),
      ])
    }),
  )
  return inInstance('fdb', [inInstance('mac-table', [inInstance('entries', entries)])])
}
