import type { Instance } from '../domain/instance.ts'
import { networks, offerings, templates } from '../services/catalogue.ts'
import type { Services } from '../services/context.ts'
import { namesOfHosts } from '../services/hosts.ts'
import type { InstanceJson } from './schemas/instances.ts'

/** With the names beside the ids: people read names. */
export async function toInstances(
  services: Services,
  instances: readonly Instance[],
): Promise<InstanceJson[]> {
  const [templateNames, offeringNames, networkNames, hostNames] = await Promise.all([
    templates(services).then(namesById),
    offerings(services).then(namesById),
    networks(services).then(namesById),
    namesOfHosts(
      services,
      instances.flatMap(({ hostId }) => (hostId === null ? [] : [hostId])),
    ),
  ])
  return instances.map((instance) => ({
    ...instance,
    host: instance.hostId === null ? null : (hostNames.get(instance.hostId) ?? null),
    template: templateNames.get(instance.templateId) ?? null,
    offering: offeringNames.get(instance.offeringId) ?? null,
    nics: instance.nics.map((nic) => ({ ...nic, network: networkNames.get(nic.networkId) ?? null })),
  }))
}

export async function toInstance(services: Services, instance: Instance): Promise<InstanceJson> {
  const [json] = await toInstances(services, [instance])
  if (!json) throw new Error('one instance became none')
  return json
}

function namesById(objects: readonly { id: string; name: string }[]): Map<string, string> {
  return new Map(objects.map(({ id, name }) => [id, name]))
}
