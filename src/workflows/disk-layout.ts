import type { DiskLayout } from '../domain/disk-layout.ts'
import { formatDiskLayout, unlikeLayout } from '../domain/disk-layout.ts'
import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import type { HostLease } from '../domain/lease.ts'
import type { MaasMachine } from '../maas/types.ts'
import { forgetLayoutGiven, layoutGiven, noteLayoutGiven } from '../store/disk-layouts.ts'
import { isAllocatedBy, ourMachine, releasePlain, systemIdOf } from './maas-machine.ts'
import type { Tools } from './tools.ts'

/** As it will be installed; a layout that is left from before is taken back first. */
export async function ensureDiskLayout(
  tools: Tools,
  host: Host,
  lease: HostLease,
  operationNumber: number,
  wanted: DiskLayout | null,
): Promise<void> {
  const given = await layoutGiven(tools.db, systemIdOf(host))
  if (wanted === null && given === null) return
  let machine = await ourMachine(tools, host)
  if (wanted !== null && layoutFault(host, machine, wanted) === null) return
  // MAAS changes it in Ready only; allocated by us is a reinstall, whose disks are proven erased by now
  if (machine.status === 'Allocated' && (await isAllocatedBy(tools, machine, operationNumber)))
    await releasePlain(tools, host, lease, 'disk layout')
  if (wanted === null) return restoreDiskLayout(tools, host, lease)
  await noteLayoutGiven(tools.db, machine.systemId, formatDiskLayout(wanted))
  await tools.maas.setDiskLayout(lease, machine.systemId, wanted)
  machine = await tools.maas.machine(machine.systemId)
  const fault = layoutFault(host, machine, wanted)
  if (fault) throw fault
}

/** As commissioned: a layout stays over a release, and the next tenant must not inherit it. The machine is Ready. */
export async function restoreDiskLayout(tools: Tools, host: Host, lease: HostLease): Promise<void> {
  const systemId = systemIdOf(host)
  if ((await layoutGiven(tools.db, systemId)) === null) return
  await tools.maas.restoreDiskLayout(lease, systemId)
  await forgetLayoutGiven(tools.db, systemId)
}

/** What of a machine in MAAS is not as its installation wants it. */
export function layoutFault(host: Host, machine: MaasMachine, wanted: DiskLayout): FerruleError | null {
  const unlike = unlikeLayout(wanted, machine.diskLayout, machine.bootDisk)
  if (unlike === null) return null
  return new FerruleError(
    'maas-state',
    `${host.name} is to have disk layout ${formatDiskLayout(wanted)}, but ${unlike}`,
    'Look at the storage of the machine in MAAS: somebody changed it there. Then deploy again.',
    { host: host.name },
  )
}
