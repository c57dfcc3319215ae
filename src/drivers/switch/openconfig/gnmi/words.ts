import type { PortConfig } from '../model.ts'
import { type Edits, vlanName } from '../plan.ts'

interface Elem {
  name: string
  key?: Record<string, string>
}
export interface Path {
  elem: Elem[]
}

/** Where devices have the VLANs of their one forwarding instance. */
const INSTANCE: Elem = { name: 'network-instance', key: { name: 'default' } }

export const interfacesPath: Path = { elem: [{ name: 'interfaces' }] }
export const vlansPath: Path = { elem: [{ name: 'network-instances' }, INSTANCE, { name: 'vlans' }] }

export const macEntriesPath: Path = {
  elem: [
    { name: 'network-instances' },
    INSTANCE,
    { name: 'fdb' },
    { name: 'mac-table' },
    { name: 'entries' },
  ],
}

export const lldpInterfacesPath: Path = { elem: [{ name: 'lldp' }, { name: 'interfaces' }] }

export function getRequest(path: Path, type: 'CONFIG' | 'STATE' = 'CONFIG'): object {
  return { path: [path], type, encoding: 'JSON_IETF' }
}

/** A key of any value (gNMI path conventions, "Wildcards in paths"). */
const EVERY = '*'

/** Whatever a reading of a port depends on, each time that it changes. What is there already is read by whoever looks. */
export function portsSubscription(): object {
  const paths = [
    under(EVERY, 'config', 'enabled'),
    under(EVERY, 'ethernet', 'config', 'aggregate-id'),
    under(EVERY, 'ethernet', 'switched-vlan', 'config'),
  ]
  const subscription = paths.map((path) => ({ path, mode: 'ON_CHANGE' }))
  return { subscribe: { subscription, mode: 'STREAM', encoding: 'JSON_IETF', updates_only: true } }
}

/** One transaction: a port's VLANs are replaced as a whole, and nothing else of the interface is touched. */
export function setRequest({ ports, newVlans }: Edits): object {
  return {
    replace: ports.map(({ port, wanted }) => ({
      path: under(port, 'ethernet', 'switched-vlan', 'config'),
      val: json(leavesOf(wanted)),
    })),
    update: [
      ...newVlans.map((vlan) => ({
        path: {
          elem: [...vlansPath.elem, { name: 'vlan', key: { 'vlan-id': String(vlan) } }, { name: 'config' }],
        },
        val: json({
          'openconfig-network-instance:vlan-id': vlan,
          'openconfig-network-instance:name': vlanName(vlan),
        }),
      })),
      ...ports
        .filter(({ before, wanted }) => before.enabled !== wanted.enabled)
        .map(({ port, wanted }) => ({ path: under(port, 'config', 'enabled'), val: json(wanted.enabled) })),
    ],
  }
}

function under(port: string, ...names: string[]): Path {
  return {
    elem: [
      ...interfacesPath.elem,
      { name: 'interface', key: { name: port } },
      ...names.map((name) => ({ name })),
    ],
  }
}

function json(value: unknown): object {
  return { json_ietf_val: Buffer.from(JSON.stringify(value)) }
}

function leavesOf({ vlans }: PortConfig): Record<string, unknown> {
  const leaves = {
    'interface-mode': vlans.mode,
    'native-vlan': vlans.nativeVlan,
    'access-vlan': vlans.accessVlan,
    'trunk-vlans': vlans.trunkVlans,
  }
  const there = Object.entries(leaves).filter(([, value]) => value !== null)
  return Object.fromEntries(there.map(([name, value]) => [`openconfig-vlan:${name}`, value]))
}
