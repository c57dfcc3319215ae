import {
  commonPort,
  listedNativePort,
  macTable,
  portSections,
  sections,
  vlanSections,
} from '../config-text.ts'
import { nxosNeighbours } from '../neighbours.ts'
import { dormantPlan } from '../plan.ts'
import type { CliProfile, SeenConfig } from '../profile.ts'
import { ciscoLines } from './cisco-lines.ts'

/** Cisco Nexus with NX-OS. */
export const nxos: CliProfile = {
  type: 'NX-OS-CLI',
  product: 'a Cisco Nexus',
  ports: {
    types: [
      { name: 'Ethernet', prefixes: ['ethernet', 'eth', 'et', 'e'], position: /^\d{1,3}(?:\/\d{1,3}){1,2}$/ },
      { name: 'port-channel', prefixes: ['port-channel', 'po'], position: /^\d{1,4}$/ },
    ],
    defaultType: 'ethernet',
    example: 'Write it as `show interface status` does: Eth1/3, 1/3, Eth101/1/3, Po10.',
  },
  prompts: { first: /^(?<host>[\w.-]+)# ?$/, exec: /#/, config: /\(config[^)]*\)#/ },
  begin: ['terminal length 0', 'terminal width 511'],
  errors: [
    /^% ?\S/,
    /^error:/i,
    /invalid (?:command|number|range|input|value|interface)/i,
    /(?:incomplete|ambiguous) command/i,
    /permission denied/i,
    /(?:command )?rejected/i,
    /does not exist/i,
  ],
  configure: { enter: ['configure terminal'], leave: ['end'] },
  read: {
    running: ['show running-config'],
    saved: ['show startup-config'],
    nothingSaved: /no startup configuration/i,
    parse: ([text = '']) => parse(text),
    fdb: {
      command: (port) => `show mac address-table interface ${port}`,
      parse: macTable,
      byName: false,
    },
    neighbours: nxosNeighbours,
  },
  save: 'copy running-config startup-config',
  nativelessTrunk: true,
  plan: dormantPlan(ciscoLines),
}

/**
 * NX-OS prints what differs from its defaults, and whether ports are routed by default depends on the model. A port
 * that says nothing of Layer 2 is not taken for one of it.
 */
function parse(text: string): SeenConfig {
  const found = sections(text)
  const shutByDefault = found.has('system default switchport shutdown')
  const tagsNative = found.has('vlan dot1q tag native')
  const ports = portSections(found, (name, lines) => {
    if (!/^(?:Ethernet|port-channel)\d/.test(name)) return null
    const port = commonPort(lines)
    const seen = listedNativePort(port, !(port.shutdown ?? shutByDefault), 'access')
    if (!port.layer2) return { ...seen, undriven: port.undriven ?? 'it shows no `switchport` setting' }
    return tagsNative ? { ...seen, undriven: 'the switch tags native VLANs' } : seen
  })
  return { ports, vlans: vlanSections(found) }
}
