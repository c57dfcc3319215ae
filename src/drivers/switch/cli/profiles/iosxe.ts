import { commonPort, listedNativePort, macTable, portSections, sections } from '../config-text.ts'
import { iosxeNeighbours } from '../neighbours.ts'
import { dormantPlan } from '../plan.ts'
import type { CliProfile, PortNames, SeenConfig } from '../profile.ts'
import { ciscoLines } from './cisco-lines.ts'

/** member/module/port of a stack, slot/port of a chassis. */
const position = /^\d{1,2}(?:\/\d{1,3}){1,2}$/

const types: PortNames['types'] = [
  { name: 'GigabitEthernet', prefixes: ['gigabitethernet', 'gi', 'gig'], position },
  { name: 'TwoGigabitEthernet', prefixes: ['twogigabitethernet', 'tw'], position },
  { name: 'FiveGigabitEthernet', prefixes: ['fivegigabitethernet', 'fi'], position },
  { name: 'TenGigabitEthernet', prefixes: ['tengigabitethernet', 'te', 'ten'], position },
  { name: 'TwentyFiveGigE', prefixes: ['twentyfivegige', 'twentyfivegigabitethernet', 'twe'], position },
  { name: 'FortyGigabitEthernet', prefixes: ['fortygigabitethernet', 'fo'], position },
  { name: 'HundredGigE', prefixes: ['hundredgige', 'hundredgigabitethernet', 'hu'], position },
  { name: 'Port-channel', prefixes: ['port-channel', 'po'], position: /^\d{1,3}$/ },
]

/** Cisco Catalyst with IOS XE. */
export const iosxe: CliProfile = {
  type: 'IOS-XE-CLI',
  product: 'a Cisco switch with IOS XE',
  ports: {
    types,
    example:
      'Write it with its type, as `show interfaces status` does: Gi1/0/3, TenGigabitEthernet1/1/1, Po10.',
  },
  prompts: { first: /^(?<host>[\w.-]+)# ?$/, exec: /#/, config: /\(config[^)]*\)#/ },
  begin: ['terminal length 0', 'terminal width 0'],
  errors: [
    /^% ?(?!access vlan does not exist\. creating)\S/i,
    /^error:/i,
    /^command rejected/i,
    /^command authorization failed/i,
    /bad vlan/i,
  ],
  configure: { enter: ['configure terminal'], leave: ['end'] },
  read: {
    // VLANs stand in a file of their own, unless VTP is transparent.
    running: ['show running-config', 'show vlan brief'],
    saved: ['show startup-config'],
    nothingSaved: /startup-config is not present/i,
    parse: ([text = '', vlans = '']) => parse(text, vlans),
    fdb: {
      command: (port) => `show mac address-table interface ${port}`,
      parse: macTable,
      byName: false,
    },
    neighbours: iosxeNeighbours,
  },
  save: 'write memory',
  nativelessTrunk: true,
  plan: dormantPlan(ciscoLines),
}

const names = new RegExp(`^(?:${types.map(({ name }) => name).join('|')})\\d`)

function parse(text: string, vlanBrief: string): SeenConfig {
  const found = sections(text)
  const tagsNative = found.has('vlan dot1q tag native')
  const ports = portSections(found, (name, lines) => {
    if (!names.test(name)) return null
    const port = commonPort(lines)
    // Without a mode IOS lets the neighbour choose.
    const seen = listedNativePort(port, port.shutdown !== true, null)
    return tagsNative ? { ...seen, undriven: 'the switch tags native VLANs' } : seen
  })
  const vlans = new Map<number, string | null>()
  for (const line of vlanBrief.split('\n')) {
    const match = /^(\d{1,4})\s+(\S+)\s+\S/.exec(line)
    if (match) vlans.set(Number(match[1]), match[2] ?? null)
  }
  return { ports, vlans }
}
