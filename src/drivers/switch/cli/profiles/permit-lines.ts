import { vlanName } from '../plan.ts'
import type { TrunkLines } from '../plan-trunk.ts'
import { vlanWords } from '../vlan-list.ts'

const under = (port: string, ...lines: string[]) => [
  `interface ${port}`,
  ...lines.map((line) => ` ${line}`),
  ' quit',
]

/** The words that Comware and VRP have in common; `permit` is the one in which they differ. */
export function permitLines(permit: string): TrunkLines {
  return {
    createVlan: (vlan) => [`vlan ${vlan}`, ` name ${vlanName(vlan)}`, ' quit'],
    shutdown: (port) => under(port, 'shutdown'),
    noShutdown: (port) => under(port, 'undo shutdown'),
    native: (port, vlan) => under(port, `port trunk pvid vlan ${vlan}`),
    permit: (port, vlans) =>
      under(port, ...vlanWords(vlans).map((list) => `port trunk ${permit} vlan ${list}`)),
    forbid: (port, vlans) =>
      under(port, ...vlanWords(vlans).map((list) => `undo port trunk ${permit} vlan ${list}`)),
  }
}
