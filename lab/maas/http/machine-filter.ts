import type { Node } from '../model.ts'
import type { Region } from '../region.ts'
import { statusByFilter } from '../status.ts'
import { invalid } from './answer.ts'
import type { Form } from './form.ts'
import { isMac } from './machine-form.ts'

type Filter = (node: Node, values: string[]) => boolean

const FILTERS: Record<string, Filter> = {
  id: (node, ids) => ids.includes(node.systemId),
  hostname: (node, names) => names.includes(node.hostname),
  // Compared as it is written: MACs are stored in lower case, so a query in upper case finds nothing.
  mac_address: (node, macs) => node.interfaces.some((iface) => macs.includes(iface.mac)),
  agent_name: (node, names) => names.includes(node.agentName),
  tags: (node, tags) => tags.every((tag) => node.tags.includes(tag)),
  not_tags: (node, tags) => !tags.some((tag) => node.tags.includes(tag)),
  power_state: (node, states) => states.includes(node.powerState),
  status: (node, statuses) => statuses.some((status) => statusByFilter(status) === node.status),
  owner: (node, owners) => owners.includes(node.owner ?? ''),
  domain: () => true,
  zone: () => true,
  pool: () => true,
  arch: (node, values) =>
    values.some((arch) => node.architecture === arch || node.architecture.startsWith(`${arch}/`)),
  cpu_count: (node, values) => values.every((count) => node.cpuCount >= Number(count)),
  mem: (node, values) => values.every((mib) => node.memory >= Number(mib)),
}

/** GET machines/: every key is a constraint; all must hold. Throws MAAS's 400s. */
export function filterMachines(region: Region, query: Form): Node[] {
  const keys = query.keys().filter((key) => key !== 'op')
  for (const key of keys) {
    if (FILTERS[key] === undefined) throw invalid({ [key]: ['No such constraint.'] })
  }
  const bad = query.all('mac_address').filter((mac) => !isMac(mac))
  if (bad.length > 0) {
    throw invalid({ mac_address: [`Invalid MAC address(es): ${bad.join(', ')}`] })
  }
  for (const status of query.all('status')) {
    if (statusByFilter(status) === undefined) {
      throw invalid({ status: [`Select a valid choice. ${status} is not one of the available choices.`] })
    }
  }
  const places = { zone: region.state.zones, pool: region.state.pools, domain: region.state.domains }
  for (const [key, known] of Object.entries(places)) {
    for (const name of query.all(key)) {
      if (!known.some((one) => one.name === name)) throw invalid({ [key]: [`No such ${key}: '${name}'.`] })
    }
  }
  return region.state.nodes.filter((node) =>
    keys.every((key) => {
      const values = query.all(key)
      if (key === 'zone' || key === 'pool' || key === 'domain') {
        return values.some((name) => places[key].some((one) => one.id === node[key] && one.name === name))
      }
      return FILTERS[key]?.(node, values) ?? true
    }),
  )
}
