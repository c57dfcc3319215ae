import { failed, invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { chosen, LIST_PARAMS, listed } from '../api/command.ts'
import type { Cloud } from '../cloud.ts'
import { findFor } from '../find.ts'
import type { Extension } from '../state.ts'
import { registerWithPhysicalNetwork, unregisterFromPhysicalNetwork } from './network-providers.ts'

export const extensionCommands: Command[] = [
  {
    name: 'createExtension',
    description: 'Create an extension',
    params: {
      name: 'string!',
      type: 'string!',
      path: 'string',
      description: 'string',
      details: 'map',
      orchestratorrequirespreparevm: 'boolean',
      state: 'string',
      reservedresourcedetails: 'string',
    },
    run(cloud, params) {
      const { state } = cloud
      const name = params.must('name')
      const type = params.must('type')
      if (type !== 'Orchestrator' && type !== 'NetworkOrchestrator')
        throw invalid(`Invalid type specified - ${type}`)
      if (state.extensions.some((one) => one.name === name))
        throw invalid(`Extension by name: ${name} already exists`)
      const extension: Extension = {
        id: cloud.newId(),
        name,
        type,
        description: params.text('description') ?? '',
        path: params.text('path') ?? `${name}/${name}.sh`,
        details: params.map('details'),
        requiresPrepare: params.flag('orchestratorrequirespreparevm'),
        state: params.text('state')?.toLowerCase() === 'disabled' ? 'Disabled' : 'Enabled',
        created: cloud.now(),
      }
      state.extensions.push(extension)
      cloud.touch()
      return { extension: extensionView(cloud, extension) }
    },
  },
  {
    name: 'listExtensions',
    description: 'Lists extensions',
    params: { ...LIST_PARAMS, details: 'list', type: 'string' },
    run: (cloud, params) =>
      listed(
        'extension',
        chosen(cloud.state.extensions, params).map((one) => extensionView(cloud, one)),
        params,
      ),
  },
  {
    name: 'updateExtension',
    description: 'Update the extension',
    params: {
      id: 'uuid!',
      description: 'string',
      details: 'map',
      state: 'string',
      orchestratorrequirespreparevm: 'boolean',
    },
    run(cloud, params) {
      const extension = findFor(cloud.state.extensions, 'updateExtension', 'id', params.must('id'))
      extension.description = params.text('description') ?? extension.description
      if (params.has('details')) extension.details = params.map('details')
      extension.requiresPrepare = params.flag('orchestratorrequirespreparevm', extension.requiresPrepare)
      const state = params.text('state')?.toLowerCase()
      if (state !== undefined) extension.state = state === 'disabled' ? 'Disabled' : 'Enabled'
      cloud.touch()
      return { extension: extensionView(cloud, extension) }
    },
  },
  {
    name: 'registerExtension',
    description: 'Register an extension with a resource',
    params: { extensionid: 'uuid!', resourceid: 'uuid!', resourcetype: 'string!', details: 'map' },
    run(cloud, params) {
      const { state } = cloud
      const extension = findFor(
        state.extensions,
        'registerExtension',
        'extensionid',
        params.must('extensionid'),
      )
      const kind = params.must('resourcetype')
      if (kind === 'PhysicalNetwork') {
        findFor([state.physicalNetwork], 'registerExtension', 'resourceid', params.must('resourceid'))
        if (extension.type !== 'NetworkOrchestrator')
          throw invalid('Only an extension of the type NetworkOrchestrator can have a physical network')
        registerWithPhysicalNetwork(cloud, extension, params.map('details'))
        return { extension: extensionView(cloud, extension) }
      }
      if (kind.toLowerCase() !== 'cluster')
        throw invalid('Currently only [Cluster, PhysicalNetwork] can be used to register an extension')
      const cluster = findFor(state.clusters, 'registerExtension', 'resourceid', params.must('resourceid'))
      if (cluster.hypervisor !== 'External')
        throw invalid(
          'Currently only cluster of hypervisor type External can be registered with an extension of type Orchestrator',
        )
      if (cluster.extensionId !== null)
        throw invalid(`${cluster.name} is registered with an extension already`)
      cluster.extensionId = extension.id
      cluster.extensionDetails = params.map('details')
      cloud.touch()
      return { extension: extensionView(cloud, extension) }
    },
  },
  {
    name: 'unregisterExtension',
    description: 'Unregister an extension with a resource',
    params: { extensionid: 'uuid!', resourceid: 'uuid!', resourcetype: 'string!' },
    run(cloud, params) {
      const { state } = cloud
      const extension = findFor(
        state.extensions,
        'unregisterExtension',
        'extensionid',
        params.must('extensionid'),
      )
      if (params.must('resourcetype') === 'PhysicalNetwork') {
        unregisterFromPhysicalNetwork(cloud, extension)
        return { extension: extensionView(cloud, extension) }
      }
      const cluster = findFor(state.clusters, 'unregisterExtension', 'resourceid', params.must('resourceid'))
      cluster.extensionId = null
      cluster.extensionDetails = {}
      cloud.touch()
      return { extension: extensionView(cloud, extension) }
    },
  },
  {
    name: 'deleteExtension',
    description: 'Delete the extensions',
    params: { id: 'uuid!', cleanup: 'boolean' },
    run(cloud, params) {
      const { state } = cloud
      const extension = findFor(state.extensions, 'deleteExtension', 'id', params.must('id'))
      if (
        state.clusters.some(({ extensionId }) => extensionId === extension.id) ||
        state.networkProviders?.some(({ extensionId }) => extensionId === extension.id)
      )
        throw failed('Extension has associated resources, unregister them to delete the extension')
      const actions = state.customActions.filter(({ extensionId }) => extensionId === extension.id).length
      if (actions > 0)
        throw failed(`Extension has ${actions} custom actions, delete them to delete the extension`)
      const templates = state.templates.filter(({ extensionId }) => extensionId === extension.id)
      if (templates.length > 0)
        throw failed(
          `Extension is used by ${templates.length} templates, delete them to delete the extension`,
        )
      state.extensions = state.extensions.filter(({ id }) => id !== extension.id)
      cloud.touch()
      return { success: true }
    },
  },
]

function extensionView({ state, programs }: Cloud, extension: Extension): Record<string, unknown> {
  const clusters = state.clusters.filter(({ extensionId }) => extensionId === extension.id)
  const providers = (state.networkProviders ?? []).filter(({ extensionId }) => extensionId === extension.id)
  return {
    id: extension.id,
    name: extension.name,
    description: extension.description,
    type: extension.type,
    path: `/usr/share/cloudstack-management/extensions/${extension.path}`,
    pathready: programs.isReady(extension.path),
    isuserdefined: true,
    orchestratorrequirespreparevm: extension.requiresPrepare,
    state: extension.state,
    details: extension.details,
    resources: [
      ...clusters.map(({ id, name, extensionDetails }) => ({
        ...{ id, name, type: 'Cluster' },
        details: extensionDetails,
      })),
      ...providers.map(({ details }) => ({ ...state.physicalNetwork, type: 'PhysicalNetwork', details })),
    ],
    created: extension.created,
  }
}
