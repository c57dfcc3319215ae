import type { Iface, Node } from '../model.ts'
import { addLink, newInterface } from '../networking.ts'
import type { Region } from '../region.ts'
import { renderInterface } from '../render/network.ts'
import { BROKEN, DEPLOYED, INTERFACES_WRITABLE } from '../status.ts'
import { type Answer, conflict, invalid, json, notFound, plain } from './answer.ts'
import { type Call, nodeOf, type Resource, unlocked } from './call.ts'
import type { Form } from './form.ts'
import { linkSubnet } from './link-subnet.ts'
import { isMac, macOwner } from './machine-form.ts'

export const interfacesResource: Resource = {
  name: 'InterfacesHandler',
  path: 'nodes/{system_id}/interfaces/',
  handlers: {
    GET: (call) => {
      const node = nodeOf(call)
      return json(node.interfaces.map((iface) => renderInterface(call.region, node, iface)))
    },
    'POST create_physical': createPhysical,
    'POST create_bond': createBond,
    'POST create_vlan': createVlan,
    'POST create_bridge': createBridge,
  },
}

export const interfaceResource: Resource = {
  name: 'InterfaceHandler',
  path: 'nodes/{system_id}/interfaces/{id}/',
  handlers: {
    GET: (call) => shown(call, nodeOf(call), interfaceOf(call)),
    PUT: update,
    DELETE: (call) => {
      const node = writable(call, 'delete interface')
      const iface = interfaceOf(call)
      node.interfaces = node.interfaces.filter((one) => one !== iface && !one.parents.includes(iface.id))
      if (node.bootInterface === iface.id) node.bootInterface = null
      return plain('', 204)
    },
    'POST link_subnet': (call) => {
      const node = writable(call, 'link subnet')
      const iface = interfaceOf(call)
      linkSubnet(call.region, node, iface, call.form)
      return shown(call, node, iface)
    },
    'POST unlink_subnet': (call) => {
      const node = writable(call, 'unlink subnet')
      const iface = interfaceOf(call)
      const id = call.form.int('id')
      if (!iface.links.some((link) => link.id === id)) {
        throw invalid({ id: ['Select a valid choice. That choice is not one of the available choices.'] })
      }
      iface.links = iface.links.filter((link) => link.id !== id)
      return shown(call, node, iface)
    },
    'POST disconnect': (call) => {
      const node = writable(call, 'disconnect interface')
      const iface = interfaceOf(call)
      iface.links = []
      iface.vlan = null
      return shown(call, node, iface)
    },
    'POST add_tag': (call) => {
      const iface = interfaceOf(call)
      const tag = call.form.get('tag') ?? ''
      if (!iface.tags.includes(tag)) iface.tags.push(tag)
      return shown(call, nodeOf(call), iface)
    },
    'POST remove_tag': (call) => {
      const iface = interfaceOf(call)
      iface.tags = iface.tags.filter((tag) => tag !== call.form.get('tag'))
      return shown(call, nodeOf(call), iface)
    },
  },
}

function shown(call: Call, node: Node, iface: Iface): Answer {
  return json(renderInterface(call.region, node, iface))
}

function interfaceOf(call: Call): Iface {
  const iface = nodeOf(call).interfaces.find((one) => String(one.id) === call.params[1])
  if (iface === undefined) throw notFound('Interface')
  return iface
}

/** maasserver/api/interfaces.py: refused in most states; the message's wording is MAAS's own. */
function writable(call: Call, operation: string, also: readonly number[] = []): Node {
  const node = unlocked(nodeOf(call))
  if ([...INTERFACES_WRITABLE, BROKEN, ...also].includes(node.status)) return node
  throw conflict(`Cannot ${operation} interface because the machine is not New, Ready, Allocated, or Broken.`)
}

