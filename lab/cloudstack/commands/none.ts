import type { Command } from '../api/command.ts'
import { LIST_PARAMS } from '../api/command.ts'

/** What clients ask for by themselves and the lab has none of. */
const NOTHING = [
  'listPortForwardingRules',
  'listIpForwardingRules',
  'listDiskOfferings',
  'listVolumes',
  'listSecurityGroups',
  'listAffinityGroups',
  'listProjects',
]

export const emptyCommands: Command[] = NOTHING.map((name) => ({
  name,
  description: 'Lists nothing in the lab.',
  params: LIST_PARAMS,
  run: () => ({}),
}))
