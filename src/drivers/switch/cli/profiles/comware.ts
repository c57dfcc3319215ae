import { macFirstTable } from '../mac-first.ts'
import { trunkPlan } from '../plan-trunk.ts'
import type { CliProfile, PortNames } from '../profile.ts'
import { permitLines } from './permit-lines.ts'
import { type PermitWords, parsePermits } from './permit-text.ts'

/** member/slot/port, and the lane of one that is split. */
const position = /^\d{1,2}\/\d{1,2}\/\d{1,3}(?::\d)?$/

const types: PortNames['types'] = [
  { name: 'GigabitEthernet', prefixes: ['gigabitethernet', 'ge'], position },
  { name: 'Ten-GigabitEthernet', prefixes: ['ten-gigabitethernet', 'xge'], position },
  { name: 'Twenty-FiveGigE', prefixes: ['twenty-fivegige', 'wge'], position },
  { name: 'FortyGigE', prefixes: ['fortygige', 'fge'], position },
  { name: 'HundredGigE', prefixes: ['hundredgige', 'hge'], position },
  { name: 'Bridge-Aggregation', prefixes: ['bridge-aggregation', 'bagg'], position: /^\d{1,4}$/ },
]

const words: PermitWords = {
  names: new RegExp(`^(?:${types.map(({ name }) => name).join('|')})\\d`),
  permit: 'permit',
  strangers: [
    [
      /^port link-aggregation group/,
      'it is a member of a Bridge-Aggregation: name that one in the rack file',
    ],
    [/^port link-mode route/, 'it is a routed port'],
    [/^(?:voice-vlan|voice vlan) \d+ enable/, 'it has a voice VLAN'],
    [/^(?:vlan mapping|qinq|port private-vlan|port pvlan)/, 'its VLANs are translated, stacked or private'],
  ],
}

/** HPE and H3C with Comware 7. */
export const comware: CliProfile = {
  type: 'Comware-CLI',
  product: 'an HPE or H3C switch with Comware',
  ports: {
    types,
    example:
      'Write it with its type, as `display interface brief` does: XGE1/0/3, Ten-GigabitEthernet1/0/3, BAGG10.',
  },
  prompts: { before: /[<[]/, first: /^<(?<host>[\w.-]+)> ?$/, exec: />/, config: /(?:-[^\]]+)?\]/ },
  begin: ['screen-length disable'],
  errors: [
    /^% ?\S/,
    /^error\b/i,
    /(?:unrecognized|incomplete|ambiguous) command|wrong parameter|too many parameters/i,
    /permission denied/i,
    /^(?:failed|cannot|can't|invalid)\b|not (?:allowed|supported|permitted)/i,
    /do(?:es)?(?:n't| not) exist/i,
  ],
  configure: { enter: ['system-view'], leave: ['return'] },
  read: {
    running: ['display current-configuration'],
    saved: ['display saved-configuration'],
    nothingSaved: /(?:configuration file|saved configuration).*(?:not|n't) exist/i,
    parse: ([text = '']) => parsePermits(text, words),
    fdb: {
      command: (port) => `display mac-address interface ${port}`,
      parse: macFirstTable,
      byName: false,
    },
  },
  save: 'save force',
  nativelessTrunk: true,
  plan: trunkPlan(permitLines('permit')),
}
