import { FerruleError } from '../domain/errors.ts'
import type { Instance, InstanceNic } from '../domain/instance.ts'
import type { ErasePolicy, Offering } from '../domain/offering.ts'
import { resolveErase } from '../domain/offering.ts'
import type { DeployInput } from '../workflows/install-state.ts'
import { findOffering, findTemplate } from './catalogue.ts'
import type { Services } from './context.ts'
import type { NicRequest } from './nics.ts'

export interface DeployRequest {
  name: string
  template: string
  offering: string
  nics: NicRequest[]
  erase?: ErasePolicy | undefined
  hostname?: string | undefined
  tenant?: string | undefined
  /** A15: root disks only. */
  dataDisks?: unknown[] | undefined
}

export interface PreparedDeploy {
  offering: Offering
  instance: Omit<Instance, 'hostId' | 'error' | 'createdAt' | 'clearAt' | 'systemNics'>
  input: Omit<DeployInput, 'instanceId'>
}

/** From names to what the operation works with. Everything that can be refused without a host is refused here. */
export async function prepareDeploy(
  services: Services,
  request: DeployRequest,
  nics: InstanceNic[],
  externalId: string | null,
): Promise<PreparedDeploy> {
  if ((request.dataDisks ?? []).length > 0) {
    throw new FerruleError(
      'data-disk-refused',
      'a bare-metal server has its own disks: data disks cannot be attached',
      'Deploy without data disks; all local disks of the host belong to the instance.',
      { field: 'dataDisks' },
    )
  }
  const template = await findTemplate(services, request.template)
  const offering = await findOffering(services, request.offering)
  if (nics.length === 0)
    throw new FerruleError(
      'check-failed',
      'the instance has no default NIC',
      'Name at least one network; the first one is the default.',
      { field: 'nics' },
    )
  const hostname = toHostname(request.hostname ?? request.name)
  return {
    offering,
    instance: {
      id: services.tools.newId(),
      name: request.name,
      externalId,
      tenant: request.tenant ?? null,
      state: 'deploying',
      templateId: template.id,
      offeringId: offering.id,
      nics,
      erase: request.erase ?? null,
      hostname,
    },
    input: {
      hostname,
      image: template.image,
      architecture: template.architecture,
      osFamily: template.osFamily,
      bondMode: offering.bondMode,
      diskLayout: offering.diskLayout,
      erase: resolveErase(services.settings.erase, offering.erase, request.erase ?? null),
      waitForClaim: externalId !== null,
      avoid: [],
    },
  }
}

/** RFC 1123 label: what MAAS, cloud-init and DNS accept. */
function toHostname(name: string): string {
  const label = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
  if (label === '')
    throw new FerruleError(
      'invalid-input',
      `"${name}" cannot be made a host name`,
      'Use letters, digits and hyphens.',
      { field: 'name' },
    )
  return label
}
