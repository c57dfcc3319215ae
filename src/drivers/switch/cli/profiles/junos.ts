import type { PortState } from '../../types.ts'
import { vlanName, type WholeLines, wholePlan } from '../plan.ts'
import type { CliProfile, SeenConfig } from '../profile.ts'
import { vlanParts, withVlan } from '../vlan-list.ts'
import { parseSet } from './junos-set.ts'

const switching = 'unit 0 family ethernet-switching'

/** `delete` of what is not there is a warning and no error. */
const lines: WholeLines = {
  createVlan: (vlan) => [`set vlans ${vlanName(vlan)} vlan-id ${vlan}`],
  shutdown: (port) => [`set interfaces ${port} disable`],
  noShutdown: (port) => [`delete interfaces ${port} disable`],
  whole: (port, { untagged, tagged }: PortState) => {
    const trunk = tagged.length > 0 || untagged === null
    const members = vlanParts(withVlan(tagged, untagged))
    return [
      `delete interfaces ${port} native-vlan-id`,
      `delete interfaces ${port} ${switching} vlan`,
      `set interfaces ${port} ${switching} interface-mode ${trunk ? 'trunk' : 'access'}`,
      ...members.map((part) => `set interfaces ${port} ${switching} vlan members ${part}`),
      ...(trunk && untagged !== null ? [`set interfaces ${port} native-vlan-id ${untagged}`] : []),
    ]
  },
}

/** Juniper EX and QFX with Junos and Enhanced Layer 2 Software. */
export const junos: CliProfile = {
  type: 'Junos-CLI',
  product: 'a Juniper switch',
  ports: {
    types: [
      ...['ge', 'mge', 'xe', 'et'].map((name) => ({
        name,
        prefixes: [name],
        position: /^-\d{1,2}\/\d{1,2}\/\d{1,3}(?::\d)?$/,
      })),
      { name: 'ae', prefixes: ['ae'], position: /^\d{1,4}$/ },
    ],
    example: 'Write it as `show interfaces terse` does, without the unit: ge-0/0/3, xe-0/0/3:1, ae10.',
  },
  prompts: { first: /^(?<host>[\w.-]+@[\w.-]+)> ?$/, exec: />/, config: /#/ },
  begin: ['set cli complete-on-space off', 'set cli screen-length 0', 'set cli screen-width 0'],
  errors: [
    /^error:/i,
    /^(?:syntax error|unknown command|missing argument|invalid \S+|permission denied)/i,
    /is ambiguous/i,
    /^\^?\s*(?:syntax error|unknown command)/i,
    /commit failed|check-out failed/i,
  ],
  configure: {
    // A candidate of our own: what others have not committed yet is not committed with ours.
    enter: ['configure private'],
    leave: ['exit configuration-mode'],
    commit: {
      candidate: [
        'show interfaces | display inheritance | display set | no-more',
        'show vlans | display inheritance | display set | no-more',
      ],
      command: 'commit',
      done: /^commit complete/m,
    },
  },
  read: {
    running: [
      'show configuration interfaces | display inheritance | display set | no-more',
      'show configuration vlans | display inheritance | display set | no-more',
    ],
    // What is committed is what it starts with.
    saved: null,
    parse: (answers) => parseSet(answers.join('\n')),
    fdb: {
      command: (port) => `show ethernet-switching table interface ${port}`,
      parse: macsByName,
      byName: true,
    },
  },
  save: null,
  nativelessTrunk: true,
  plan: wholePlan(lines),
}

/** The table has names of VLANs where others have numbers. */
function macsByName(answer: string, { vlans }: SeenConfig): { mac: string; vlan: number }[] {
  const numbers = new Map([...vlans].map(([vlan, name]) => [name, vlan]))
  return answer.split('\n').flatMap((line) => {
    const match = /^\s*(\S+)\s+((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\s/i.exec(line)
    const vlan = numbers.get(match?.[1] ?? '')
    return match?.[2] && vlan !== undefined ? [{ mac: match[2].toLowerCase(), vlan }] : []
  })
}
