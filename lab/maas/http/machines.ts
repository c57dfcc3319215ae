import { commission } from '../commission.ts'
import type { Node } from '../model.ts'
import { addNode } from '../nodes.ts'
import { release } from '../release.ts'
import { renderMachine } from '../render/machine.ts'
import { ALLOCATED, READY, RELEASABLE, RELEASING, statusName } from '../status.ts'
import { type Answer, conflict, invalid, json } from './answer.ts'
import { type Call, nodeOf, type Resource, unlocked, withPower } from './call.ts'
import { Form } from './form.ts'
import { filterMachines } from './machine-filter.ts'
import { createForm } from './machine-form.ts'

export const machinesResource: Resource = {
  name: 'MachinesHandler',
  path: 'machines/',
  handlers: {
    GET: ({ region, query }) =>
      json(filterMachines(region, query).map((node) => renderMachine(region, node))),
    POST: create,
    'POST allocate': allocate,
    'POST release': releaseMany,
    'GET list_allocated': ({ region, user }) =>
      json(
        region.state.nodes.filter((node) => node.owner === user).map((node) => renderMachine(region, node)),
      ),
    'GET power_parameters': ({ region, query }) => {
      const ids = query.all('id')
      const nodes = region.state.nodes.filter((node) => ids.length === 0 || ids.includes(node.systemId))
      return json(Object.fromEntries(nodes.map((node) => [node.systemId, node.powerParameters])))
    },
    'GET is_registered': isRegistered,
  },
}

/** Both kinds of resource answer the same question. */
export const nodesResource: Resource = {
  name: 'NodesHandler',
  path: 'nodes/',
  handlers: {
    GET: ({ region, query }) =>
      json(filterMachines(region, query).map((node) => renderMachine(region, node))),
    'GET is_registered': isRegistered,
    'GET is_action_in_progress': ({ region, query }) => {
      const mac = (query.get('mac_address') ?? '').toLowerCase()
      const node = region.state.nodes.find((one) => one.interfaces.some((iface) => iface.mac === mac))
      return json(node !== undefined && region.powerBusy.has(node.systemId))
    },
  },
}

export const nodeResource: Resource = {
  name: 'NodeHandler',
  path: 'nodes/{system_id}/',
  handlers: {
    GET: (call) => json(renderMachine(call.region, nodeOf(call))),
    'GET power_parameters': (call) => json(nodeOf(call).powerParameters),
  },
}

function isRegistered({ region, query }: Call): Answer {
  const mac = (query.get('mac_address') ?? '').toLowerCase()
  return json(region.state.nodes.some((node) => node.interfaces.some((iface) => iface.mac === mac)))
}

/** `commission` is on unless it is refused: MAAS's default for administrators. */
async function create({ region, user, form }: Call): Promise<Answer> {
  const fresh = createForm(region, form, `node-${region.world.chance.id(6)}`)
  const node = addNode(region, fresh)
  node.description = form.get('description') ?? ''
  const answer = renderMachine(region, node)
  if (form.has('commission') && !form.bool('commission')) return json(answer)
  await withPower(
    commission(region, node, {
      user,
      skipBmcConfig: form.bool('skip_bmc_config'),
      skipNetworking: form.bool('skip_networking'),
    }),
  )
  return json(renderMachine(region, node))
}

/** Constraints that the lab does not weigh are accepted and ignored; unknown ones are refused. */
const WEIGHED = ['name', 'system_id', 'arch', 'cpu_count', 'mem', 'tags', 'not_tags', 'zone', 'pool']
const IGNORED = [
  'agent_name',
  'comment',
  'dry_run',
  'verbose',
  'bridge_all',
  'bridge_type',
  'bridge_stp',
  'bridge_fd',
  'interfaces',
  'storage',
  'subnets',
  'not_subnets',
  'fabrics',
  'fabric_classes',
  'not_fabrics',
  'not_fabric_classes',
  'not_in_zone',
  'not_in_pool',
  'pod',
  'pod_type',
  'not_pod',
  'devices',
]

function allocate({ region, user, form }: Call): Answer {
  for (const key of form.keys()) {
    if (![...WEIGHED, ...IGNORED, 'op'].includes(key)) throw invalid({ [key]: ['No such constraint.'] })
  }
  const used = WEIGHED.filter((key) => (form.get(key) ?? '') !== '')
  const fields = used.flatMap((key) =>
    form.all(key).map((value): [string, string] => [FILTER_NAMES[key] ?? key, value]),
  )
  const node = filterMachines(region, new Form(fields)).find((one) => one.status === READY)
  if (node === undefined) throw conflict(noneText(used, form))
  if (!form.bool('dry_run')) {
    region.setStatus(node, ALLOCATED)
    node.owner = user
    node.agentName = form.get('agent_name') ?? ''
  }
  const constraints = form.bool('verbose') ? { verbose_storage: {}, verbose_interfaces: {} } : {}
  return json({ ...renderMachine(region, node), constraints_by_type: constraints })
}

const FILTER_NAMES: Record<string, string> = { name: 'hostname', system_id: 'id' }

function noneText(used: string[], form: Form): string {
  if (used.length === 0) return 'No machine available.'
  if (used.length === 1 && used[0] === 'system_id')
    return `No machine with system ID ${form.get('system_id')} available.`
  if (used.length === 1 && used[0] === 'name')
    return `No machine with hostname ${form.get('name')} available.`
  const given = used.map(
    (key) =>
      `('${key}', [${form
        .all(key)
        .map((value) => `'${value}'`)
        .join(', ')}])`,
  )
  const resolved = used.map((key) => `${key}=${form.all(key).join(',')}`).join(' ')
  return `No available machine matches constraints: [${given.join(', ')}] (resolved to "${resolved}")`
}

async function releaseMany({ region, form }: Call): Promise<Answer> {
  const ids = form.all('machines')
  const nodes = ids.flatMap((id) => region.node(id) ?? [])
  if (nodes.length < ids.length) {
    const unknown = ids.filter((id) => region.node(id) === undefined)
    throw invalid({ machines: [`Unknown machine(s): ${unknown.join(', ')}.`] })
  }
  const done: string[] = []
  for (const node of nodes) {
    if (node.status === READY || node.status === RELEASING) continue
    refuseUnreleasable(unlocked(node))
    await withPower(
      release(region, node, { erase: false, quick: false, secure: false, scripts: [], parameters: {} }),
    )
    done.push(node.systemId)
  }
  return json(done)
}

export function refuseUnreleasable(node: Node): void {
  if (RELEASABLE.includes(node.status)) return
  throw conflict(`Machine cannot be released in its current state ('${statusName(node.status)}').`)
}
