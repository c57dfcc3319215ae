import type { BondMode } from '../domain/bond-plan.ts'
import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { wiredPorts } from '../domain/host.ts'
import type { InstanceNic } from '../domain/instance.ts'
import { defaultNic, taggedNics } from '../domain/instance.ts'
import { preMadeLagFault } from '../domain/lag.ts'
import { tenantVlanFault, vlanMissing } from '../domain/vlan.ts'
import type { MaasMachine } from '../maas/types.ts'
import { listInstances } from '../store/instances.ts'
import type { InstallInput } from './install-state.ts'
import { handOverFor } from './install-system.ts'
import { ownershipFault } from './maas-machine.ts'
import { bondFor } from './nic-plan.ts'
import { ledgerFault } from './ports.ts'
import { preMadeLagFaults } from './pre-made-lags.ts'
import type { Tools } from './tools.ts'

/** Reading faults that themselves fail (MAAS down, BMC away) are faults like any other. */
export async function settled(faults: Promise<FerruleError[]>): Promise<FerruleError[]> {
  return faults.catch((error: unknown) => {
    if (error instanceof FerruleError && error.code !== 'lease-lost' && error.code !== 'database-unreachable')
      return [error]
    throw error
  })
}

export function joinFaults(all: readonly FerruleError[]): FerruleError {
  // one cause can show in several checks: it is told once
  const faults = all.filter(
    (fault, index) =>
      all.findIndex((one) => one.code === fault.code && one.remedy === fault.remedy) === index,
  )
  const [first] = faults
  if (first && faults.length === 1) return first
  return new FerruleError(
    'check-failed',
    `${faults.length} things are in the way: ${faults.map((fault) => fault.message).join(' | ')}`,
    faults.map((fault) => fault.remedy).join(' '),
    {
      faults: faults.map((fault) => fault.toBody()),
    },
  )
}

/** Also for `plan`: everything about NICs and VLANs that can be refused without touching a device. */
export async function networkFaults(
  tools: Pick<Tools, 'db' | 'openSwitch'>,
  host: Host,
  nics: readonly InstanceNic[],
  instanceId: string,
): Promise<FerruleError[]> {
  const faults: FerruleError[] = []
  if (nics.filter((nic) => nic.isDefault).length !== 1) {
    faults.push(
      new FerruleError(
        'check-failed',
        'the instance has no default NIC',
        'Give exactly one NIC the default network.',
      ),
    )
  }
  const fence = await fenceOf(tools, host)
  for (const nic of nics) {
    const fault = fence ? tenantVlanFault(nic.vlan, fence) : null
    if (fault) faults.push(fault)
  }
  const vlans = nics.map((nic) => nic.vlan)
  faults.push(...(await missingVlanFaults(tools, host, vlans)))
  const twice = vlans.find((vlan, index) => vlans.indexOf(vlan) !== index)
  if (twice !== undefined)
    faults.push(
      new FerruleError(
        'conflict',
        `two NICs of the instance are on VLAN ${twice}`,
        'Use one NIC per network.',
        { vlan: twice },
      ),
    )
  const ledger = await ledgerFault(tools, nics, instanceId)
  if (ledger) faults.push(ledger)
  faults.push(...(await macFaults(tools, nics, instanceId)))
  return faults
}

/** A system takes minutes to install: a VLAN that will not be there then is told before. */
async function missingVlanFaults(
  tools: Pick<Tools, 'openSwitch'>,
  host: Host,
  vlans: readonly number[],
): Promise<FerruleError[]> {
  const switches = [...new Set(wiredPorts(host).map(({ switchId }) => switchId))]
  const faults = await Promise.all(
    switches.map((switchId) =>
      settled(
        (async () => {
          const { ports } = await tools.openSwitch(switchId)
          const missing = await ports.missingVlans(vlans)
          return missing.length > 0 ? [vlanMissing(switchId, missing)] : []
        })(),
      ),
    ),
  )
  return faults.flat()
}

async function fenceOf(tools: Pick<Tools, 'openSwitch'>, host: Host) {
  const port = host.nics.find((nic) => nic.port)?.port
  if (!port) return null
  const { row } = await tools.openSwitch(port.switchId)
  return {
    range: { from: row.vlanFrom, to: row.vlanTo },
    pxeVlan: row.pxeVlan,
    quarantineVlan: row.quarantineVlan,
  }
}

