import { z } from 'zod'
import { FerruleError } from '../../../../domain/errors.ts'
import {
  BRIDGE,
  bridgeConfig,
  configuredPort,
  interfaceConfigs,
  noBridge,
  notOurs,
} from '../../nvue/config.ts'
import { steps } from '../../nvue/phases.ts'
import { samePort } from '../../port-state.ts'
import type { PortState } from '../../types.ts'
import { type PhaseLines, phasesPlan } from '../plan-phases.ts'
import type { CliProfile, SeenConfig, SeenPort } from '../profile.ts'
import { vlanParts, withVlan } from '../vlan-list.ts'

const lines: PhaseLines = {
  createVlan: (vlan) => [`nv set bridge domain ${BRIDGE} vlan ${vlan}`],
  move: (port, now, want) => [
    ...(samePort({ ...now, enabled: true }, { ...want, enabled: true }) ? [] : membership(port, want)),
    // A link is up where nothing is said.
    ...(now.enabled === want.enabled
      ? []
      : want.enabled
        ? [`nv unset interface ${port} link state`]
        : [`nv set interface ${port} link state down`]),
  ],
}

/** All that the port had goes, all that is wanted comes: the sets are absolute. */
function membership(port: string, { untagged, tagged }: PortState): string[] {
  const at = `interface ${port} bridge domain ${BRIDGE}`
  const access = tagged.length === 0 && untagged !== null
  return [
    `nv unset ${at}`,
    ...(access
      ? [`nv set ${at} access ${untagged}`]
      : [
          `nv set ${at} untagged ${untagged ?? 'none'}`,
          `nv set ${at} vlan ${vlanParts(withVlan(tagged, untagged)).join(',')}`,
        ]),
  ]
}

const show = (revision: string) => [
  `nv show interface --${revision} -o json | cat`,
  `nv show bridge domain ${BRIDGE} --${revision} -o json | cat`,
]

/** NVIDIA Cumulus Linux with NVUE, by its command line. */
export const cumulus: CliProfile = {
  type: 'NVUE-CLI',
  product: 'a Cumulus switch with NVUE',
  ports: {
    types: [
      { name: 'swp', prefixes: ['swp'], position: /^\d{1,3}$/ },
      { name: 'bond', prefixes: ['bond'], position: /^\d{1,4}$/ },
    ],
    example: 'Write it as `nv show interface` does: swp1, bond1.',
  },
  prompts: {
    // With the management VRF behind the host's name.
    first: /^(?<host>[\w.-]+@[\w.-]+(?::[\w-]+)?):~\$ ?$/,
    exec: /:~\$/,
    config: /:~\$/,
  },
  begin: [],
  errors: [
    /^(?:error|usage|invalid|failed|failure)\b/i,
    /^traceback/i,
    /command not found/i,
    /permission denied|not authorized|unauthorized|forbidden/i,
    /^'.+' is not|does not exist|^no such/i,
  ],
  status: { command: 'echo $?', good: /^0$/ },
  configure: {
    // NVUE keeps what a session left pending: it would be applied with ours.
    enter: ['nv config detach'],
    leave: [],
    commit: { candidate: show('pending'), command: 'nv config apply -y', done: /^applied\b/m },
  },
  read: {
    running: show('applied'),
    saved: show('startup'),
    parse: ([ports = '', bridge = '']) => parse(ports, bridge),
    fdb: {
      command: () => `nv show bridge domain ${BRIDGE} mac-table -o json | cat`,
      parse: (answer, _config, port) => macs(answer, port),
      byName: false,
    },
  },
  save: 'nv config save',
  nativelessTrunk: true,
  plan: phasesPlan(lines, steps),
}

function parse(portsText: string, bridgeText: string): SeenConfig {
  const configs = read(portsText, interfaceConfigs, {})
  const bridge = read(bridgeText, bridgeConfig, noBridge)
  const ports = Object.entries(configs).map(([name, config]) => {
    const state = configuredPort(config, bridge)
    const { untagged, tagged, enabled } = state
    const trunk = tagged.length > 0
    const seen: SeenPort = {
      settings: {
        mode: trunk ? 'trunk' : 'access',
        access: trunk ? null : untagged,
        native: trunk ? untagged : null,
        allowed: trunk ? withVlan(tagged, untagged) : [],
        enabled,
      },
      state,
      undriven: notOurs(name, configs)?.replace(/^: /, '') ?? null,
    }
    return [name, seen] as const
  })
  return { ports: new Map(ports), vlans: new Map(bridge.vlans.map((vlan) => [vlan, null])) }
}

const table = z.record(
  z.string(),
  z.looseObject({
    mac: z.string(),
    interface: z.string().optional(),
    vlan: z.coerce.number().int().optional(),
    'entry-type': z.string().optional(),
  }),
)

function macs(text: string, port: string): { mac: string; vlan: number }[] {
  return Object.values(read(text, table, {})).flatMap(({ mac, interface: at, vlan, 'entry-type': type }) =>
    at === port && vlan !== undefined && type !== 'permanent' ? [{ mac: mac.toLowerCase(), vlan }] : [],
  )
}

/** @throws switch-refused if it is not what NVUE shows. Nothing at all is an empty configuration. */
function read<T>(text: string, form: z.ZodType<T>, empty: T): T {
  if (text.trim() === '') return empty
  try {
    return form.parse(JSON.parse(text))
  } catch {
    // the library's words may quote the configuration
    throw new FerruleError(
      'switch-refused',
      'A Cumulus switch shows a configuration that cannot be read: it is not the JSON of NVUE',
      'Look at what `nv show interface --applied -o json` is on the switch; NVUE must be in use on it.',
    )
  }
}
