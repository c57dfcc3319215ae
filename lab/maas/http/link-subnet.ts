import type { Iface, Link, Node } from '../model.ts'
import { addLink } from '../networking.ts'
import type { Region } from '../region.ts'
import { invalid } from './answer.ts'
import type { Form } from './form.ts'

const MODES: readonly Link['mode'][] = ['auto', 'dhcp', 'static', 'link_up']

/** POST op=link_subnet. A link that only says "up" gives way to the first real one. */
export function linkSubnet(region: Region, node: Node, iface: Iface, form: Form): void {
  const text = (form.get('mode') ?? '').toLowerCase()
  const mode = MODES.find((one) => one === text)
  if (text === '') throw invalid({ mode: ['This field is required.'] })
  if (mode === undefined) {
    const list = MODES.map((one) => `'${one}'`).join(', ')
    throw invalid({ mode: [`'${text}' is not a valid mode.  It should be one of: ${list}.`] })
  }
  if (node.interfaces.some((one) => one.type === 'bond' && one.parents.includes(iface.id))) {
    throw invalid({ bond: ['Cannot link interface(s) when interface is in a bond or bridge.'] })
  }
  const subnet = region.state.subnets.find((one) => one.id === form.int('subnet'))
  if (form.int('subnet') !== undefined && subnet === undefined) {
    throw invalid({ subnet: ['Select a valid choice. That choice is not one of the available choices.'] })
  }
  if (subnet === undefined && (mode === 'auto' || mode === 'static')) {
    throw invalid({ subnet: ['This field is required.'] })
  }
  if (subnet !== undefined && subnet.vlan !== iface.vlan && !form.bool('force')) {
    throw invalid({ subnet: ['Select a valid choice. That choice is not one of the available choices.'] })
  }
  if (mode === 'dhcp' && iface.links.some((link) => link.mode === 'dhcp')) {
    throw invalid({ mode: [`Interface is already set to DHCP.`] })
  }
  iface.links = form.bool('force') ? [] : iface.links.filter((link) => link.mode !== 'link_up')
  const ip = mode === 'static' ? form.get('ip_address') || null : null
  addLink(region, iface, mode, subnet?.id ?? null, ip)
}