async function macFaults(
  tools: Pick<Tools, 'db'>,
  nics: readonly InstanceNic[],
  instanceId: string,
): Promise<FerruleError[]> {
  const others = (await listInstances(tools.db)).filter((one) => one.id !== instanceId)
  return nics.flatMap((nic) => {
    const owner = others.find((one) => one.nics.some((used) => used.mac === nic.mac))
    return owner
      ? [
          new FerruleError(
            'conflict',
            `MAC ${nic.mac} is already used by instance ${owner.name}`,
            'Let CloudStack allocate another MAC for the NIC.',
            { mac: nic.mac },
          ),
        ]
      : []
  })
}

/** The image is there, and there is a hand-over for its system: asked once the NICs are known to be right. */
export async function systemFaults(
  tools: Tools,
  input: InstallInput,
  nics: readonly InstanceNic[] | null,
): Promise<FerruleError[]> {
  const fault = await imageFault(tools, input.image, input.architecture)
  if (fault) return [fault]
  try {
    if (nics)
      handOverFor({ input, state: { defaultMac: defaultNic(nics)?.mac ?? '' } }, taggedNics(nics), null)
    return []
  } catch (error) {
    if (error instanceof FerruleError) return [error]
    throw error
  }
}

export async function imageFault(
  tools: Pick<Tools, 'maas'>,
  image: string,
  architecture: string,
): Promise<FerruleError | null> {
  const images = await tools.maas.images()
  const named = images.filter((one) => one.name === image)
  if (named.some((one) => one.architecture === architecture)) return null
  if (named.length > 0) {
    return new FerruleError(
      'image-missing',
      `MAAS has image ${image} only for ${named.map((one) => one.architecture).join(', ')}, not for ${architecture}`,
      'Import the image for this architecture in MAAS, or use an offering of the other one.',
      { image, architecture },
    )
  }
  const known = [...new Set(images.map((one) => one.name))].sort()
  return new FerruleError(
    'image-missing',
    `MAAS has no image "${image}"`,
    `Import it in MAAS, or use one of: ${known.join(', ')}.`,
    { image, known },
  )
}

/** What of a machine in MAAS would keep any installation from succeeding, whatever is on its disks now. */
export async function machineFaults(
  tools: Tools,
  host: Host,
  machine: MaasMachine,
  mode: BondMode = 'active-backup',
): Promise<FerruleError[]> {
  const faults: FerruleError[] = []
  const ownership = ownershipFault(tools, host, machine)
  if (ownership) faults.push(ownership)
  const bond = bondFor(host, machine, mode)
  const impossible = preMadeLagFault(host, mode) ?? ('impossible' in bond ? bond.impossible : null)
  if (impossible !== null)
    faults.push(
      new FerruleError(
        'bond-impossible',
        `${host.name}: ${impossible}`,
        'Correct the rack file or the wiring, then try again.',
        { host: host.name },
      ),
    )
  faults.push(...(await settled(preMadeLagFaults(tools, host))))
  faults.push(...(await rangeFaults(tools, machine)))
  return faults
}

async function rangeFaults(tools: Tools, machine: MaasMachine): Promise<FerruleError[]> {
  const boot = machine.interfaces.find((one) => one.id === machine.bootInterfaceId)
  const subnet = (await tools.maas.subnets()).find((one) => one.vlanId === boot?.vlanId && one.dhcpOn)
  if (!subnet)
    return [
      new FerruleError(
        'check-failed',
        `the boot NIC of ${machine.hostname} is in no subnet with MAAS's DHCP`,
        'Switch on DHCP for the PXE VLAN in MAAS.',
        { machine: machine.systemId },
      ),
    ]
  const free = await tools.maas.dynamicAddressesFree(subnet.id)
  if (free === null || free > 0) return []
  return [
    new FerruleError(
      'check-failed',
      `MAAS has no free address left in the dynamic range of ${subnet.cidr}`,
      'Widen the dynamic range of the PXE subnet in MAAS.',
      { subnet: subnet.cidr },
    ),
  ]
}

export async function bmcFaults(tools: Tools, host: Host): Promise<FerruleError[]> {
  const bmc = await tools.bmc(host)
  const power = await bmc.power()
  return power === 'unknown'
    ? [
        new FerruleError(
          'power-unknown',
          `the BMC of ${host.name} does not tell its power state`,
          'Look at the BMC.',
          { host: host.name },
        ),
      ]
    : []
}
