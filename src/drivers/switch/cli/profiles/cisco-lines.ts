import type { DormantLines } from '../plan.ts'
import { vlanName } from '../plan.ts'
import { vlanLists } from '../vlan-list.ts'

const under = (port: string, ...lines: string[]) => [`interface ${port}`, ...lines.map((line) => ` ${line}`)]

/** The words that IOS, NX-OS and EOS have in common. */
export const ciscoLines: DormantLines = {
  // IOS makes the VLAN when its mode is left.
  createVlan: (vlan) => [`vlan ${vlan}`, ` name ${vlanName(vlan)}`, ' exit'],
  shutdown: (port) => under(port, 'shutdown'),
  noShutdown: (port) => under(port, 'no shutdown'),
  access: (port, vlan) => under(port, `switchport access vlan ${vlan}`),
  native: (port, vlan) => under(port, `switchport trunk native vlan ${vlan}`),
  allowed: (port, vlans) => {
    const [first = 'none', ...more] = vlanLists(vlans)
    return under(
      port,
      `switchport trunk allowed vlan ${first}`,
      ...more.map((list) => `switchport trunk allowed vlan add ${list}`),
    )
  },
  mode: (port, mode) => under(port, `switchport mode ${mode}`),
}
