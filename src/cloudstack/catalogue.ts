import { FerruleError } from '../domain/errors.ts'
import {
  createOffering,
  offerings,
  registerTemplate,
  resolveImage,
  templates,
} from '../services/catalogue.ts'
import type { Services } from '../services/context.ts'
import { listNetworks, upsertNetwork } from '../store/catalogue.ts'
import type { CloudstackVm } from './payload.ts'

/** CloudStack's own offerings and templates become records here when first met, under names that show where they come from. */
export async function ensureOffering(services: Services, vm: CloudstackVm): Promise<string> {
  if (vm.offering !== null) return vm.offering
  const name = ['cloudstack', `${vm.cpuCount}x${vm.memoryMib}MiB`, vm.architecture, ...vm.hostTags].join('-')
  const known = (await offerings(services)).some((one) => one.name === name)
  if (!known) {
    await createOffering(services, {
      name,
      cpuCount: vm.cpuCount,
      memoryMib: vm.memoryMib,
      hostTags: vm.hostTags,
      architecture: vm.architecture,
    }).catch(unlessThere)
  }
  return name
}

export async function ensureTemplate(
  services: Services,
  vm: Pick<CloudstackVm, 'image' | 'architecture'>,
): Promise<string> {
  if (vm.image === null)
    throw new FerruleError(
      'check-failed',
      'the template names no MAAS image',
      'Set the detail External:image of the template, e.g. ubuntu/jammy.',
    )
  const image = resolveImage(services, vm.image)
  const known = (await templates(services)).find(
    (one) => one.image === image && one.architecture === vm.architecture,
  )
  if (known) return known.name
  const name = `cloudstack-${image.replaceAll('/', '-')}-${vm.architecture}`
  await registerTemplate(services, { name, url: vm.image, architecture: vm.architecture }).catch(unlessThere)
  return name
}

/** Another call may have been faster. */
function unlessThere(error: unknown): void {
  if (error instanceof FerruleError && error.code === 'conflict') return
  throw error
}

/** CloudStack's networks with the VLANs that they have now. */
export async function rememberNetworks(services: Services, vm: CloudstackVm): Promise<void> {
  const known = await listNetworks(services.tools.db)
  for (const nic of vm.nics) {
    const old = known.find((one) => one.id === nic.networkId)
    const taken = known.some((one) => one.name === nic.networkName && one.id !== nic.networkId)
    const name = old?.name ?? (taken ? `${nic.networkName} ${nic.networkId}` : nic.networkName)
    if (old?.vlan !== nic.vlan || !old)
      await upsertNetwork(services.tools.db, {
        id: nic.networkId,
        name,
        kind: old?.kind ?? 'isolated',
        vlan: nic.vlan,
      })
  }
}
