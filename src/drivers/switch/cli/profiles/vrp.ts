import { macFirstTable } from '../mac-first.ts'
import { together } from '../plan.ts'
import { trunkPlan } from '../plan-trunk.ts'
import type { CliProfile, PortNames } from '../profile.ts'
import { permitLines } from './permit-lines.ts'
import { type PermitWords, parsePermits } from './permit-text.ts'

/** slot/card/port, and the lane of one that is split. */
const position = /^\d{1,2}\/\d{1,2}\/\d{1,3}(?::\d)?$/

const types: PortNames['types'] = [
  ...['', '10', '25', '40', '50', '100', '200', '400'].map((speed) => ({
    name: `${speed}GE`,
    prefixes: [`${speed}ge`],
    position,
  })),
  { name: 'Eth-Trunk', prefixes: ['eth-trunk'], position: /^\d{1,4}$/ },
]

const words: PermitWords = {
  names: /^(?:\d*GE|Eth-Trunk)\d/,
  permit: 'allow-pass',
  strangers: [
    [/^eth-trunk \d+/, 'it is a member of an Eth-Trunk: name that one in the rack file'],
    [/^undo portswitch/, 'it is a routed port'],
    [/^port (?:vlan-mapping|vlan-stacking)|^port nolearning/, 'its VLANs are translated or stacked'],
  ],
}

/** Huawei CloudEngine with VRP 8, whose lines count after a commit. */
export const vrp: CliProfile = {
  type: 'VRP-CLI',
  product: 'a Huawei CloudEngine with VRP 8',
  ports: {
    types,
    example: 'Write it as `display interface brief` does: 10GE1/0/3, 25GE1/0/3, Eth-Trunk10.',
  },
  // What is not committed yet is told by the sign before the name.
  prompts: { before: /[<[][~*]?/, first: /^<(?<host>[\w.-]+)> ?$/, exec: />/, config: /(?:-[^\]]+)?\]/ },
  begin: ['screen-length 0 temporary', 'mmi-mode enable'],
  errors: [
    /^\^?\s*error(?:\[\w+\])?:/i,
    /^% ?\S/,
    /(?:unrecognized|incomplete|ambiguous) command|wrong parameter|too many parameters/i,
    /^(?:failed|cannot|invalid)\b|no (?:permission|privilege)|permission denied/i,
    /does not exist/i,
  ],
  configure: {
    enter: ['system-view'],
    leave: ['return'],
    commit: {
      candidate: ['display configuration candidate merge'],
      command: 'commit',
      done: /^[\s.]*(?:committ?ing[\s.]*)?(?:done|succeeded)?[\s.]*$/i,
    },
  },
  read: {
    running: ['display current-configuration'],
    saved: ['display saved-configuration'],
    nothingSaved: /(?:configuration file|saved configuration|startup configuration).*(?:not exist|empty)/i,
    parse: ([text = '']) => parsePermits(text, words),
    fdb: {
      command: (port) => `display mac-address interface ${port}`,
      parse: macFirstTable,
      byName: false,
    },
  },
  save: 'save',
  nativelessTrunk: true,
  plan: together(trunkPlan(permitLines('allow-pass'))),
}
