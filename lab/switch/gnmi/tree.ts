import type { PortConfig, SwitchportConfig } from '../switchport/config.ts'
import { cloneConfig, everyVlan } from '../switchport/config.ts'

/** The transaction is refused: nothing of it has happened. */
export class Invalid extends Error {
  readonly code: 'INVALID_ARGUMENT' | 'NOT_FOUND' | 'FAILED_PRECONDITION' | 'UNIMPLEMENTED'

  constructor(code: Invalid['code'], message: string) {
    super(message)
    this.code = code
  }
}

export interface Path {
  elem: { name: string; key: Record<string, string> }[]
}

/** One replace or update, its value as JSON. */
export interface Edit {
  replace: boolean
  path: Path
  value: unknown
}

/** What a Set makes of a configuration: all of it. @throws Invalid */
export function edited(
  config: SwitchportConfig,
  edits: readonly Edit[],
  reserved: readonly number[],
): SwitchportConfig {
  const next = cloneConfig(config)
  // gNMI §3.4.3: replaces come before updates. VLANs that a port names are looked for at the end.
  for (const edit of edits) one(next, edit, reserved)
  for (const [name, port] of next.ports) {
    const named = port.mode === 'access' ? [port.access] : port.allowed === everyVlan ? [] : [...port.allowed]
    const unknown = named.find((vlan) => !next.vlans.has(vlan))
    if (unknown !== undefined)
      throw new Invalid('FAILED_PRECONDITION', `VLAN ${unknown} of ${name} does not exist`)
  }
  return next
}

function one(config: SwitchportConfig, { replace, path, value }: Edit, reserved: readonly number[]): void {
  const names = path.elem.map(({ name }) => name).join('/')
  const port = path.elem[1]?.key.name ?? ''
  if (names === 'interfaces/interface/ethernet/switched-vlan/config') {
    if (!replace) throw new Invalid('INVALID_ARGUMENT', 'This model of the lab takes replace alone here')
    setPort(config, port, (before) => switchedVlan(before, value))
  } else if (names === 'interfaces/interface/config/enabled') {
    if (typeof value !== 'boolean') throw new Invalid('INVALID_ARGUMENT', 'enabled is a boolean')
    setPort(config, port, (before) => ({ ...before, shutdown: !value }))
  } else if (names === 'network-instances/network-instance/vlans/vlan/config') {
    const vlan = Number(path.elem[3]?.key['vlan-id'])
    if (port !== 'default') throw new Invalid('NOT_FOUND', `network-instance ${port}`)
    if (reserved.includes(vlan)) throw new Invalid('FAILED_PRECONDITION', `VLAN ${vlan} is an internal VLAN`)
    const { 'vlan-id': id, name, ...rest } = leaves(value, 'openconfig-network-instance')
    if (id !== vlan || typeof name !== 'string' || Object.keys(rest).length > 0) {
      throw new Invalid('INVALID_ARGUMENT', `${JSON.stringify(value)} is no VLAN ${vlan}`)
    }
    config.vlans.set(vlan, { name })
  } else throw new Invalid('INVALID_ARGUMENT', `No such path: /${names}`)
}

function setPort(config: SwitchportConfig, name: string, edit: (port: PortConfig) => PortConfig): void {
  const port = config.ports.get(name)
  if (port === undefined) throw new Invalid('NOT_FOUND', `interface[name=${name}]`)
  config.ports.set(name, edit(port))
}

/** The whole container: a leaf that is not named is gone. */
function switchedVlan(before: PortConfig, value: unknown): PortConfig {
  const {
    'interface-mode': mode,
    'access-vlan': access,
    'native-vlan': native,
    'trunk-vlans': trunk,
    ...rest
  } = leaves(value, 'openconfig-vlan')
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw new Invalid('INVALID_ARGUMENT', `No such leaf: ${unknown}`)
  if (mode !== 'ACCESS' && mode !== 'TRUNK')
    throw new Invalid('INVALID_ARGUMENT', `interface-mode ${String(mode)}`)
  const listed =
    trunk === undefined ? everyVlan : new Set(Array.isArray(trunk) ? trunk.map(vlanOf) : [vlanOf(trunk)])
  return {
    ...before,
    mode: mode === 'ACCESS' ? 'access' : 'trunk',
    access: access === undefined ? 1 : vlanOf(access),
    native: native === undefined ? 1 : vlanOf(native),
    allowed: listed,
  }
}

/** RFC 7951 §4: names at the top have their module before them. */
function leaves(value: unknown, module: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null)
    throw new Invalid('INVALID_ARGUMENT', 'A container is an object')
  return Object.fromEntries(
    Object.entries(value).map(([name, leaf]) => {
      if (!name.startsWith(`${module}:`))
        throw new Invalid('INVALID_ARGUMENT', `${name} has not its module's name`)
      return [name.slice(module.length + 1), leaf]
    }),
  )
}

function vlanOf(value: unknown): number {
  if (!Number.isInteger(value) || Number(value) < 1 || Number(value) > 4094) {
    throw new Invalid('INVALID_ARGUMENT', `${String(value)} is no VLAN`)
  }
  return Number(value)
}

export function interfacesOf({ ports }: SwitchportConfig): unknown {
  const list = [...ports].map(([name, port]) => ({
    name,
    config: { name, type: 'iana-if-type:ethernetCsmacd', enabled: !port.shutdown },
    'openconfig-if-ethernet:ethernet': {
      config: { 'port-speed': 'SPEED_25GB' },
      ...(port.switchport ? { 'openconfig-vlan:switched-vlan': { config: vlansOf(port) } } : {}),
    },
  }))
  return { 'openconfig-interfaces:interface': list }
}

export function vlansOf(port: PortConfig): Record<string, unknown> {
  if (port.mode === 'access') return { 'interface-mode': 'ACCESS', 'access-vlan': port.access }
  return {
    'interface-mode': 'TRUNK',
    'native-vlan': port.native,
    ...(port.allowed === everyVlan ? {} : { 'trunk-vlans': [...port.allowed].sort((a, b) => a - b) }),
  }
}

export function vlanListOf({ vlans }: SwitchportConfig): unknown {
  return {
    'openconfig-network-instance:vlan': [...vlans].map(([id, { name }]) => ({
      'vlan-id': id,
      config: { 'vlan-id': id, name },
    })),
  }
}
