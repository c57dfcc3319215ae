import { randomUUID } from 'node:crypto'
import type { EphemeralHost, Machine } from '../world/types.ts'
import { dialled } from './dials.ts'
import { lldpXml } from './lldp.ts'
import { CPU_MODEL, machineResources } from './machine-resources.ts'
import type { BlockDevice, Node } from './model.ts'
import { clearLinks, defaultNetworking, newInterface } from './networking.ts'
import { PowerBusy, powerOn } from './power.ts'
import type { Region } from './region.ts'
import { PASSED, SKIPPED } from './render/results.ts'
import { addSet, commissioningResults, endResult } from './script-sets.ts'
import { COMMISSIONING, FAILED_COMMISSIONING, READY } from './status.ts'

/** Loading kernel and image over the network and starting cloud-init. */
export const ENVIRONMENT_BOOT_MS = 60_000
const GATHERING_MS = 45_000

/** Puts the node into Commissioning and powers it on; throws PowerBusy or PowerFailed with the status put back. */
export async function commission(
  region: Region,
  node: Node,
  options: { user: string; skipBmcConfig: boolean; skipNetworking: boolean },
): Promise<void> {
  const before = node.status
  node.owner = options.user
  node.netboot = true
  node.errorDescription = ''
  node.skipNetworking = options.skipNetworking
  clearLinks(node)
  node.commissioningSet = addSet(region, node, 0, commissioningResults(region, options.skipBmcConfig)).id
  addSet(region, node, 2)
  region.setStatus(node, COMMISSIONING, region.nodeTimeout())
  region.event(node, 'INFO', 'Commissioning')
  try {
    await powerOn(region, node)
  } catch (error) {
    region.setStatus(node, before)
    // Links stay wiped; and after a busy refusal MAAS forgets to take the owner off again.
    if (!(error instanceof PowerBusy)) node.owner = null
    throw error
  }
}

/** The commissioning environment on the machine. */
export async function runCommissioning(region: Region, node: Node, host: EphemeralHost): Promise<void> {
  const { epoch } = node
  await host.sleep(region.world.chance.jitter(ENVIRONMENT_BOOT_MS, 0.2))
  if (node.epoch !== epoch || !host.reachable()) return
  region.event(node, 'INFO', 'Gathering information')
  host.say('Running 20-maas-03-machine-resources, 50-maas-01-commissioning, maas-capture-lldpd')
  await host.sleep(region.world.chance.jitter(GATHERING_MS, 0.2))
  if (node.epoch !== epoch || !host.reachable()) return

  const failing = dialled(region.dials.commissioningFails, node.hostname)
  recordResults(region, node, host.machine, failing)
  node.owner = null
  if (failing) {
    region.setStatus(node, FAILED_COMMISSIONING)
    node.errorDescription = '50-maas-01-commissioning failed'
    region.event(node, 'ERROR', 'Failed commissioning', node.errorDescription)
    host.say(node.errorDescription)
  } else {
    adoptHardware(region, node, host.machine)
    region.setStatus(node, READY)
    region.event(node, 'INFO', 'Ready')
  }
  host.powerOff()
}

/** Fills the node from its hardware, as MAAS does from the scripts' results. */
export function adoptHardware(region: Region, node: Node, machine: Machine): void {
  node.everCommissioned = true
  node.cpuCount = machine.cpuCount
  node.cpuSpeed = machine.cpuSpeedMhz
  node.memory = machine.memoryMiB
  node.hardwareUuid = machine.uuid
  const { manufacturer: vendor, model: product, serial } = machine
  node.hardware = { vendor, product, serial, cpuModel: CPU_MODEL }
  node.storage = undefined
  node.disks = machine.disks.map((disk): BlockDevice => {
    const known = node.disks.find((one) => one.serial === disk.serial)
    if (known !== undefined) return { ...known, name: disk.name, size: disk.size }
    return {
      id: region.nextId('blockDevice'),
      partitionId: region.nextId('partition'),
      partitionUuid: randomUUID(),
      filesystemUuid: randomUUID(),
      name: disk.name,
      serial: disk.serial,
      model: disk.model,
      size: disk.size,
    }
  })
  const kept = node.skipNetworking ? node.interfaces.filter((iface) => iface.type !== 'physical') : []
  const physical = machine.nics.map((nic) => {
    const iface =
      node.interfaces.find((one) => one.type === 'physical' && one.mac === nic.mac) ??
      newInterface(region, nic.name, 'physical', nic.mac)
    iface.name = nic.name
    iface.linkConnected = nic.linkUp
    iface.speed = 10_000
    iface.vendor = 'Intel Corporation'
    iface.product = '82599ES 10-Gigabit SFI/SFP+ Network Connection'
    iface.firmware = '0x800009fa'
    return iface
  })
  node.interfaces = [...physical, ...kept]
  node.bootInterface ??= physical[0]?.id ?? null
  if (!node.skipNetworking) defaultNetworking(region, node)
}

function recordResults(region: Region, node: Node, machine: Machine, failing: boolean): void {
  const set = region.state.scriptSets.find((one) => one.id === node.commissioningSet)
  const outputs: Record<string, string> = {
    '20-maas-03-machine-resources': machineResources(machine, node),
    '50-maas-01-commissioning': machineResources(machine, node),
    'maas-capture-lldpd': lldpXml(machine, region.fabric),
    '30-maas-01-bmc-config':
      'INFO: Detecting BMC...\nINFO: IPMI detected; user and settings left as they are\n',
  }
  for (const result of set?.results ?? []) {
    if (result.status === SKIPPED || result.status === PASSED) continue
    const exit = failing && result.name === '50-maas-01-commissioning' ? 1 : 0
    endResult(region, result, { exit, stdout: outputs[result.name] ?? 'ok\n', stderr: '' })
  }
}
