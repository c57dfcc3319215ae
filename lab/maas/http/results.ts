import { renderBlockDevice } from '../render/block-device.ts'
import { renderSet } from '../render/results.ts'
import { type Answer, invalid, json, notFound } from './answer.ts'
import { type Call, nodeOf, type Resource } from './call.ts'

const TYPES = ['commissioning', 'installation', 'testing', 'release']

export const resultResources: Resource[] = [
  { name: 'NodeScriptResultsHandler', path: 'nodes/{system_id}/results/', handlers: { GET: list } },
  { name: 'NodeScriptResultHandler', path: 'nodes/{system_id}/results/{id}/', handlers: { GET: one } },
  {
    name: 'BlockDevicesHandler',
    path: 'nodes/{system_id}/blockdevices/',
    handlers: {
      GET: (call) => {
        const node = nodeOf(call)
        return json(node.disks.map((disk) => renderBlockDevice(node, disk)))
      },
    },
  },
]

function list(call: Call): Answer {
  const { region, query } = call
  const node = nodeOf(call)
  const type = query.get('type')
  const wanted = type === undefined ? undefined : TYPES.includes(type) ? TYPES.indexOf(type) : Number(type)
  if (wanted !== undefined && TYPES[wanted] === undefined) {
    throw invalid({ type: [`'${type}' is not a valid type.`] })
  }
  const sets = region.state.scriptSets.filter(
    (set) => set.systemId === node.systemId && (wanted === undefined || set.type === wanted),
  )
  return json(sets.map((set) => renderSet(set, query.bool('include_output'))))
}

function one(call: Call): Answer {
  const { region, query, params } = call
  const node = nodeOf(call)
  const current: Record<string, number | null> = {
    'current-commissioning': node.commissioningSet,
    'current-installation': node.installationSet,
    'current-testing': node.testingSet,
  }
  const id = current[params[1] ?? ''] ?? Number(params[1])
  const set = region.state.scriptSets.find(
    (candidate) => candidate.id === id && candidate.systemId === node.systemId,
  )
  if (set === undefined) throw notFound('ScriptSet')
  return json(renderSet(set, query.bool('include_output')))
}
