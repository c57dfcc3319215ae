import type { Offering } from '../domain/offering.ts'
import type { CloudstackVm } from './payload.ts'

/**
 * CloudStack changes the service offering of a stopped VM without asking, and tells it with the next start: the machine
 * is the one that it was. Memory is the same if either of CloudStack's two figures is, because a cluster's overcommitment
 * can have changed meanwhile.
 * @returns why it cannot be; null: it has the size that it was deployed with
 */
export function otherSize(
  vm: Pick<CloudstackVm, 'name' | 'cpuCount' | 'memoryMib' | 'offeredMib' | 'offering'>,
  { cpuCount, memoryMib }: Pick<Offering, 'cpuCount' | 'memoryMib'>,
): { message: string; remedy: string } | null {
  const same = vm.cpuCount === cpuCount && [vm.memoryMib, vm.offeredMib].includes(memoryMib)
  // with an offering of Ferrule's by its name CloudStack's figures say nothing, and without figures there is nothing to say
  if (same || vm.offering !== null || vm.cpuCount === 0) return null
  return {
    message: `${vm.name} is a machine with ${sizeOf(cpuCount, memoryMib)}, and its service offering now says ${sizeOf(vm.cpuCount, vm.offeredMib)}: a bare-metal server keeps its machine`,
    remedy: 'Give it its first service offering again, or deploy a new server.',
  }
}

function sizeOf(cpuCount: number, memoryMib: number): string {
  return `${cpuCount} CPUs and ${memoryMib} MiB`
}
