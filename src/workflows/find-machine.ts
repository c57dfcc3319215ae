import { FerruleError } from '../domain/errors.ts'
import type { Host, HostBmc } from '../domain/host.ts'
import { spokenProtocol } from '../domain/host.ts'
import type { BmcPowerParameters, MaasMachine } from '../maas/types.ts'
import { hostSituations } from '../store/hosts.ts'
import type { Tools } from './tools.ts'

/** The machine that MAAS already has: by system id, by any NIC's MAC, or by its BMC's address. Never a duplicate. */
export async function findMachine(
  tools: Tools,
  host: Host,
  systemId: string | null,
): Promise<MaasMachine | null> {
  const found =
    (await bySystemId(tools, systemId)) ?? (await byMac(tools, host)) ?? (await byBmc(tools, host))
  if (!found) return null
  await refuseChimera(tools, host, found)
  const other = (await hostSituations(tools.db)).find(
    (one) => one.host.systemId === found.systemId && one.host.id !== host.id,
  )
  if (other) {
    throw new FerruleError(
      'conflict',
      `machine ${found.systemId} in MAAS is already host ${other.host.name}`,
      'Check BMC address and MAC: two hosts cannot be one machine.',
      { systemId: found.systemId, host: other.host.name },
    )
  }
  return found
}

/** BMC of one machine and MAC of another: we would switch the one and write the disks and ports of the other. */
async function refuseChimera(tools: Tools, host: Host, found: MaasMachine): Promise<void> {
  const macs = found.interfaces.filter((one) => one.type === 'physical').map((one) => one.mac)
  if (!macs.includes(host.bootMac)) {
    throw new FerruleError(
      'conflict',
      `MAAS knows machine ${found.hostname} (${found.systemId}) with BMC ${host.bmc.address ?? 'of its own'}, but without the MAC ${host.bootMac}`,
      'Correct the BMC address or the MAC: they belong to two machines.',
      { systemId: found.systemId, macs },
    )
  }
  const { address } = host.bmc
  if (address === null || !hasBmc(found)) return
  const power = await tools.maas.bmcPowerParameters(found.systemId)
  if (power === null || sameBmc(power, host.bmc)) return
  throw new FerruleError(
    'conflict',
    `MAAS knows machine ${found.hostname} (${found.systemId}) with MAC ${host.bootMac} and BMC ${power.address}, not ${address}`,
    'Correct the BMC address or the MAC here, or the power parameters of the machine in MAAS.',
    { systemId: found.systemId, bmc: power.address },
  )
}

async function bySystemId(tools: Tools, systemId: string | null): Promise<MaasMachine | null> {
  return systemId === null ? null : tools.maas.machine(systemId)
}

async function byMac(tools: Tools, host: Host): Promise<MaasMachine | null> {
  const [machine] = await tools.maas.machines({ macs: host.nics.map((nic) => nic.mac) })
  return machine ?? null
}

async function byBmc(tools: Tools, host: Host): Promise<MaasMachine | null> {
  if (host.bmc.address === null) return null
  for (const machine of await tools.maas.machines()) {
    if (!hasBmc(machine)) continue
    const power = await tools.maas.bmcPowerParameters(machine.systemId)
    if (power !== null && sameBmc(power, host.bmc)) return machine
  }
  return null
}

function hasBmc(machine: MaasMachine): boolean {
  return machine.powerType === 'ipmi' || machine.powerType === 'redfish'
}

/**
 * Is it the BMC that MAAS reaches? A port tells two apart within one protocol only, for each protocol has its own. One
 * BMC may have several systems.
 */
export function sameBmc(known: BmcPowerParameters, bmc: HostBmc): boolean {
  if (known.node !== undefined && bmc.system !== null && known.node !== bmc.system) return false
  const theirs = placeOf(known.address)
  const ours = placeOf(bmc.address ?? '')
  return theirs.host === ours.host && (spokenProtocol(bmc) !== known.type || theirs.port === ours.port)
}

/** As our records write an address that MAAS has. */
export function bareAddress(address: string): string {
  const { host, port } = placeOf(address)
  return port === '' ? host : `${host}:${port}`
}

/** MAAS's Redfish addresses may be URLs, and each protocol's own port goes without saying. */
function placeOf(address: string): { host: string; port: string } {
  const plain = address
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
  const [, host = plain, port = ''] = /^(\[.*\]|[^:]*):(\d+)$/.exec(plain) ?? []
  return { host, port: port === '623' || port === '443' ? '' : port }
}
