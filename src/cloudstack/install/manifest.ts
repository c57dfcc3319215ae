import { stringify } from 'yaml'
import { customActions } from '../custom-actions.ts'

/**
 * For importExtension of CloudStack 4.23 and newer: the archive at `archive` holds this file and ferrule.sh at its root.
 * Only fields that CloudStack's ExtensionConfig has: it knows of no options in a form, which install adds.
 */
export function manifest(options: {
  name: string
  folder: string
  archive: string
  version: string
}): string {
  const { name, folder, archive, version } = options
  return stringify(
    {
      apiVersion: 'cloudstack.apache.org/v1',
      kind: 'OrchestratorExtension',
      metadata: {
        name,
        displayName: 'Ferrule',
        description: 'Bare metal managed by MAAS: tenant VLANs on the Top-of-Rack switches, proven erasure.',
        version,
        maintainer: 'Ferrule',
      },
      source: { type: 'archive', url: archive },
      spec: {
        type: 'Orchestrator',
        compatibility: { cloudstack: { minVersion: '4.23.0' } },
        entrypoint: { language: 'bash', path: 'ferrule.sh', targetDir: `${folder}/${name}` },
        orchestrator: { requiresPrepareVm: true },
        enabled: true,
        customActions: customActions.map((action) => ({
          name: action.name,
          displayName: action.name,
          description: action.description,
          resourcetype: 'VirtualMachine',
          enabled: true,
          timeout: action.timeoutS,
          allowedroletypes: [...action.roles],
          parameters: action.parameters.map((parameter) => ({
            name: parameter.name,
            type: 'STRING',
            validationformat: 'NONE',
            required: parameter.required,
          })),
        })),
      },
    },
    { lineWidth: 0 },
  )
}
