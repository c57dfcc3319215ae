import {
  everyVlan,
  FACTORY_VLAN,
  factoryPort,
  type PortConfig,
  type SwitchportConfig,
} from '../switchport/config.ts'
import { below, type Data, entriesOf, leafListOf, leafOf } from './data.ts'
import { RpcError } from './rpc-error.ts'
import { vlansIn } from './schema.ts'

/** The one forwarding instance of this switch. */
const INSTANCE = 'default'

/** A configuration in the words of the models. What is as from the factory is left out, but for what is in force. */
export function dataOf({ ports, vlans }: SwitchportConfig): Data {
  const interfaces = [...ports].map(([name, port]) => [name, interfaceOf(name, port)] as const)
  const made = [...vlans].map(([vlan, { name }]) => {
    const id = String(vlan)
    return [id, container({ 'vlan-id': id }, { config: container({ 'vlan-id': id, name }) })] as const
  })
  const instance = container({ name: INSTANCE }, { vlans: list('vlan', made) })
  return container(
    {},
    {
      interfaces: list('interface', interfaces),
      'network-instances': list('network-instance', [[INSTANCE, instance]]),
    },
  )
}

function container(
  leaves: Readonly<Record<string, string>>,
  inner: Readonly<Record<string, Data>> = {},
): Data {
  return new Map<string, string | { inner: Data }>([
    ...Object.entries(leaves),
    ...Object.entries(inner).map(([name, data]) => [name, { inner: data }] as const),
  ])
}

function list(name: string, entries: readonly (readonly [string, Data])[]): Data {
  return new Map([[name, { byKey: new Map(entries) }]])
}

function interfaceOf(name: string, port: PortConfig): Data {
  const { description, shutdown, channel } = port
  const aggregate = channel ? { 'aggregate-id': `Port-Channel${channel.group}` } : {}
  return container(
    { name },
    {
      config: container({
        name,
        ...(description === null ? {} : { description }),
        enabled: String(!shutdown),
      }),
      ethernet: container(
        {},
        {
          config: container(aggregate),
          ...(port.switchport ? { 'switched-vlan': container({}, { config: switchedVlan(port) }) } : {}),
        },
      ),
    },
  )
}

function switchedVlan({ mode, access, native, allowed }: PortConfig): Data {
  const isTrunk = mode === 'trunk'
  const data = container({
    'interface-mode': isTrunk ? 'TRUNK' : 'ACCESS',
    ...(!isTrunk || access !== FACTORY_VLAN ? { 'access-vlan': String(access) } : {}),
    ...(isTrunk || native !== FACTORY_VLAN ? { 'native-vlan': String(native) } : {}),
  })
  if (allowed !== everyVlan) data.set('trunk-vlans', new Set([...allowed].sort((a, b) => a - b).map(String)))
  return data
}

/**
 * The configuration that `data` is, of a switch that has the ports of `before`; those that it does not name are as from
 * the factory.
 * @throws RpcError for what this switch does not take
 */
export function configOf(
  data: Data,
  before: SwitchportConfig,
  reserved: readonly number[],
): SwitchportConfig {
  const config: SwitchportConfig = { ports: new Map(), vlans: vlansOf(data, before, reserved) }
  const interfaces = entriesOf(below(data, 'interfaces'), 'interface')
  for (const name of interfaces.keys())
    if (!before.ports.has(name)) throw refused(name, `There is no interface ${name}`)
  for (const [name, port] of before.ports) config.ports.set(name, portOf(name, interfaces.get(name), port))
  for (const [name, port] of config.ports) {
    const named = port.mode === 'access' ? [port.access] : port.allowed === everyVlan ? [] : [...port.allowed]
    const unknown = named.find((vlan) => !config.vlans.has(vlan))
    if (unknown !== undefined) throw refused(name, `VLAN ${unknown} does not exist`)
  }
  return config
}

function vlansOf(
  data: Data,
  before: SwitchportConfig,
  reserved: readonly number[],
): SwitchportConfig['vlans'] {
  const instances = entriesOf(below(data, 'network-instances'), 'network-instance')
  const [strange] = [...instances.keys()].filter((name) => name !== INSTANCE)
  if (strange !== undefined) throw new RpcError('invalid-value', `There is no network instance ${strange}`)
  const vlans: SwitchportConfig['vlans'] = new Map()
  const factory = before.vlans.get(FACTORY_VLAN)
  if (factory) vlans.set(FACTORY_VLAN, factory)
  for (const [id, vlan] of entriesOf(below(instances.get(INSTANCE), 'vlans'), 'vlan')) {
    const config = below(vlan, 'config')
    const number = Number(id)
    if ((leafOf(config, 'vlan-id') ?? id) !== id)
      throw new RpcError('invalid-value', `${leafOf(config, 'vlan-id')} is no vlan-id of VLAN ${id}`)
    if (reserved.includes(number)) throw new RpcError('operation-failed', `VLAN ${id} is an internal VLAN`)
    vlans.set(number, { name: leafOf(config, 'name') ?? `VLAN${id.padStart(4, '0')}` })
  }
  return vlans
}

function portOf(name: string, data: Data | undefined, before: PortConfig): PortConfig {
  const config = below(data, 'config')
  const ethernet = below(data, 'ethernet')
  const vlans = below(ethernet, 'switched-vlan', 'config')
  if ((leafOf(config, 'name') ?? name) !== name) throw refused(name, 'A name of another interface')
  if (!before.switchport && vlans.size > 0) throw refused(name, `${name} is a routed port`)
  const group = before.channel && `Port-Channel${before.channel.group}`
  if ((leafOf(below(ethernet, 'config'), 'aggregate-id') ?? group) !== group)
    throw new RpcError('operation-not-supported', 'Aggregates are made by the command line here')
  const factory = factoryPort()
  const listed = leafListOf(vlans, 'trunk-vlans')
  const vlan = (leaf: string) => Number(leafOf(vlans, leaf) ?? FACTORY_VLAN)
  return {
    ...before,
    description: leafOf(config, 'description'),
    shutdown: leafOf(config, 'enabled') === 'false',
    mode: leafOf(vlans, 'interface-mode') === 'TRUNK' ? 'trunk' : 'access',
    access: vlan('access-vlan'),
    native: vlan('native-vlan'),
    allowed: listed ? new Set([...listed].flatMap((one) => vlansIn(one) ?? [])) : factory.allowed,
  }
}

function refused(port: string, message: string): RpcError {
  return new RpcError('invalid-value', message, { path: `/interfaces/interface[name='${port}']` })
}
