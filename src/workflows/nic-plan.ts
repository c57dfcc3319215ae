import type { BondMode, BondPlan } from '../domain/bond-plan.ts'
import { planBond } from '../domain/bond-plan.ts'
import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import type { HostLease } from '../domain/lease.ts'
import type { MaasInterface, MaasMachine } from '../maas/types.ts'
import { systemIdOf } from './maas-machine.ts'
import type { Tools } from './tools.ts'

/** One bond over the wired NICs, the boot NIC first. Pure. */
export function bondFor(host: Host, machine: MaasMachine, mode: BondMode): BondPlan | { impossible: string } {
  const boot = machine.interfaces.find((one) => one.id === machine.bootInterfaceId)
  const physical = new Map(
    machine.interfaces.filter((one) => one.type === 'physical').map((one) => [one.mac, one]),
  )
  return planBond(
    host.nics.map((nic) => ({
      mac: nic.mac,
      name: nic.name,
      wired: nic.port !== null,
      usable: physical.has(nic.mac),
      isBoot: nic.mac === boot?.mac,
    })),
    mode,
  )
}

/**
 * The bond with CloudStack's MAC, in MAAS, before the deployment: physical MACs stay true. No tagged interfaces here:
 * the hand-over adds them inside the system.
 */
export async function ensureNicPlan(
  tools: Tools,
  host: Host,
  lease: HostLease,
  mac: string,
  mode: BondMode,
): Promise<BondPlan> {
  const { maas } = tools
  const machine = await maas.machine(systemIdOf(host))
  const plan = bondFor(host, machine, mode)
  if ('impossible' in plan)
    throw new FerruleError(
      'bond-impossible',
      `${host.name}: ${plan.impossible}`,
      'Correct the rack file or the wiring, then try again.',
      { host: host.name },
    )
  const members = plan.members.flatMap((member) =>
    machine.interfaces.filter((one) => one.type === 'physical' && one.mac === member),
  )
  const [boot] = members
  if (!boot || boot.vlanId === null)
    throw new FerruleError(
      'bond-impossible',
      `${host.name}: its boot NIC has no VLAN in MAAS`,
      'Commission the machine again in MAAS.',
      { host: host.name },
    )

  const present = machine.interfaces.find((one) => one.type === 'bond')
  if (present && isPlanned(present, mac, plan.mode, members)) {
    await ensureDhcpLink(tools, lease, machine.systemId, present, await pxeSubnet(tools, boot.vlanId, host))
    return plan
  }
  if (present) await maas.deleteInterface(lease, machine.systemId, present.id)
  // parents of a bond must be on one VLAN, and commissioning puts second NICs on fabrics of their own
  for (const member of members) {
    if (member.vlanId !== boot.vlanId)
      await maas.setInterfaceVlan(lease, machine.systemId, member.id, boot.vlanId)
  }
  const bond = await maas.createBond(lease, machine.systemId, {
    name: plan.name,
    mac,
    parents: members.map((member) => member.id),
    mode: plan.mode,
  })
  await ensureDhcpLink(tools, lease, machine.systemId, bond, await pxeSubnet(tools, boot.vlanId, host))
  return plan
}

function isPlanned(
  bond: MaasInterface,
  mac: string,
  mode: BondMode,
  members: readonly MaasInterface[],
): boolean {
  const wanted = members.map((member) => member.name).sort()
  return (
    bond.mac === mac &&
    bond.params.bond_mode === mode &&
    JSON.stringify([...bond.parents].sort()) === JSON.stringify(wanted)
  )
}

async function ensureDhcpLink(
  tools: Tools,
  lease: HostLease,
  systemId: string,
  bond: MaasInterface,
  subnetId: number,
): Promise<void> {
  if (bond.links.some((link) => link.mode === 'dhcp' && link.subnetId === subnetId)) return
  await tools.maas.linkSubnet(lease, systemId, bond.id, { subnetId, mode: 'DHCP' })
}

async function pxeSubnet(tools: Tools, vlanId: number, host: Host): Promise<number> {
  const subnet = (await tools.maas.subnets()).find((one) => one.vlanId === vlanId && one.dhcpOn)
  if (!subnet)
    throw new FerruleError(
      'check-failed',
      `the boot NIC of ${host.name} is in no subnet with MAAS's DHCP`,
      'Switch on DHCP for the PXE VLAN in MAAS.',
      { host: host.name },
    )
  return subnet.id
}

/** No bond, the boot NIC linked as commissioning left it: bonds survive a release, and the next tenant must not inherit a MAC. */
export async function undoNicPlan(tools: Tools, host: Host, lease: HostLease): Promise<void> {
  const { maas } = tools
  const systemId = systemIdOf(host)
  for (const bond of (await maas.interfaces(systemId)).filter((one) => one.type === 'bond'))
    await maas.deleteInterface(lease, systemId, bond.id)
  const machine = await maas.machine(systemId)
  const boot = machine.interfaces.find((one) => one.mac === host.bootMac && one.type === 'physical')
  if (!boot || boot.vlanId === null || boot.links.some((link) => link.mode === 'auto')) return
  const subnetId = await pxeSubnet(tools, boot.vlanId, host)
  for (const link of boot.links) await maas.unlinkSubnet(lease, systemId, boot.id, link.id)
  await maas.linkSubnet(lease, systemId, boot.id, { subnetId, mode: 'AUTO' })
}
