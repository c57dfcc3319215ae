import type { HostLease } from '../domain/lease.ts'
import type { Ask, Pairs } from './exchange.ts'
import { toMachine } from './from-wire.ts'
import type { Http } from './http.ts'
import { machinePath } from './machines.ts'
import type { Maas, MaasMachine } from './types.ts'
import { decode, machineSchema } from './wire.ts'

/** Both are refused with 409 in every status but Ready (maasserver/api/machines.py). */
export function storage(
  http: Http,
  machine: Maas['machine'],
): Pick<Maas, 'setDiskLayout' | 'restoreDiskLayout'> {
  async function write(lease: HostLease, ask: Ask): Promise<MaasMachine> {
    return toMachine(decode(machineSchema, ask, await http.write(lease, ask)))
  }

  return {
    async setDiskLayout(lease, systemId, { name, rootDisk, rootSize }) {
      const form: Pairs = [
        ['storage_layout', name],
        ...(rootDisk === null ? [] : [['root_device', await idOf(systemId, rootDisk)] as const]),
        ...(rootSize === null ? [] : [['root_size', String(rootSize)] as const]),
      ]
      return write(lease, {
        what: `lay out the disks of machine ${systemId} as ${name}`,
        method: 'POST',
        path: machinePath(systemId),
        op: 'set_storage_layout',
        form,
      })
    },

    restoreDiskLayout(lease, systemId) {
      return write(lease, {
        what: `restore the disk layout of machine ${systemId}`,
        method: 'POST',
        path: machinePath(systemId),
        op: 'restore_storage_configuration',
        form: [],
      })
    },
  }

  /** MAAS wants a disk's id, and refuses a name that the machine does not have by the same words as an id. */
  async function idOf(systemId: string, name: string): Promise<string> {
    const { disks } = await machine(systemId)
    return String(disks.find((disk) => disk.name === name)?.id ?? name)
  }
}
