import { formatDiskLayout } from '../domain/disk-layout.ts'
import { defaultNic } from '../domain/instance.ts'
import { lagsOfHost } from '../store/lags.ts'
import { imageFault, networkFaults } from '../workflows/install-checks.ts'
import { bondFor } from '../workflows/nic-plan.ts'
import { pxePlan, tenantPlan } from '../workflows/ports.ts'
import type { Services } from './context.ts'
import { bmcLines, deployAtBmc, destroyAtBmc } from './plan-bmc.ts'
import type { Plan } from './plan-parts.ts'
import {
  eraseCalls,
  eraseMinutes,
  INSTALL_MINUTES,
  installCalls,
  layoutCalls,
  portLines,
  refusal,
  unlessRefused,
} from './plan-parts.ts'
import type { ReinstallRequest } from './reinstall.ts'
import { prepareReinstall } from './reinstall.ts'

/** First the ports' way to the PXE VLAN, then, for a server that runs, their way back from there. */
export async function planReinstall(
  services: Services,
  key: string,
  request: ReinstallRequest,
): Promise<Plan> {
  const { tools } = services
  const { instance, host, input } = await prepareReinstall(services, key, request)
  const { nics, image, architecture, erase, run } = input
  const fault = await imageFault(tools, image, architecture)
  const network = await networkFaults(tools, host, nics, instance.id)
  const refusals = [...(fault ? [fault] : []), ...network].map(refusal)
  const mode = input.bondMode ?? 'active-backup'
  const lags = await lagsOfHost(tools.db, host.id)
  const machine = host.systemId ? await tools.maas.machine(host.systemId) : null
  const bond = machine ? bondFor(host, machine, mode) : null
  const layout = machine ? await layoutCalls(services, machine, input.diskLayout ?? null) : []
  const mac = defaultNic(nics)?.mac ?? ''
  return unlessRefused({
    action: 'reinstall',
    refusals,
    choice: null,
    host: host.name,
    bond:
      bond && 'members' in bond ? { mode: bond.mode, mac, members: bond.members, notes: bond.notes } : null,
    ports: [
      ...(await portLines(services, host, pxePlan)),
      ...(run && refusals.length === 0
        ? await portLines(services, host, tenantPlan(nics, lags), pxePlan)
        : []),
    ],
    // the disks are erased while the machine is allocated, and only in Ready MAAS changes their layout
    maas: [
      ...eraseCalls(host, erase),
      ...(layout.length > 0 ? [`POST machines/${host.systemId ?? '?'}/?op=release`, ...layout] : []),
      ...installCalls(host, mac, image, mode).slice(layout.length > 0 ? 0 : 1),
    ],
    // the boot device stays network from the one to the other
    bmc: bmcLines(host.bmc, [...destroyAtBmc, ...deployAtBmc.slice(1, run ? undefined : 3)]),
    diskLayout: input.diskLayout ? formatDiskLayout(input.diskLayout) : null,
    erase,
    fingerprint: null,
    expectedMinutes: eraseMinutes(host, erase) + INSTALL_MINUTES,
  })
}
