import { HIGHEST_VLAN } from '../switchport/config.ts'

export const OC_INTERFACES = 'http://openconfig.net/yang/interfaces'
export const OC_ETHERNET = 'http://openconfig.net/yang/interfaces/ethernet'
export const OC_AGGREGATE = 'http://openconfig.net/yang/interfaces/aggregate'
export const OC_VLAN = 'http://openconfig.net/yang/vlan'
export const OC_LLDP = 'http://openconfig.net/yang/lldp'
export const OC_INSTANCE = 'http://openconfig.net/yang/network-instance'

/** What may be configured, as the models have it; what they have beyond it this switch deviates from. */
export type Schema =
  | { kind: 'container'; namespace: string; children: Readonly<Record<string, Schema>> }
  | { kind: 'list'; namespace: string; key: string; children: Readonly<Record<string, Schema>> }
  | { kind: 'leaf' | 'leaf-list'; namespace: string; takes(value: string): boolean }

type Children = Readonly<Record<string, Schema>>

const container = (namespace: string, children: Children): Schema => ({
  kind: 'container',
  namespace,
  children,
})
const list = (namespace: string, key: string, children: Children): Schema => ({
  kind: 'list',
  namespace,
  key,
  children,
})
const leaf = (namespace: string, takes: (value: string) => boolean): Schema => ({
  kind: 'leaf',
  namespace,
  takes,
})

const words = (value: string) => value.length > 0 && value.length < 256
const isVlan = (value: string) => /^[1-9]\d{0,3}$/.test(value) && Number(value) <= HIGHEST_VLAN

/** Of `trunk-vlans`: a VLAN, or a range as "10..20". */
export function vlansIn(value: string): number[] | null {
  const [, from = '', to = from] = /^(\d+)(?:\.\.(\d+))?$/.exec(value) ?? []
  if (!isVlan(from) || !isVlan(to) || Number(from) > Number(to)) return null
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index)
}

export const schema: Children = {
  interfaces: container(OC_INTERFACES, {
    interface: list(OC_INTERFACES, 'name', {
      name: leaf(OC_INTERFACES, words),
      config: container(OC_INTERFACES, {
        name: leaf(OC_INTERFACES, words),
        description: leaf(OC_INTERFACES, words),
        enabled: leaf(OC_INTERFACES, (value) => value === 'true' || value === 'false'),
      }),
      ethernet: container(OC_ETHERNET, {
        config: container(OC_ETHERNET, { 'aggregate-id': leaf(OC_AGGREGATE, words) }),
        'switched-vlan': container(OC_VLAN, {
          config: container(OC_VLAN, {
            'interface-mode': leaf(OC_VLAN, (value) => value === 'ACCESS' || value === 'TRUNK'),
            'access-vlan': leaf(OC_VLAN, isVlan),
            'native-vlan': leaf(OC_VLAN, isVlan),
            'trunk-vlans': {
              kind: 'leaf-list',
              namespace: OC_VLAN,
              takes: (value) => vlansIn(value) !== null,
            },
          }),
        }),
      }),
    }),
  }),
  'network-instances': container(OC_INSTANCE, {
    'network-instance': list(OC_INSTANCE, 'name', {
      name: leaf(OC_INSTANCE, words),
      vlans: container(OC_INSTANCE, {
        vlan: list(OC_INSTANCE, 'vlan-id', {
          'vlan-id': leaf(OC_INSTANCE, isVlan),
          config: container(OC_INSTANCE, {
            'vlan-id': leaf(OC_INSTANCE, isVlan),
            name: leaf(OC_INSTANCE, words),
          }),
        }),
      }),
    }),
  }),
}
