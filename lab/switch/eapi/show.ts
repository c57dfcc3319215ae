import type { AnnouncedMac } from '../../announced-macs.ts'
import type { PortConfig, SwitchportConfig } from '../switchport/config.ts'
import { configText } from '../switchport/config-text.ts'
import { showVlanList } from '../switchport/vlan-list.ts'
import type { Session } from './sessions.ts'

const INDENT = '   '

export function showConfig(config: SwitchportConfig): string {
  return `${configText(config, INDENT)}end\n`
}

export function showSwitchports(config: SwitchportConfig): unknown {
  // members of a port-channel are not switchports
  const own = [...config.ports].filter(([, port]) => !port.channel)
  const ports = own.map(([name, port]) => [
    name,
    { enabled: port.switchport, switchportInfo: switchportInfo(config, port) },
  ])
  return { sourceDetail: '', switchports: Object.fromEntries(ports) }
}

function switchportInfo(config: SwitchportConfig, port: PortConfig): unknown {
  const nameOf = (vlan: number) => config.vlans.get(vlan)?.name ?? ''
  return {
    accessVlanId: port.access,
    accessVlanName: nameOf(port.access),
    dot1qVlanTagRequired: false,
    dot1qVlanTagRequiredStatus: false,
    dynamicAllowedVlans: {},
    dynamicTrunkGroups: [],
    macLearning: true,
    mode: port.mode,
    sourceportFilterMode: 'enabled',
    staticTrunkGroups: [],
    tpid: '0x8100',
    tpidStatus: true,
    trunkAllowedVlans: showVlanList(port.allowed).toUpperCase(),
    trunkingNativeVlanId: port.native,
    trunkingNativeVlanName: nameOf(port.native),
  }
}

export function showStatus(config: SwitchportConfig): unknown {
  const ports = [...config.ports].map(([name, port]) => [
    name,
    {
      vlanInformation: {
        interfaceMode: port.switchport ? (port.mode === 'trunk' ? 'trunk' : 'bridged') : 'routed',
        interfaceForwardingModel: port.switchport ? 'bridged' : 'routed',
        ...(port.mode === 'access' ? { vlanId: port.access } : { vlanExplanation: 'trunk' }),
      },
      bandwidth: 10_000_000_000,
      interfaceType: '10GBASE-T',
      description: port.description ?? '',
      autoNegotiateActive: false,
      duplex: 'duplexFull',
      linkStatus: port.shutdown ? 'disabled' : 'connected',
      lineProtocolStatus: port.shutdown ? 'down' : 'up',
    },
  ])
  return { interfaceStatuses: Object.fromEntries(ports) }
}

export function showVlans(config: SwitchportConfig): unknown {
  const vlans = [...config.vlans].map(([id, { name }]) => [
    String(id),
    { status: 'active', name, interfaces: {}, dynamic: false },
  ])
  return { sourceDetail: '', vlans: Object.fromEntries(vlans) }
}

export function showSessions(sessions: ReadonlyMap<string, Session>): unknown {
  const rows = [...sessions].map(([name, { state }]) => [
    name,
    { state, commitUser: '', description: '', instances: {} },
  ])
  return { maxSavedSessions: 1, maxOpenSessions: 5, mergeOnCommit: false, sessions: Object.fromEntries(rows) }
}

/** As diff -u of the two texts, with what changed and the sections that it stands in. */
export function showDiffs(name: string, running: SwitchportConfig, session: SwitchportConfig): string {
  const before = sections(showConfig(running))
  const after = sections(showConfig(session))
  const lines: string[] = []
  for (const head of new Set([...before.keys(), ...after.keys()])) {
    const old = before.get(head)
    const next = after.get(head)
    const changed = [
      ...(old ?? []).filter((line) => !next?.includes(line)).map((line) => `-${line}`),
      ...(next ?? []).filter((line) => !old?.includes(line)).map((line) => `+${line}`),
    ]
    const sign = old === undefined ? '+' : next === undefined ? '-' : ' '
    if (sign !== ' ' || changed.length > 0) lines.push('@@ -1,1 +1,1 @@', `${sign}${head}`, ...changed)
  }
  if (lines.length === 0) return ''
  return `--- system:/running-config\n+++ session:/${name}-session-config\n${lines.join('\n')}\n`
}

function sections(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  let lines: string[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith(INDENT)) lines.push(line)
    else if (/^(vlan|interface) /.test(line)) {
      lines = []
      found.set(line, lines)
    }
  }
  return found
}

export function macTable(
  ports: readonly string[],
  learned: (port: string) => readonly { mac: string; vlan: number }[],
): unknown {
  const tableEntries = ports.flatMap((port) =>
    learned(port).map(({ mac, vlan }) => ({
      vlanId: vlan,
      macAddress: mac,
      entryType: 'dynamic',
      interface: port,
      moves: 1,
    })),
  )
  return { multicastTable: { tableEntries: [] }, unicastTable: { tableEntries } }
}

/** A firmware's agent tells little: who and where it is, and how long that is to be believed. */
export function showNeighbours(ports: readonly string[], announced: readonly AnnouncedMac[]): unknown {
  const heard = (port: string) =>
    announced
      .filter((one) => one.port === port)
      .map(({ mac, ttl }) => ({
        chassisId: dotted(mac),
        chassisIdType: 'macAddress',
        lastChangeTime: 1_750_000_000.5,
        lastContactTime: 1_750_000_030.5,
        neighborDiscoveryTime: 1_750_000_000.5,
        neighborInterfaceInfo: {
          interfaceId: dotted(mac),
          interfaceIdType: 'macAddress',
          unknownOrgDefinedTlvs: [],
          unknownTlvs: [],
          vlanNames: {},
        },
        managementAddresses: [],
        systemCapabilities: {},
        ttl,
      }))
  return {
    lldpNeighbors: Object.fromEntries(ports.map((port) => [port, { lldpNeighborInfo: heard(port) }])),
  }
}

/** 0011.2233.aabb */
function dotted(mac: string): string {
  return mac.replaceAll(':', '').replaceAll(/....(?!$)/g, '$&.')
}
