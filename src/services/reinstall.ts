import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import type { Instance, InstanceNic } from '../domain/instance.ts'
import { instanceCan } from '../domain/instance.ts'
import type { ErasePolicy } from '../domain/offering.ts'
import { resolveErase } from '../domain/offering.ts'
import { insertEvent } from '../store/events.ts'
import { hostById } from '../store/hosts.ts'
import { instanceById, moveInstance } from '../store/instances.ts'
import type { Operation } from '../store/operations.ts'
import { latestOperation } from '../store/operations.ts'
import { withCurrentVlans } from '../workflows/claim.ts'
import type { ReinstallInput } from '../workflows/install-state.ts'
import { findOffering, findTemplate } from './catalogue.ts'
import type { Caller, Services } from './context.ts'
import { requireEnabled } from './enabled.ts'
import { findInstance, refuseIfChanged, wrongState } from './instances.ts'
import { beginOperation } from './operations.ts'

export interface ReinstallRequest {
  /** Name or id; its own if absent. */
  template?: string | undefined
  /** How the old system is erased. */
  erase?: ErasePolicy | undefined
}

export interface PreparedReinstall {
  instance: Instance
  host: Host
  input: ReinstallInput
}

/** Its disks are erased and proven, and a system is installed anew on the same host: a running server runs again. */
export async function reinstallInstance(
  services: Services,
  caller: Caller,
  key: string,
  request: ReinstallRequest = {},
): Promise<Operation> {
  requireEnabled(services)
  const { instance, host, input } = await prepareReinstall(services, key, request)
  const { db } = services.tools
  return db.transaction(async (client) => {
    // from this very state: whether it ran decides whether it shall run again
    if (!(await moveInstance(client, instance.id, [instance.state], 'deploying')))
      throw wrongState('reinstall', (await instanceById(client, instance.id)) ?? instance)
    const operation = await beginOperation(services, client, caller, {
      kind: 'reinstall',
      hostId: host.id,
      instanceId: instance.id,
      input,
    })
    await refuseIfChanged(client, instance, 'deploying')
    return operation
  })
}

/** Also for `plan`: everything that can be refused from the records. */
export async function prepareReinstall(
  services: Services,
  key: string,
  request: ReinstallRequest,
): Promise<PreparedReinstall> {
  const instance = await findInstance(services, key)
  if (!instanceCan('reinstall', instance.state)) throw wrongState('reinstall', instance)
  const host = instance.hostId ? await hostById(services.tools.db, instance.hostId) : null
  if (!host)
    throw new FerruleError(
      'wrong-state',
      `instance ${instance.name} has no host to be installed on again`,
      'Deploy it again.',
      { state: instance.state },
    )
  const template = await findTemplate(services, request.template ?? instance.templateId)
  if (template.architecture !== host.architecture)
    throw new FerruleError(
      'check-failed',
      `template ${template.name} is for ${template.architecture}, and host ${host.name} is ${host.architecture}`,
      'Use a template for the architecture of the host.',
      { template: template.name, host: host.name },
    )
  const offering = await findOffering(services, instance.offeringId)
  const nics: InstanceNic[] = await withCurrentVlans(services.tools, instance.nics)
  return {
    instance,
    host,
    input: {
      instanceId: instance.id,
      hostId: host.id,
      hostname: instance.hostname,
      nics,
      templateId: template.id,
      image: template.image,
      architecture: template.architecture,
      osFamily: template.osFamily,
      bondMode: offering.bondMode,
      diskLayout: offering.diskLayout,
      erase: resolveErase(services.settings.erase, offering.erase, request.erase ?? instance.erase),
      run: instance.state === 'running',
      was: { state: instance.state, error: instance.error },
    },
  }
}

/**
 * CloudStack stops a server that is being reinstalled: it then stays stopped at the end. False if that comes too late, or
 * no reinstall is under way. The instance is clear as soon as its ports are parked, and stays so.
 */
export async function stayStopped(services: Services, caller: Caller, instance: Instance): Promise<boolean> {
  const { db } = services.tools
  const current = await latestOperation(db, { instanceId: instance.id })
  if (current?.kind !== 'reinstall' || current.endedAt) return false
  if (!(await moveInstance(db, instance.id, ['deploying'], 'stopping'))) return false
  await insertEvent(db, {
    kind: 'operation.stop',
    operationId: current.id,
    instanceId: instance.id,
    message: `${caller.name} stops the instance: reinstall ${current.number} goes on and leaves it stopped`,
  })
  return true
}
