import { FerruleError } from '../domain/errors.ts'
import type { Instance, InstanceNic } from '../domain/instance.ts'
import type { ErasePolicy } from '../domain/offering.ts'
import { resolveErase } from '../domain/offering.ts'
import type { Queryable } from '../store/database.ts'
import { violatedConstraint } from '../store/database.ts'
import { insertInstance, instanceById, instanceByName, setInstanceState } from '../store/instances.ts'
import type { Operation } from '../store/operations.ts'
import { latestOperation } from '../store/operations.ts'
import type { DeployInput } from '../workflows/install-state.ts'
import { findOffering, findTemplate } from './catalogue.ts'
import type { Caller, Services } from './context.ts'
import { requireEnabled } from './enabled.ts'
import type { NicRequest } from './nics.ts'
import { resolveNics } from './nics.ts'
import { beginOperation } from './operations.ts'

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
  instance: Omit<Instance, 'hostId' | 'error' | 'createdAt' | 'clearAt' | 'systemNics'>
  input: Omit<DeployInput, 'instanceId'>
}

/** A19, A20: from names to a running server. Everything that can be refused without a host is refused here. */
export async function deployInstance(
  services: Services,
  caller: Caller,
  request: DeployRequest,
): Promise<{ instance: Instance; operation: Operation }> {
  requireEnabled(services)
  const nics = await resolveNics(services, request.nics)
  const prepared = await prepareDeploy(services, request, nics, null)
  return beginDeploy(services, caller, prepared, true)
}

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

/** Row and operation in one transaction. A failed instance of the same name makes way, and keeps its history. */
export async function beginDeploy(
  services: Services,
  caller: Caller,
  prepared: PreparedDeploy,
  claimed: boolean,
): Promise<{ instance: Instance; operation: Operation }> {
  const { db } = services.tools
  const operation = await db
    .transaction(async (client) => {
      const old = await instanceByName(client, prepared.instance.name)
      if (old?.state === 'failed') {
        await refuseIfItKeepsAHost(client, old)
        await setInstanceState(client, old.id, 'destroyed', old.error)
      }
      await insertInstance(client, prepared.instance, claimed)
      return beginOperation(services, client, caller, {
        kind: 'deploy',
        hostId: null,
        instanceId: prepared.instance.id,
        input: { ...prepared.input, instanceId: prepared.instance.id },
      })
    })
    .catch((error: unknown) => {
      if (violatedConstraint(error) === null) throw error
      throw new FerruleError(
        'conflict',
        `there is an instance ${prepared.instance.name} already`,
        'Choose another name, or destroy it first.',
        { field: 'name' },
      )
    })
  const instance = await instanceById(db, prepared.instance.id)
  if (!instance) throw new Error('the instance vanished after its transaction')
  return { instance, operation: (await latestOperation(db, { instanceId: instance.id })) ?? operation }
}

/** After a failed deploy the host is being erased, and comes back by itself; after a failed reinstall it stays the instance's. */
async function refuseIfItKeepsAHost(client: Queryable, old: Instance): Promise<void> {
  if (old.hostId === null) return
  const latest = await latestOperation(client, { instanceId: old.id })
  if (latest && !latest.endedAt) return
  throw new FerruleError(
    'conflict',
    `instance ${old.name} failed, and keeps its host`,
    `Reinstall it ("ferrule instance reinstall ${old.name}"), or destroy it first.`,
    { field: 'name' },
  )
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