function createPhysical(call: Call): Answer {
  const { region, form } = call
  const node = writable(call, 'create physical')
  const mac = (form.get('mac_address') ?? '').toLowerCase()
  if (mac === '') throw invalid({ mac_address: ['This field is required.'] })
  checkMac(region, node, mac, undefined)
  const iface = newInterface(
    region,
    freeName(node, form.get('name') || `eth${node.interfaces.length}`),
    'physical',
    mac,
  )
  setVlan(region, iface, form)
  node.interfaces.push(iface)
  return shown(call, node, iface)
}

function createBond(call: Call): Answer {
  const { region, form } = call
  const node = writable(call, 'create bond')
  const name = form.get('name') ?? ''
  if (name === '') throw invalid({ name: ['This field is required.'] })
  const parents = parentsOf(node, form)
  if (parents.some((parent) => parent.type !== 'physical')) {
    throw invalid({ parents: ['Only physical interfaces can be bonded.'] })
  }
  const used = parents.filter((parent) => node.interfaces.some((one) => one.parents.includes(parent.id)))
  if (used.length > 0) {
    throw invalid({
      parents: [`Interfaces already in-use: ${used.map((parent) => parent.name).join(', ')}.`],
    })
  }
  if (new Set(parents.map((parent) => parent.vlan)).size > 1) {
    throw invalid({ parents: ['All parents must belong to the same VLAN.'] })
  }
  const mac = (form.get('mac_address') || parents[0]?.mac || '').toLowerCase()
  if (!isMac(mac)) throw invalid({ mac_address: [`'${mac}' is not a valid MAC address.`] })
  const bond = newInterface(region, freeName(node, name), 'bond', mac)
  bond.parents = parents.map((parent) => parent.id)
  bond.vlan = parents[0]?.vlan ?? null
  bond.params = bondParams(form, {})
  bond.mtu = form.int('mtu') ?? 1500
  setVlan(region, bond, form)
  for (const parent of parents) parent.links = []
  addLink(region, bond, 'link_up', null)
  node.interfaces.push(bond)
  return shown(call, node, bond)
}

const BOND_MODES = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
]

/** Defaults are those of the code, not of its documentation: balance-rr, and LACP rate fast. */
function bondParams(form: Form, present: Record<string, unknown>): Record<string, unknown> {
  const mode = form.get('bond_mode') ?? present.bond_mode ?? 'balance-rr'
  if (!BOND_MODES.includes(String(mode))) {
    throw invalid({
      bond_mode: [`Select a valid choice. ${String(mode)} is not one of the available choices.`],
    })
  }
  return {
    bond_mode: mode,
    bond_miimon: form.int('bond_miimon') ?? present.bond_miimon ?? 100,
    bond_updelay: form.int('bond_updelay') ?? present.bond_updelay ?? 0,
    bond_downdelay: form.int('bond_downdelay') ?? present.bond_downdelay ?? 0,
    bond_lacp_rate: form.get('bond_lacp_rate') ?? present.bond_lacp_rate ?? 'fast',
    bond_num_grat_arp: form.int('bond_num_grat_arp') ?? present.bond_num_grat_arp ?? 1,
    bond_xmit_hash_policy: form.get('bond_xmit_hash_policy') ?? present.bond_xmit_hash_policy ?? 'layer2',
  }
}

function createVlan(call: Call): Answer {
  const { region, form } = call
  const node = writable(call, 'create VLAN')
  const [parent] = parentsOf(node, form)
  const vlan = region.state.vlans.find((one) => one.id === form.int('vlan'))
  if (parent === undefined) throw invalid({ parent: ['A VLAN interface must have exactly one parent.'] })
  if (vlan === undefined) throw invalid({ vlan: ['This field is required.'] })
  if (vlan.vid === 0) throw invalid({ vlan: ['A VLAN interface can only belong to a tagged VLAN.'] })
  const iface = newInterface(region, freeName(node, `${parent.name}.${vlan.vid}`), 'vlan', parent.mac)
  iface.parents = [parent.id]
  iface.vlan = vlan.id
  addLink(region, iface, 'link_up', null)
  node.interfaces.push(iface)
  return shown(call, node, iface)
}

