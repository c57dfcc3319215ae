import type { Answer } from './answer.ts'
import { HttpRefusal } from './answer.ts'
import type { Edit } from './apply.ts'
import type { SwitchConfig } from './config.ts'
import {
  addTagged,
  addUntagged,
  DEFAULT_VLAN,
  ensureVlan,
  HIGHEST_VLAN,
  members,
  removeTagged,
  removeUntagged,
  removeVlan,
} from './config.ts'
import { byType } from './config-text.ts'
import { PORT_TYPES } from './port-name.ts'
import type { Element } from './xml.ts'
import { childText, escapeXml, tag } from './xml.ts'

/** What OS9 shows for a VLAN whose MTU nobody has set; writing it back is refused. */
const DEFAULT_MTU = 1554

export interface VlanBody {
  id: number
  description?: string | null
  shutdown?: boolean
  untagged?: string[]
  tagged?: string[]
}

export function vlanAnswer(config: SwitchConfig, id: number, namespace: string): Answer {
  const vlan = config.vlans.get(id)
  if (vlan === undefined) throw new HttpRefusal(404, `Vlan ${id} does not exist.`)
  const { untagged, tagged } = members(config, id)
  const content =
    tag('vlan-id', String(id)) +
    (vlan.description === null ? '' : tag('description', escapeXml(vlan.description))) +
    tag('mtu', String(DEFAULT_MTU)) +
    membersXml('untagged', untagged, config) +
    membersXml('tagged', tagged, config) +
    tag('shutdown', String(vlan.shutdown))
  return { status: 200, body: `<vlan xmlns="${namespace}">${content}</vlan>` }
}

function membersXml(name: string, ports: readonly string[], config: SwitchConfig): string {
  const entries = byType(config, ports).flatMap(([type, list]) =>
    list.map((port) => tag(type, tag('name', port))),
  )
  return entries.length === 0 ? '' : tag(name, entries.join(''))
}

/** Reads a <vlan> body. Elements that the resource does not have are refused, as a YANG-checked server does. */
export function parseVlanBody(body: Element | null, config: SwitchConfig): VlanBody {
  if (body?.name !== 'vlan') throw new HttpRefusal(400, 'The body is not a <vlan> element.')
  const id = vlanId(childText(body, 'vlan-id') ?? '')
  const result: VlanBody = { id }
  for (const child of body.children) {
    if (child.name === 'description') result.description = child.text.trim() || null
    else if (child.name === 'shutdown') result.shutdown = booleanOf(child)
    else if (child.name === 'untagged')
      result.untagged = child.children.map((member) => memberOf(member, config))
    else if (child.name === 'tagged') result.tagged = child.children.map((member) => memberOf(member, config))
    else if (child.name !== 'vlan-id' && child.name !== 'name') {
      throw new HttpRefusal(400, `Element <${child.name}> cannot be set.`)
    }
  }
  return result
}

export function vlanId(text: string): number {
  const id = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (id < 1 || id > HIGHEST_VLAN)
    throw new HttpRefusal(400, `Vlan id "${text}" is out of range 1-${HIGHEST_VLAN}.`)
  return id
}

export function booleanOf(element: Element): boolean {
  const text = element.text.trim()
  if (text !== 'true' && text !== 'false') throw new HttpRefusal(400, `<${element.name}> is true or false.`)
  return text === 'true'
}

function memberOf(element: Element, config: SwitchConfig): string {
  const name = childText(element, 'name') ?? ''
  const type = PORT_TYPES.find((candidate) => candidate === element.name)
  if (type === undefined || config.ports.get(name)?.type !== type) {
    throw new HttpRefusal(400, `Port ${element.name} ${name} does not exist.`)
  }
  return name
}

/** PUT and POST: the VLAN becomes exactly the body. Those that leave go first, so that a port can change its kind. */
export function replaceVlan(config: SwitchConfig, body: VlanBody): Edit[] {
  return [
    ...leavers(config, body),
    ...settings({ description: null, shutdown: false, ...body }),
    ...joiners(config, body),
  ]
}

/** PATCH: the body's members join, its settings are set, all else stays. */
export function mergeVlan(config: SwitchConfig, body: VlanBody): Edit[] {
  return [...settings(body), ...joiners(config, body)]
}

export function deleteVlan(config: SwitchConfig, id: number): Edit[] {
  if (!config.vlans.has(id)) throw new HttpRefusal(404, `Vlan ${id} does not exist.`)
  return [(next) => removeVlan(next, id)]
}

/** Only what this VLAN's configuration holds can leave it: not the uplinks, and not the default VLAN's own. */
function leavers(config: SwitchConfig, { id, untagged = [], tagged = [] }: VlanBody): Edit[] {
  const vlan = config.vlans.get(id)
  if (vlan === undefined || id === DEFAULT_VLAN) return []
  const untag = [...vlan.untagged].filter((port) => !untagged.includes(port))
  const unlist = [...vlan.tagged].filter((port) => !tagged.includes(port))
  return [
    ...untag.map(
      (port): Edit =>
        (next) =>
          removeUntagged(next, id, port),
    ),
    ...unlist.map(
      (port): Edit =>
        (next) =>
          removeTagged(next, id, port),
    ),
  ]
}

function joiners(config: SwitchConfig, { id, untagged = [], tagged = [] }: VlanBody): Edit[] {
  const vlan = config.vlans.get(id)
  return [
    ...untagged
      .filter((port) => !vlan?.untagged.has(port))
      .map(
        (port): Edit =>
          (next) =>
            addUntagged(next, id, port),
      ),
    ...tagged
      .filter((port) => !vlan?.tagged.has(port))
      .map(
        (port): Edit =>
          (next) =>
            addTagged(next, id, port),
      ),
  ]
}

function settings({ id, description, shutdown }: VlanBody): Edit[] {
  return [
    (next) => {
      const vlan = ensureVlan(next, id)
      if (description !== undefined) vlan.description = description
      if (shutdown !== undefined) vlan.shutdown = shutdown
    },
  ]
}
