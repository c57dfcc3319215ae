import { portSections, sections, vlanSections } from '../config-text.ts'
import { macFirstTable } from '../mac-first.ts'
import { vlanName } from '../plan.ts'
import { type ReshapeLines, reshapePlan } from '../plan-reshape.ts'
import type { CliProfile, PortSettings, SeenConfig, SeenPort } from '../profile.ts'
import { everyVlan, parseVlans, vlanLists, withoutVlan } from '../vlan-list.ts'

/** "lag10" is typed as two words. */
const under = (port: string, ...lines: string[]) => [
  `interface ${port.replace(/^lag/, 'lag ')}`,
  ...lines.map((line) => ` ${line}`),
]
const permit = (vlans: readonly number[]) => vlanLists(vlans).map((list) => `vlan trunk allowed ${list}`)

/** `vlan trunk native` allows every VLAN; the first list after that is the whole one, later ones add to it. */
const lines: ReshapeLines = {
  createVlan: (vlan) => [`vlan ${vlan}`, ` name ${vlanName(vlan)}`, ' exit'],
  shutdown: (port) => under(port, 'shutdown'),
  noShutdown: (port) => under(port, 'no shutdown'),
  access: (port, vlan) => under(port, `vlan access ${vlan}`),
  trunk: (port, native, vlans) => under(port, `vlan trunk native ${native}`, ...permit(vlans)),
  permit: (port, vlans) => under(port, ...permit(vlans)),
  forbid: (port, vlans) => under(port, ...vlanLists(vlans).map((list) => `no vlan trunk allowed ${list}`)),
}

/** HPE Aruba Networking CX with AOS-CX. */
export const arubaCx: CliProfile = {
  type: 'AOS-CX-CLI',
  product: 'an Aruba switch with AOS-CX',
  ports: {
    types: [
      { name: '', prefixes: [''], position: /^\d{1,2}\/\d{1,2}\/\d{1,3}(?::\d)?$/ },
      { name: 'lag', prefixes: ['lag'], position: /^\d{1,3}$/ },
    ],
    defaultType: '',
    example: 'Write it as `show interface brief` does: 1/1/3, 1/1/3:1, lag10.',
  },
  prompts: { first: /^(?<host>[\w.-]+)# ?$/, exec: /#/, config: /\(config[^)]*\)#/ },
  begin: ['no page'],
  errors: [
    /^% ?\S/,
    /^error\b/i,
    /^invalid input/i,
    /(?:incomplete|ambiguous|unknown) command|command incomplete/i,
    /^cannot |not (?:allowed|authorized|permitted|supported)|\bfailed\b/i,
    /does not exist/i,
  ],
  configure: { enter: ['configure terminal'], leave: ['end'] },
  read: {
    running: ['show running-config'],
    saved: ['show startup-config'],
    nothingSaved: /no startup|startup.* (?:not found|does not exist)/i,
    parse: ([text = '']) => parse(text),
    fdb: {
      command: (port) => `show mac-address-table port ${port}`,
      parse: macFirstTable,
      byName: false,
    },
  },
  save: 'write memory',
  nativelessTrunk: true,
  plan: reshapePlan(lines),
}

function parse(text: string): SeenConfig {
  const found = new Map([...sections(text)].map(([header, said]) => [header.replace(/ lag /, ' lag'), said]))
  const ports = portSections(found, (name, said) =>
    /^(?:\d+\/\d+\/\d+(?::\d)?|lag\d+)$/.test(name) ? portOf(said) : null,
  )
  return { ports, vlans: vlanSections(found) }
}

const strangers: readonly [RegExp, string][] = [
  [/^lag \d+/, 'it is a member of a link aggregation: name that one (lag10) in the rack file'],
  [/^(?:routing|ip address)/, 'it is a routed port'],
  [/^vlan trunk native \d+ tag/, 'its native VLAN is tagged'],
  [/^vlan translate/, 'its VLANs are translated'],
]

function portOf(said: readonly string[]): SeenPort {
  const after = (words: string) => said.find((line) => line.startsWith(words))?.slice(words.length)
  const access = after('vlan access ')
  const native = after('vlan trunk native ')
  const listed = after('vlan trunk allowed ')
  const list = listed === undefined || listed === 'all' ? everyVlan : parseVlans(listed)
  const mode = native === undefined && listed === undefined ? 'access' : 'trunk'
  const enabled = said.includes('no shutdown')
  let undriven = strangers.find(([pattern]) => said.some((line) => pattern.test(line)))?.[1] ?? null
  if (mode === 'access' && access === undefined) {
    undriven ??= 'it shows neither `vlan access` nor `vlan trunk`, as routed ports do'
  }
  if (list === null) undriven ??= `its list of VLANs cannot be read ("${listed?.slice(0, 40)}")`
  const settings: PortSettings = {
    mode,
    access: mode === 'access' ? Number(access ?? 1) : null,
    native: mode === 'trunk' ? Number.parseInt(native ?? '1', 10) : null,
    allowed: mode === 'trunk' ? (list ?? everyVlan) : [],
    enabled,
  }
  if (mode === 'access') {
    return { settings, state: { mode, untagged: settings.access, tagged: [], enabled }, undriven }
  }
  const passes = settings.native !== null && settings.allowed.includes(settings.native)
  const tagged = withoutVlan(settings.allowed, settings.native)
  return {
    settings,
    state: { mode, untagged: passes ? settings.native : null, tagged, enabled },
    undriven,
  }
}
