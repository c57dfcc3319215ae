import type { Answer } from './answer.ts'
import { HttpRefusal } from './answer.ts'
import type { Edit } from './apply.ts'
import type { SwitchConfig } from './config.ts'
import { portOf, setHybrid, setSwitchport } from './config.ts'
import { parseUrlName, urlName } from './port-name.ts'
import { booleanOf } from './rest-vlan.ts'
import type { Element } from './xml.ts'
import { childText, escapeXml, tag } from './xml.ts'

/** The port that a URL names, or 404. */
export function portInUrl(config: SwitchConfig, text: string): string {
  const named = parseUrlName(text)
  if (named === null || config.ports.get(named.port)?.type !== named.type) {
    throw new HttpRefusal(404, `Interface ${text} does not exist.`)
  }
  return named.port
}

/** <shutdown> is among the values that appear only with the query `?with-defaults`. VLANs are not here at all. */
export function interfaceAnswer(
  config: SwitchConfig,
  name: string,
  withDefaults: boolean,
  namespace: string,
): Answer {
  const port = portOf(config, name)
  const content =
    tag('name', urlName(port.type, name)) +
    (port.description === null ? '' : tag('description', escapeXml(port.description))) +
    (port.hybrid ? tag('portmode', tag('hybrid', 'true')) : '') +
    (port.switchport ? '<switchport></switchport>' : '') +
    (withDefaults ? tag('shutdown', String(port.shutdown)) : '')
  return { status: 200, body: `<interface xmlns="${namespace}">${content}</interface>` }
}

/**
 * PUT sets everything, with the factory's value (Layer 3, shut down) for what the body lacks; PATCH only what it names.
 */
export function interfaceEdits(
  body: Element | null,
  config: SwitchConfig,
  name: string,
  replace: boolean,
): Edit[] {
  if (body?.name !== 'interface') throw new HttpRefusal(400, 'The body is not an <interface> element.')
  const port = portOf(config, name)
  const named = childText(body, 'name')
  if (named !== undefined && named !== urlName(port.type, name))
    throw new HttpRefusal(400, `<name> is not ${urlName(port.type, name)}.`)
  const known = ['name', 'description', 'portmode', 'switchport', 'shutdown']
  const odd = body.children.find((child) => !known.includes(child.name))
  if (odd !== undefined) throw new HttpRefusal(400, `Element <${odd.name}> cannot be set.`)
  const find = (element: string) => body.children.find((child) => child.name === element)
  const hybrid = find('portmode')?.children.find((child) => child.name === 'hybrid')
  const switchport = find('switchport')
  const shutdown = find('shutdown')
  const description = find('description')
  const edits: Edit[] = []
  if (hybrid !== undefined || replace) {
    const wanted = hybrid !== undefined && booleanOf(hybrid)
    edits.push((next) => setHybrid(next, name, wanted))
  }
  if (switchport !== undefined || replace) {
    const wanted = switchport !== undefined && switchport.text.trim() !== 'false'
    edits.push((next) => setSwitchport(next, name, wanted))
  }
  if (shutdown !== undefined || replace) {
    const wanted = shutdown === undefined || booleanOf(shutdown)
    edits.push((next) => {
      portOf(next, name).shutdown = wanted
    })
  }
  if (description !== undefined || replace) {
    const wanted = description?.text.trim() || null
    edits.push((next) => {
      portOf(next, name).description = wanted
    })
  }
  return edits
}
