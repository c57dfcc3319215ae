import type { PortConfig } from '../model.ts'
import { type Edits, vlanName } from '../plan.ts'
import { DEFAULT_INSTANCE, type NetconfTraits } from './traits.ts'

const NETCONF = 'urn:ietf:params:xml:ns:netconf:base:1.0'
export const BASE_10 = 'urn:ietf:params:netconf:base:1.0'
export const BASE_11 = 'urn:ietf:params:netconf:base:1.1'

const INTERFACES = 'http://openconfig.net/yang/interfaces'
const ETHERNET = 'http://openconfig.net/yang/interfaces/ethernet'
const VLAN = 'http://openconfig.net/yang/vlan'
const LLDP = 'http://openconfig.net/yang/lldp'
const INSTANCES = 'http://openconfig.net/yang/network-instance'

export const helloMessage = `<?xml version="1.0" encoding="UTF-8"?><hello xmlns="${NETCONF}"><capabilities><capability>${BASE_10}</capability><capability>${BASE_11}</capability></capabilities></hello>`

export function rpcMessage(id: string, operation: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><rpc xmlns="${NETCONF}" message-id="${id}">${operation}</rpc>`
}

export type Datastore = 'running' | 'startup' | 'candidate'

export function lock(target: Datastore): string {
  return `<lock><target><${target}/></target></lock>`
}

export function unlock(target: Datastore): string {
  return `<unlock><target><${target}/></target></unlock>`
}

export const discardChanges = '<discard-changes/>'
export const commit = '<commit/>'
export const cancelCommit = '<cancel-commit/>'
export const saveRunning = '<copy-config><target><startup/></target><source><running/></source></copy-config>'

export function commitConfirmed(seconds: number): string {
  return `<commit><confirmed/><confirm-timeout>${seconds}</confirm-timeout></commit>`
}

/** Names, `enabled`, the aggregate if there is one, and VLANs of all interfaces; and which VLANs there are. */
export function getConfig(source: Datastore, { vlansAt }: Pick<NetconfTraits, 'vlansAt'>): string {
  const ethernet = `<ethernet xmlns="${ETHERNET}"><config/><switched-vlan xmlns="${VLAN}"><config/></switched-vlan></ethernet>`
  const interfaces = `<interfaces xmlns="${INTERFACES}"><interface><name/><config/>${ethernet}</interface></interfaces>`
  return `<get-config><source><${source}/></source><filter type="subtree">${interfaces}${vlansFilter[vlansAt]}</filter></get-config>`
}

/** Of the state: what the default instance has learned. */
export const getMacTable = `<get><filter type="subtree"><network-instances xmlns="${INSTANCES}"><network-instance><name>${DEFAULT_INSTANCE}</name><fdb><mac-table/></fdb></network-instance></network-instances></filter></get>`

/** Of the state: whom it hears on which port. */
export const getLldpInterfaces = `<get><filter type="subtree"><lldp xmlns="${LLDP}"><interfaces><interface><name/><neighbors/></interface></interfaces></lldp></filter></get>`

const vlansFilter: Readonly<Record<NetconfTraits['vlansAt'], string>> = {
  'network-instance': `<network-instances xmlns="${INSTANCES}"><network-instance><name>${DEFAULT_INSTANCE}</name><vlans/></network-instance></network-instances>`,
  root: `<vlans xmlns="${VLAN}"/>`,
  nowhere: '',
}

/** What is there of a port's VLANs is replaced as a whole; nothing else of the interface is touched. */
export function editConfig(target: Datastore, edits: Edits, traits: NetconfTraits): string {
  const ports = edits.ports.map(({ port, wanted }) => interfaceEdit(port, wanted)).join('')
  const interfaces = `<interfaces xmlns="${INTERFACES}">${ports}</interfaces>`
  const option = traits.rollbackOnError ? '<error-option>rollback-on-error</error-option>' : ''
  return `<edit-config><target><${target}/></target><default-operation>merge</default-operation>${option}<config>${vlansEdit(edits.newVlans, traits)}${interfaces}</config></edit-config>`
}

function interfaceEdit(port: string, { enabled, vlans }: PortConfig): string {
  const leaves = [
    leaf('interface-mode', vlans.mode),
    leaf('native-vlan', vlans.nativeVlan),
    leaf('access-vlan', vlans.accessVlan),
    ...(vlans.trunkVlans ?? []).map((vlan) => leaf('trunk-vlans', vlan)),
  ].join('')
  const config = `<config xmlns:nc="${NETCONF}" nc:operation="replace">${leaves}</config>`
  const switched = `<ethernet xmlns="${ETHERNET}"><switched-vlan xmlns="${VLAN}">${config}</switched-vlan></ethernet>`
  return `<interface><name>${port}</name><config><name>${port}</name><enabled>${enabled}</enabled></config>${switched}</interface>`
}

function vlansEdit(vlans: readonly number[], { vlansAt }: NetconfTraits): string {
  if (vlans.length === 0 || vlansAt === 'nowhere') return ''
  const entries = vlans
    .map((vlan) => {
      const config = `<config><vlan-id>${vlan}</vlan-id><name>${vlanName(vlan)}</name></config>`
      return `<vlan><vlan-id>${vlan}</vlan-id>${config}</vlan>`
    })
    .join('')
  if (vlansAt === 'root') return `<vlans xmlns="${VLAN}">${entries}</vlans>`
  return `<network-instances xmlns="${INSTANCES}"><network-instance><name>${DEFAULT_INSTANCE}</name><vlans>${entries}</vlans></network-instance></network-instances>`
}

/** No text here needs escaping: port names are checked (ports.ts), all else is a number or a word of the model. */
function leaf(name: string, value: string | number | null): string {
  return value === null ? '' : `<${name}>${value}</${name}>`
}
