import type { Host } from '../domain/host.ts'
import type { MaasMachine } from '../maas/types.ts'
import type { CableRow } from '../store/racks.ts'
import { hostFromMachine, inventoryOf, markedMachines, nicsOf } from './seen-machines.ts'
import { sideBySide } from './side-by-side.ts'
import type { Tools } from './tools.ts'

/** A host of the records, or one that only MAAS knows, with its machine. */
export interface Pair {
  host: Host
  known: boolean
  machine: MaasMachine | null
}

/** Every host of the records with its machine, and every machine with our mark that no host of the records is. */
export async function pairMachines(
  tools: Tools,
  hosts: readonly Host[],
  cables: readonly CableRow[],
): Promise<{ pairs: Pair[]; marked: MaasMachine[]; notes: string[] }> {
  const marked = await markedMachines(tools)
  const machines = await withMachinesOf(tools, hosts, marked)
  const notes: string[] = []
  const pairs = [
    ...hosts.map((host) => knownPair(host, machineOf(host, machines), cables)),
    ...(await strangers(tools, hosts, marked, cables, notes)),
  ]
  return { pairs, marked, notes }
}

/** A host whose enlistment had not come to its inventory has more NICs, and more ports, than its record says. */
function knownPair(host: Host, machine: MaasMachine | null, cables: readonly CableRow[]): Pair {
  const inventory = host.inPool || host.readOnly || !machine ? null : inventoryOf(machine)
  return { host: inventory ? { ...host, nics: nicsOf(inventory, cables) } : host, known: true, machine }
}

/** A machine that has lost our mark is still looked at, where the records have a host of it. */
async function withMachinesOf(
  tools: Tools,
  hosts: readonly Host[],
  marked: readonly MaasMachine[],
): Promise<MaasMachine[]> {
  const found = new Set(marked.map((machine) => machine.systemId))
  const missing = hosts.flatMap(({ systemId }) => (systemId && !found.has(systemId) ? [systemId] : []))
  return missing.length === 0 ? [...marked] : [...marked, ...(await tools.maas.machines({ ids: missing }))]
}

function machineOf(host: Host, machines: readonly MaasMachine[]): MaasMachine | null {
  return (
    machines.find((machine) => machine.systemId === host.systemId) ??
    machines.find((machine) => host.systemId === null && hasMac(machine, host)) ??
    null
  )
}

function hasMac(machine: MaasMachine, host: Host): boolean {
  return machine.interfaces.some((one) => one.type === 'physical' && one.mac === host.bootMac)
}

/** Machines that carry our mark and of which the records have no host. */
async function strangers(
  tools: Tools,
  hosts: readonly Host[],
  marked: readonly MaasMachine[],
  cables: readonly CableRow[],
  notes: string[],
): Promise<Pair[]> {
  const unknown = marked.filter(
    (machine) => !hosts.some((host) => host.systemId === machine.systemId || hasMac(machine, host)),
  )
  const pairs = await sideBySide(unknown, async (machine): Promise<Pair | null> => {
    const host = inventoryOf(machine) && (await hostFromMachine(tools, machine, hosts, cables))
    if (host) return { host, known: false, machine }
    notes.push(
      `machine ${machine.hostname} (${machine.systemId}, ${machine.status}) is marked as ours in MAAS, and cannot be recorded from what MAAS knows of it: add it with "ferrule host add"`,
    )
    return null
  })
  return pairs.filter((pair) => pair !== null)
}
