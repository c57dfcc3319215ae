import type { BondMode } from '../domain/bond-plan.ts'
import type { DiskLayout, SeenLayout } from '../domain/disk-layout.ts'
import { unlikeLayout } from '../domain/disk-layout.ts'
import type { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { wiredPorts, writtenPorts } from '../domain/host.ts'
import type { ErasePolicy } from '../domain/offering.ts'
import type { Choice } from '../domain/planner.ts'
import { carriesSame, describePort } from '../domain/port-plan.ts'
import { layoutGiven } from '../store/disk-layouts.ts'
import type { PortPlan } from '../workflows/ports.ts'
import type { Services } from './context.ts'

export interface PortLines {
  switch: string
  port: string
  nic: string
  before: string
  after: string
  /** The device's own words, in order. */
  lines: string[]
  /** What is saved differs: the switch's configuration is saved, with or without a change. */
  saves: boolean
}

export interface Plan {
  action: 'deploy' | 'destroy' | 'reinstall' | 'heal' | 'start' | 'stop' | 'reboot' | 'attach' | 'detach'
  /** What would refuse it now; empty: nothing. */
  refusals: { code: string; message: string; remedy: string }[]
  choice: Choice | null
  host: string | null
  bond: { mode: string; mac: string; members: string[]; notes: string[] } | null
  ports: PortLines[]
  maas: string[]
  bmc: string[]
  /** What the offering says, e.g. `lvm,root_size=200G`; null: as commissioned in MAAS, or nothing is installed. */
  diskLayout: string | null
  /** Null: nothing is erased, or it is refused. */
  erase: ErasePolicy | null
  /** Rough, from what MAAS usually needs; a site's own history makes it better later. */
  expectedMinutes: number
  /** Of a deploy that is not refused: what a deploy may be held to. */
  fingerprint: string | null
}

export function refusal({ code, message, remedy }: FerruleError): Plan['refusals'][number] {
  return { code, message, remedy }
}

/** What is refused does nothing: no line, no call and no erase is listed beside a refusal. */
export function unlessRefused(plan: Plan): Plan {
  if (plan.refusals.length === 0) return plan
  return {
    ...plan,
    bond: null,
    ports: [],
    maas: [],
    bmc: [],
    diskLayout: null,
    erase: null,
    expectedMinutes: 0,
  }
}

/** Rough: one installation from the network and two boots. */
export const INSTALL_MINUTES = 9

/** Full: every byte at about 500 MB/s, one disk after another, and one boot; else only the boot counts. */
export function eraseMinutes(host: Host, erase: ErasePolicy): number {
  const bytes = host.disks.reduce((sum, disk) => sum + disk.size, 0)
  return 5 + (erase === 'full' ? Math.ceil(bytes / 500e6 / 60) : 1)
}

export function installCalls(host: Host, mac: string, image: string, mode: BondMode): string[] {
  const id = host.systemId ?? '?'
  return [
    `POST machines/?op=allocate system_id=${id}`,
    `POST nodes/${id}/interfaces/?op=create_bond name=bond0 bond_mode=${mode} mac_address=${mac}`,
    `POST machines/${id}/?op=deploy distro_series=${image}`,
  ]
}

/** What MAAS is asked for before the machine is allocated; nothing, if it is as wanted or no layout is named. */
export async function layoutCalls(
  { tools }: Services,
  machine: { systemId: string; bootDisk: string | undefined; diskLayout: SeenLayout | null },
  wanted: DiskLayout | null,
): Promise<string[]> {
  if (wanted === null) return restoreCalls({ tools }, machine.systemId)
  if (unlikeLayout(wanted, machine.diskLayout, machine.bootDisk) === null) return []
  const { name, rootDisk, rootSize } = wanted
  return [
    `POST machines/${machine.systemId}/?op=set_storage_layout storage_layout=${name}` +
      (rootDisk === null ? '' : ` root_device=${rootDisk}`) +
      (rootSize === null ? '' : ` root_size=${rootSize}`),
  ]
}

/** Only after a layout that was given: else MAAS is asked for nothing. */
export async function restoreCalls({ tools }: Pick<Services, 'tools'>, systemId: string): Promise<string[]> {
  return (await layoutGiven(tools.db, systemId)) === null
    ? []
    : [`POST machines/${systemId}/?op=restore_storage_configuration`]
}

export function eraseCalls(host: Host, erase: ErasePolicy): string[] {
  return [
    `POST machines/${host.systemId ?? '?'}/?op=release erase=true ${erase === 'full' ? '' : `${erase}_erase=true `}scripts=wipe-disks and our verify script`,
    'POST machines/?op=allocate (evidence is judged while the machine is ours)',
    'DELETE interfaces/bond0, boot NIC linked AUTO',
  ]
}

/**
 * The device's own lines for every wired port. @param from where another plan will have put them by then; from what
 * they are now, if absent.
 */
export async function portLines(
  services: Services,
  host: Host,
  plan: PortPlan,
  from?: PortPlan,
): Promise<PortLines[]> {
  const switches = [...new Set(wiredPorts(host).map(({ switchId }) => switchId))]
  const found = await Promise.all(switches.map((switchId) => linesOf(services, host, switchId, plan, from)))
  return found.flat()
}

/** Together, because ports of one LAG are changed together. */
async function linesOf(
  services: Services,
  host: Host,
  switchId: string,
  plan: PortPlan,
  from: PortPlan | undefined,
): Promise<PortLines[]> {
  const wired = writtenPorts(host).filter((port) => port.switchId === switchId)
  const names = wired.map(({ port }) => port)
  const { ports, row } = await services.tools.openSwitch(switchId)
  const statesBy = (by: PortPlan) => new Map(names.map((port) => [port, by(row, port)]))
  const wanted = statesBy(plan)
  const start = from && statesBy(from)
  const [{ changes, before }, saved] = await Promise.all([
    ports.plan(wanted, start),
    start ?? ports.readSavedPorts(names),
  ])
  return wired.flatMap(({ port, nic }) => {
    const [now, stored, then] = [before.get(port), saved.get(port), wanted.get(port)]
    if (!then) return []
    return {
      switch: row.address,
      port,
      nic,
      before: now ? describePort(now) : 'unknown',
      after: describePort(then),
      lines: changes.filter((change) => change.port === port).flatMap((change) => [...change.lines]),
      saves: !stored || !carriesSame(stored, then),
    }
  })
}