function createBridge(call: Call): Answer {
  const { region, form } = call
  const node = writable(call, 'create bridge')
  const [parent] = parentsOf(node, form)
  if (parent === undefined) throw invalid({ parent: ['A bridge interface must have exactly one parent.'] })
  const mac = (form.get('mac_address') || parent.mac).toLowerCase()
  const iface = newInterface(region, freeName(node, form.get('name') || `br-${parent.name}`), 'bridge', mac)
  iface.parents = [parent.id]
  iface.vlan = parent.vlan
  iface.params = {
    bridge_type: form.get('bridge_type') ?? 'standard',
    bridge_stp: form.bool('bridge_stp'),
    bridge_fd: 15,
  }
  iface.links = parent.links
  parent.links = []
  node.interfaces.push(iface)
  return shown(call, node, iface)
}

/** In Deployed only the record's name, MAC, link and speed can change; other fields are dropped without a word. */
function update(call: Call): Answer {
  const { region, form } = call
  const node = writable(call, 'update interface', [DEPLOYED])
  const iface = interfaceOf(call)
  const mac = form.get('mac_address')?.toLowerCase()
  if (mac !== undefined && mac !== '') {
    if (iface.type === 'physical') checkMac(region, node, mac, iface)
    else if (!isMac(mac)) throw invalid({ mac_address: [`'${mac}' is not a valid MAC address.`] })
    iface.mac = mac
  }
  const name = form.get('name')
  if (name !== undefined && name !== '' && name !== iface.name) iface.name = freeName(node, name)
  if (form.has('link_connected')) iface.linkConnected = form.bool('link_connected')
  if (form.has('interface_speed')) iface.speed = form.int('interface_speed') ?? iface.speed
  if (node.status === DEPLOYED) return shown(call, node, iface)

  setVlan(region, iface, form)
  iface.mtu = form.int('mtu') ?? iface.mtu
  if (form.has('tags')) iface.tags = (form.get('tags') ?? '').split(',').filter((tag) => tag !== '')
  if (iface.type === 'bond') {
    iface.params = bondParams(form, iface.params)
    if (form.has('parents')) iface.parents = parentsOf(node, form).map((parent) => parent.id)
  }
  return shown(call, node, iface)
}

function setVlan(region: Region, iface: Iface, form: Form): void {
  const text = form.get('vlan')
  if (text === undefined) return
  const vlan = text === '' ? null : Number(text)
  if (vlan !== null && !region.state.vlans.some((one) => one.id === vlan)) {
    throw invalid({ vlan: ['Select a valid choice. That choice is not one of the available choices.'] })
  }
  if (vlan === iface.vlan) return
  iface.vlan = vlan
  iface.links = []
}

function parentsOf(node: Node, form: Form): Iface[] {
  const field = form.has('parents') ? 'parents' : 'parent'
  const ids = form.all(field)
  if (ids.length === 0) throw invalid({ [field]: ['This field is required.'] })
  return ids.map((id) => {
    const parent = node.interfaces.find((one) => String(one.id) === id)
    if (parent !== undefined) return parent
    throw invalid({ [field]: [`Select a valid choice. ${id} is not one of the available choices.`] })
  })
}

function freeName(node: Node, name: string): string {
  if (!node.interfaces.some((one) => one.name === name)) return name
  throw invalid({ name: [`Node ${node.hostname} already has an interface named '${name}'.`] })
}

function checkMac(region: Region, node: Node, mac: string, self: Iface | undefined): void {
  if (!isMac(mac)) throw invalid({ mac_address: [`'${mac}' is not a valid MAC address.`] })
  const owner = macOwner(region, mac)
  if (owner === undefined) return
  if (owner === node && self?.mac === mac) return
  throw invalid({ mac_address: [`This MAC address is already in use by ${owner.hostname}.`] })
}
