import { os10Fallback } from '../../switchport/pre-made-lag.ts'
import { besideListPort, commonPort, macTable, portSections, sections } from '../config-text.ts'
import { os10Neighbours } from '../neighbours.ts'
import { type MemberLines, memberPlan } from '../plan.ts'
import type { CliProfile, SeenConfig } from '../profile.ts'
import { vlanLists } from '../vlan-list.ts'

const under = (port: string, ...lines: string[]) => [`interface ${port}`, ...lines.map((line) => ` ${line}`)]

/** `trunk allowed vlan` adds to the list; the untagged VLAN of a trunk is its access VLAN. */
const lines: MemberLines = {
  createVlan: (vlan) => [`interface vlan ${vlan}`, ' description ferrule', ' exit'],
  shutdown: (port) => under(port, 'shutdown'),
  noShutdown: (port) => under(port, 'no shutdown'),
  mode: (port, mode) => under(port, `switchport mode ${mode}`),
  moveUntagged: (port, _from, to) =>
    under(port, to === null ? 'no switchport access vlan' : `switchport access vlan ${to}`),
  addTagged: (port, vlans) =>
    under(port, ...vlanLists(vlans).map((list) => `switchport trunk allowed vlan ${list}`)),
  removeTagged: (port, vlans) =>
    under(port, ...vlanLists(vlans).map((list) => `no switchport trunk allowed vlan ${list}`)),
}

/** Dell SmartFabric OS10. */
export const os10: CliProfile = {
  type: 'OS10-CLI',
  product: 'a Dell switch with OS10',
  ports: {
    types: [
      { name: 'ethernet', prefixes: ['ethernet', 'eth', 'e'], position: /^\d{1,3}(?:\/\d{1,3}){2}(?::\d)?$/ },
      { name: 'port-channel', prefixes: ['port-channel', 'po'], position: /^\d{1,4}$/ },
    ],
    defaultType: 'ethernet',
    example: 'Write it as `show interface status` does: Eth 1/1/3, 1/1/3, 1/1/3:1, port-channel10.',
  },
  prompts: { first: /^(?<host>[\w.-]+)# ?$/, exec: /#/, config: /\(conf[^)]*\)#/ },
  begin: ['terminal length 0'],
  errors: [/^% ?\S/, /^error:/i, /syntax error/i, /(?:incomplete|ambiguous) command/i, /permission denied/i],
  configure: { enter: ['configure terminal'], leave: ['end'] },
  read: {
    running: ['show running-configuration'],
    saved: ['show startup-configuration'],
    nothingSaved: /no startup configuration|startup.* (?:not found|does not exist)/i,
    parse: ([text = '']) => parse(text),
    fallback: os10Fallback,
    fdb: {
      command: (port) => `show mac address-table interface ${port.replace(/\d/, ' $&')}`,
      parse: macTable,
      byName: false,
    },
    neighbours: os10Neighbours,
  },
  save: 'write memory',
  nativelessTrunk: true,
  plan: memberPlan(lines),
}

function parse(text: string): SeenConfig {
  const found = sections(text)
  const vlans = new Map<number, string | null>()
  for (const [header, said] of found) {
    const vlan = /^interface vlan ?(\d+)$/.exec(header)?.[1]
    const description = said.map((line) => /^description (.+)$/.exec(line)?.[1]).find((one) => one)
    if (vlan !== undefined) vlans.set(Number(vlan), description ?? null)
  }
  const ports = portSections(found, (name, said) => {
    if (!/^(?:ethernet|port-channel)\d/.test(name)) return null
    const port = commonPort(said)
    return besideListPort(port, port.shutdown === false)
  })
  return { ports, vlans }
}
