import { stringify } from 'yaml'
import { customActions } from '../custom-actions.ts'
import { details, networkName } from './network.ts'

/**
 * For importExtension of CloudStack 4.23 and newer: the archive at `archive` holds this file and ferrule.sh at its root.
 * Only fields that CloudStack's ExtensionConfig has: it knows of no options in a form, which install adds. A manifest is
 * one extension of one type, so a NetworkOrchestrator has a manifest of its own.
 */
export function manifest(options: {
  name: string
  folder: string
  archive: string
  version: string
  forNetwork?: boolean
}): string {
  const { folder, archive, version, forNetwork = false } = options
  const name = forNetwork ? networkName(options.name) : options.name
  return stringify(
    {
      apiVersion: 'cloudstack.apache.org/v1',
      kind: 'OrchestratorExtension',
      metadata: {
        name,
        displayName: 'Ferrule',
        description: forNetwork
          ? 'User data and SSH keys for bare metal on networks without a virtual router.'
          : 'Bare metal managed by MAAS: tenant VLANs on the Top-of-Rack switches, proven erasure.',
        version,
        maintainer: 'Ferrule',
      },
      source: { type: 'archive', url: archive },
      spec: {
        type: forNetwork ? 'NetworkOrchestrator' : 'Orchestrator',
        compatibility: { cloudstack: { minVersion: '4.23.0' } },
        entrypoint: { language: 'bash', path: 'ferrule.sh', targetDir: `${folder}/${name}` },
        ...(forNetwork ? { details } : { orchestrator: { requiresPrepareVm: true } }),
        enabled: true,
        customActions: (forNetwork ? [] : customActions).map((action) => ({
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
