import { macTable } from '../config-text.ts'
import { type MemberLines, memberPlan } from '../plan.ts'
import type { CliProfile } from '../profile.ts'
import { parseConfigDb } from './config-db.ts'

const lines: MemberLines = {
  createVlan: (vlan) => [`sudo config vlan add ${vlan}`],
  shutdown: (port) => [`sudo config interface shutdown ${port}`],
  noShutdown: (port) => [`sudo config interface startup ${port}`],
  addTagged: (port, vlans) => vlans.map((vlan) => `sudo config vlan member add ${vlan} ${port}`),
  removeTagged: (port, vlans) => vlans.map((vlan) => `sudo config vlan member del ${vlan} ${port}`),
  moveUntagged: (port, from, to) => [
    ...(from === null ? [] : [`sudo config vlan member del ${from} ${port}`]),
    ...(to === null ? [] : [`sudo config vlan member add -u ${to} ${port}`]),
  ],
}

/** SONiC with its Linux command line (sonic-utilities). */
export const sonic: CliProfile = {
  type: 'SONiC-CLI',
  product: 'a SONiC switch',
  ports: {
    types: [
      { name: 'Ethernet', prefixes: ['ethernet'], position: /^\d{1,4}$/ },
      { name: 'PortChannel', prefixes: ['portchannel'], position: /^\d{1,4}$/ },
    ],
    example: 'Write it as `show interfaces status` does in its first column: Ethernet4, PortChannel10.',
  },
  prompts: { first: /^(?<host>[\w.-]+@[\w.-]+):~\$ ?$/, exec: /:~\$/, config: /:~\$/ },
  begin: [],
  errors: [
    /^(?:error|usage):/i,
    /^try .* --help/i,
    /^traceback/i,
    /command not found/i,
    /permission denied|not allowed to execute|root privileges/i,
    /no such file/i,
  ],
  status: { command: 'echo $?', good: /^0$/ },
  configure: { enter: [], leave: [] },
  read: {
    running: ['sudo sonic-cfggen -d --print-data'],
    saved: ['sudo cat /etc/sonic/config_db.json'],
    parse: ([text = '']) => parseConfigDb(text),
    fdb: { command: (port) => `show mac -p ${port}`, parse: macTable, byName: false },
  },
  save: 'sudo config save -y',
  nativelessTrunk: true,
  plan: memberPlan(lines),
}
