import { eosFallback } from '../../switchport/pre-made-lag.ts'
import {
  commonPort,
  listedNativePort,
  macTable,
  portSections,
  sections,
  vlanSections,
} from '../config-text.ts'
import { eosNeighbours } from '../neighbours.ts'
import { dormantPlan } from '../plan.ts'
import type { CliProfile, SeenConfig } from '../profile.ts'
import { ciscoLines } from './cisco-lines.ts'

/** Arista EOS. */
export const eos: CliProfile = {
  type: 'EOS-CLI',
  product: 'an Arista switch',
  ports: {
    types: [
      { name: 'Ethernet', prefixes: ['ethernet', 'eth', 'et', 'e'], position: /^\d{1,3}(?:\/\d{1,3}){0,2}$/ },
      { name: 'Port-Channel', prefixes: ['port-channel', 'po'], position: /^\d{1,7}$/ },
    ],
    defaultType: 'ethernet',
    example: 'Write it as `show interfaces status` does: Et3, Ethernet1/3, 1/3, Po10.',
  },
  prompts: { first: /^(?<host>[\w.-]+)[>#] ?$/, exec: /#/, config: /\(config[^)]*\)#/ },
  // A user of a role without privilege 15 begins one level below.
  begin: ['enable', 'terminal length 0', 'terminal width 511'],
  errors: [/^% ?\S/, /^error:/i, /^! .*(?:not (?:allowed|supported|permitted)|denied)/i, /command rejected/i],
  configure: { enter: ['configure terminal'], leave: ['end'] },
  read: {
    running: ['show running-config'],
    saved: ['show startup-config'],
    nothingSaved: /no such file|startup-config.*(?:not found|does not exist)/i,
    parse: ([text = '']) => parse(text),
    fallback: eosFallback,
    fdb: {
      command: (port) => `show mac address-table interface ${port}`,
      parse: macTable,
      byName: false,
    },
    neighbours: eosNeighbours,
  },
  save: 'write memory',
  nativelessTrunk: true,
  plan: dormantPlan(ciscoLines),
}

function parse(text: string): SeenConfig {
  const found = sections(text)
  const ports = portSections(found, (name, lines) => {
    if (!/^(?:Ethernet|Port-Channel)\d/.test(name)) return null
    const port = commonPort(lines)
    return listedNativePort(port, port.shutdown !== true, 'access')
  })
  return { ports, vlans: vlanSections(found) }
}
