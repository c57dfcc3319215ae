import { type ApiError, invalid } from './api/api-error.ts'
import type { Cloud } from './cloud.ts'
import type { Cluster, Extension, Host, Network, Vm, Vpc } from './state.ts'

/** For ids that the database itself refers to: they are there. */
export function find<T extends { id: string }>(items: readonly T[], id: string): T {
  const found = items.find((one) => one.id === id)
  if (found === undefined) throw new Error(`nothing has the id ${id}`)
  return found
}

/** For ids that a caller gave, in CloudStack's words when there is none. */
export function findFor<T extends { id: string }>(
  items: readonly T[],
  command: string,
  name: string,
  id: string,
): T {
  const found = items.find((one) => one.id === id)
  if (found === undefined) throw noEntity(command, name, id)
  return found
}

export function noEntity(command: string, name: string, id: string): ApiError {
  return invalid(
    `Unable to execute API command ${command.toLowerCase()} due to invalid value. Invalid parameter ${name} value=${id} due to incorrect long value format, or entity does not exist or due to incorrect parameter annotation for the field in api cmd class.`,
  )
}

/** null: it is no tier. */
export function vpcOf({ state }: Cloud, { vpcId }: Network): Vpc | null {
  return state.vpcs?.find(({ id }) => id === vpcId) ?? null
}

/** Where the VM is, or was last. */
export function hostOf({ state }: Cloud, vm: Vm): Host | null {
  const id = vm.hostId ?? vm.lastHostId
  return state.hosts.find((one) => one.id === id) ?? null
}

export function clusterOf({ state }: Cloud, host: Host): Cluster {
  return find(state.clusters, host.clusterId)
}

export function extensionOf({ state }: Cloud, vm: Vm): Extension {
  const template = find(state.templates, vm.templateId)
  if (template.extensionId === null) throw invalid(`template ${template.name} belongs to no extension`)
  return find(state.extensions, template.extensionId)
}
