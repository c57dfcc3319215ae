import type { BondMode } from '../domain/bond-plan.ts'
import { bondModes } from '../domain/bond-plan.ts'
import type { DiskLayout } from '../domain/disk-layout.ts'
import { formatDiskLayout, parseDiskLayout } from '../domain/disk-layout.ts'
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
  const bondMode = bondModeOf(vm)
  const diskLayout = diskLayoutOf(vm)
  if (vm.offering !== null) return vm.offering
  const size = `${vm.cpuCount}x${vm.memoryMib}MiB`
  const how = [...(bondMode ? [bondMode] : []), ...(diskLayout ? [formatDiskLayout(diskLayout)] : [])]
  const name = ['cloudstack', size, vm.architecture, ...vm.hostTags, ...how].join('-')
  const known = (await offerings(services)).some((one) => one.name === name)
  if (!known) {
    await createOffering(services, {
      name,
      cpuCount: vm.cpuCount,
      memoryMib: vm.memoryMib,
      hostTags: vm.hostTags,
      architecture: vm.architecture,
      bondMode,
      diskLayout: diskLayout && formatDiskLayout(diskLayout),
    }).catch(unlessThere)
  }
  return name
}

/** @throws invalid-input for a mode that is unknown, or that is said beside an offering of ours, which has its own */
export function bondModeOf({
  bondMode,
  offering,
}: Pick<CloudstackVm, 'bondMode' | 'offering'>): BondMode | undefined {
  if (bondMode === null) return undefined
  if (offering !== null)
    throw new FerruleError(
      'invalid-input',
      `bond mode "${bondMode}" and offering ${offering} are both given, and the offering has a bond mode of its own`,
      'Leave out one of the details External:bond_mode and External:offering.',
      { bondMode, offering },
    )
  const known = bondModes.find((one) => one === bondMode)
  if (known) return known
  throw new FerruleError(
    'invalid-input',
    `bond mode "${bondMode}" is unknown`,
    `Use one of ${bondModes.join(', ')} in the detail External:bond_mode.`,
    { bondMode },
  )
}

/** @throws invalid-input for a layout that is unknown, or that is said beside an offering of ours, which says its own */
export function diskLayoutOf({
  diskLayout,
  offering,
}: Pick<CloudstackVm, 'diskLayout' | 'offering'>): DiskLayout | undefined {
  if (diskLayout === null) return undefined
  if (offering !== null)
    throw new FerruleError(
      'invalid-input',
      `disk layout "${diskLayout}" and offering ${offering} are both given, and the offering says what its disk layout is`,
      'Leave out one of the details External:disk_layout and External:offering.',
      { diskLayout, offering },
    )
  return parseDiskLayout(diskLayout)
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
