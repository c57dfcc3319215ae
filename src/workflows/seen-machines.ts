import type { Host, HostBmc, HostNic } from '../domain/host.ts'
import { neverRead } from '../domain/host.ts'
import type { Inventory, SeenMachine } from '../domain/recovery/facts.ts'
import type { BmcPowerParameters, MaasMachine } from '../maas/types.ts'
import type { CableRow } from '../store/racks.ts'
import { portRef } from './cables.ts'
import { bareAddress } from './find-machine.ts'
import {
  ANNOTATION_INSTALLATION,
  ANNOTATION_INSTANCE,
  ANNOTATION_OPERATION,
  installationTag,
} from './maas-machine.ts'
import type { Tools } from './tools.ts'

/** Every machine with the tag of this installation. */
export function markedMachines(tools: Tools): Promise<MaasMachine[]> {
  return tools.maas.machines({ tags: [installationTag(tools)] })
}

/** The highest operation number that the machines carry; 0: none does. */
export function highestNumber(tools: Pick<Tools, 'installation'>, machines: readonly MaasMachine[]): number {
  return Math.max(0, ...machines.map((machine) => operationOf(tools, machine) ?? 0))
}

/** The operation that an annotation of this installation names. */
export function operationOf(
  { installation }: Pick<Tools, 'installation'>,
  { annotations }: MaasMachine,
): number | null {
  const number = Number(annotations[ANNOTATION_OPERATION])
  return annotations[ANNOTATION_INSTALLATION] === installation.name && Number.isInteger(number)
    ? number
    : null
}

export function toSeenMachine(tools: Pick<Tools, 'installation'>, machine: MaasMachine): SeenMachine {
  const tag = installationTag(tools)
  const annotated = machine.annotations[ANNOTATION_INSTALLATION] === tools.installation.name
  const foreign = machine.tags.some((one) => one.startsWith('ferrule-') && one !== tag)
  return {
    systemId: machine.systemId,
    status: machine.status,
    mark: foreign ? 'foreign' : annotated || machine.tags.includes(tag) ? 'ours' : 'none',
    instanceId: annotated ? (machine.annotations[ANNOTATION_INSTANCE] ?? null) : null,
    operation: operationOf(tools, machine),
    bondMac: machine.interfaces.find((one) => one.type === 'bond')?.mac ?? null,
    activity: null,
    inventory: inventoryOf(machine),
  }
}

/** Null: MAAS has never seen the inside of the machine. */
export function inventoryOf(machine: MaasMachine): Inventory | null {
  if (machine.cpuCount === 0 || machine.disks.length === 0) return null
  return {
    cpuCount: machine.cpuCount,
    cpuSpeedMhz: machine.cpuSpeedMhz,
    memoryMib: machine.memoryMiB,
    architecture: machine.architecture.split('/')[0] ?? 'amd64',
    interfaces: machine.interfaces
      .filter((one) => one.type === 'physical')
      .map((one) => ({ name: one.name, mac: one.mac })),
    disks: machine.disks.map(({ name, serial, model, size }) => ({ name, serial, model, size })),
  }
}

/** A host's record, from what MAAS knows of the machine; null where MAAS does not know its BMC or boot NIC. */
export async function hostFromMachine(
  tools: Tools,
  machine: MaasMachine,
  hosts: readonly Host[],
  cables: readonly CableRow[],
): Promise<Host | null> {
  const inventory = inventoryOf(machine)
  const power = await tools.maas.bmcPowerParameters(machine.systemId)
  const boot = machine.interfaces.find((one) => one.id === machine.bootInterfaceId)
  if (!inventory || !power || !boot) return null
  const bmc = bmcFromMaas(power)
  if (hosts.some((host) => host.bmc.address === bmc.address && host.bmc.system === bmc.system)) return null
  const taken = hosts.some((host) => host.name === machine.hostname)
  return {
    id: tools.newId(),
    name: taken ? `${machine.hostname}-${machine.systemId}` : machine.hostname,
    systemId: machine.systemId,
    bmc,
    bootMac: boot.mac,
    cpuCount: inventory.cpuCount,
    cpuSpeedMhz: inventory.cpuSpeedMhz,
    memoryMib: inventory.memoryMib,
    architecture: inventory.architecture,
    tags: [],
    nics: nicsOf(inventory, cables),
    disks: inventory.disks,
    inPool: true,
    readOnly: false,
    attention: null,
    question: null,
    power: neverRead,
    powerPolicy: 'report',
    maasEventSeen: 0,
  }
}

/** The NICs that MAAS found, each on the port that the rack file gives it. */
export function nicsOf(inventory: Inventory, cables: readonly CableRow[]): HostNic[] {
  return inventory.interfaces.map((nic) => {
    const cable = cables.find((one) => one.mac === nic.mac)
    return { ...nic, port: cable ? portRef(cable) : null }
  })
}

/** Reached as MAAS reaches it. Whom its certificate was trusted by is lost: a person has to look again. */
function bmcFromMaas(power: BmcPowerParameters): HostBmc {
  return {
    address: bareAddress(power.address),
    username: power.username,
    protocol: power.type,
    found: null,
    fingerprint: null,
    sshFingerprint: null,
    system: power.node ?? null,
    kg: false,
  }
}
