import { ApiError, IN_USE, invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { chosen, LIST_PARAMS, listed } from '../api/command.ts'
import type { Cloud } from '../cloud.ts'
import { findFor } from '../find.ts'
import type { Template } from '../state.ts'
import { inDomain, inZone } from './zones.ts'

export const templateCommands: Command[] = [
  {
    name: 'registerTemplate',
    description: 'Registers an existing template into the CloudStack cloud.',
    params: {
      name: 'string!',
      displaytext: 'string',
      url: 'string!',
      format: 'string!',
      hypervisor: 'string!',
      zoneid: 'uuid',
      zoneids: 'list',
      ostypeid: 'uuid',
      arch: 'string',
      extensionid: 'uuid',
      externaldetails: 'map',
      details: 'map',
      ispublic: 'boolean',
      isfeatured: 'boolean',
      isextractable: 'boolean',
      passwordenabled: 'boolean',
      requireshvm: 'boolean',
      sshkeyenabled: 'boolean',
    },
    run(cloud, params) {
      const { state } = cloud
      const hypervisor = params.must('hypervisor')
      const extensionId = params.text('extensionid') ?? null
      if (hypervisor === 'External' && extensionId === null)
        throw invalid('extensionid is needed for templates of the hypervisor External')
      if (extensionId !== null) findFor(state.extensions, 'registerTemplate', 'extensionid', extensionId)
      const template: Template = {
        id: cloud.newId(),
        name: params.must('name'),
        displayText: params.text('displaytext') ?? params.must('name'),
        url: params.must('url'),
        format: params.must('format').toUpperCase(),
        hypervisor,
        arch: params.text('arch') ?? 'x86_64',
        passwordEnabled: params.flag('passwordenabled'),
        extensionId,
        externalDetails: params.map('externaldetails'),
        details: params.map('details'),
        created: cloud.now(),
      }
      state.templates.push(template)
      cloud.touch()
      return { count: 1, template: [templateView(cloud, template)] }
    },
  },
  {
    name: 'listTemplates',
    description: 'List all public, private, and privileged templates.',
    params: { ...LIST_PARAMS, templatefilter: 'string!', zoneid: 'uuid', hypervisor: 'string' },
    run(cloud, params) {
      const hypervisor = params.text('hypervisor')
      const templates = chosen(cloud.state.templates, params).filter(
        (one) => hypervisor === undefined || one.hypervisor === hypervisor,
      )
      return listed(
        'template',
        templates.map((one) => templateView(cloud, one)),
        params,
      )
    },
  },
  {
    name: 'deleteTemplate',
    description: 'Deletes a template from the system.',
    params: { id: 'uuid!', zoneid: 'uuid', forced: 'boolean' },
    begin(cloud, params) {
      const { state } = cloud
      const template = findFor(state.templates, 'deleteTemplate', 'id', params.must('id'))
      return {
        id: template.id,
        type: 'Template',
        async work() {
          const used = state.vms.filter(({ templateId }) => templateId === template.id)
          if (used.length > 0)
            throw new ApiError(
              IN_USE,
              `Unable to delete template because it is used by VMs: ${used.map(({ name }) => name).join(', ')}`,
              4350,
            )
          state.templates = state.templates.filter(({ id }) => id !== template.id)
          cloud.touch()
          return { success: true }
        },
      }
    },
  },
]

function templateView({ state }: Cloud, template: Template): Record<string, unknown> {
  const extension = state.extensions.find(({ id }) => id === template.extensionId)
  return {
    id: template.id,
    name: template.name,
    displaytext: template.displayText,
    ispublic: true,
    created: template.created,
    isready: true,
    passwordenabled: template.passwordEnabled,
    format: template.format,
    isfeatured: true,
    crossZones: false,
    ostypeid: state.role.id,
    ostypename: 'Other Linux (64-bit)',
    ...inDomain(state),
    ...inZone(state),
    status: 'Download Complete',
    size: 0,
    templatetype: 'USER',
    hypervisor: template.hypervisor,
    isextractable: false,
    sshkeyenabled: false,
    isdynamicallyscalable: false,
    directdownload: false,
    deployasis: false,
    requireshvm: true,
    arch: template.arch,
    url: template.url,
    details: {
      ...template.details,
      ...Object.fromEntries(
        Object.entries(template.externalDetails).map(([key, value]) => [`External:${key}`, value]),
      ),
    },
    ...(extension === undefined ? {} : { extensionid: extension.id, extensionname: extension.name }),
    tags: [],
  }
}
