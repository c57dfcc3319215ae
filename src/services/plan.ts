import type { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { wiredPorts } from '../domain/host.ts'
import { defaultNic } from '../domain/instance.ts'
import type { ErasePolicy } from '../domain/offering.ts'
import { resolveErase } from '../domain/offering.ts'
import type { Choice } from '../domain/planner.ts'
import { chooseHost } from '../domain/planner.ts'
import { reservations } from '../store/holds.ts'
import { hostById, hostSituations } from '../store/hosts.ts'
import { imageFault, networkFaults } from '../workflows/deploy-checks.ts'
import { bondFor } from '../workflows/nic-plan.ts'
import type { PortPlan } from '../workflows/ports.ts'
import { pxePlan, tenantPlan } from '../workflows/ports.ts'
import { findOffering } from './catalogue.ts'
import type { Services } from './context.ts'
import type { DeployRequest } from './deploy.ts'
import { prepareDeploy } from './deploy.ts'
import { findInstance } from './instances.ts'
import { resolveNics } from './nics.ts'

export interface PortLines {
  switch: string
  port: string
  nic: string
  before: string
  after: string
  /** The device's own words, in order. */
  lines: string[]
}

export interface Plan {
  action: 'deploy' | 'destroy'
  /** What would refuse it now; empty: nothing. */
  refusals: { code: string; message: string; remedy: string }[]
  choice: Choice | null
  host: string | null
  bond: { mode: string; mac: string; members: string[]; notes: string[] } | null
  ports: PortLines[]
  maas: string[]
  bmc: string[]
  erase: ErasePolicy
  /** Rough, from what MAAS usually needs; a site's own history makes it better later. */
  expectedMinutes: number
}

/** B3: what deploy would do, without doing any of it. */
export async function planDeploy(services: Services, request: DeployRequest): Promise<Plan> {
  const { tools } = services
  const nics = await resolveNics(services, request.nics)
  const { instance, input } = await prepareDeploy(services, request, nics, null)
  const offering = await findOffering(services, request.offering)
  const choice = chooseHost(
    {
      offering,
      architecture: input.architecture,
      networks: nics.length,
      avoid: new Set(),
      reservedHostIds: new Set((await reservations(tools.db)).map((one) => one.hostId)),
      reservedForUs: null,
    },
    await hostSituations(tools.db),
  )
  const host = choice.hostId ? await hostById(tools.db, choice.hostId) : null
  const image = await imageFault(tools, input.image, input.architecture)
  const refusals: FerruleError[] = [
    ...(image ? [image] : []),
    ...(host ? await networkFaults(tools, host, nics, instance.id) : []),
  ]
  const bond = host?.systemId ? bondFor(host, await tools.maas.machine(host.systemId)) : null
  const mac = defaultNic(nics)?.mac ?? ''
  return {
    action: 'deploy',
    refusals: [
      ...(choice.hostId === null
        ? [
            {
              code: 'no-host',
              message: `no host fits offering ${offering.name}`,
              remedy: 'See the reasons of every host.',
            },
          ]
        : []),
      ...refusals.map(({ code, message, remedy }) => ({ code, message, remedy })),
    ],
    choice,
    host: host?.name ?? null,
    bond:
      bond && 'members' in bond ? { mode: bond.mode, mac, members: bond.members, notes: bond.notes } : null,
    ports: host && refusals.length === 0 ? await portLines(services, host, tenantPlan(nics)) : [],
    maas: host
      ? [
          `POST machines/?op=allocate system_id=${host.systemId ?? '?'}`,
          `POST nodes/${host.systemId ?? '?'}/interfaces/?op=create_bond name=bond0 bond_mode=active-backup mac_address=${mac}`,
          `POST machines/${host.systemId ?? '?'}/?op=deploy distro_series=${input.image}`,
        ]
      : [],
    bmc: [
      'boot device network (persistent)',
      'off, confirmed, after the hand-over',
      'boot device disk (persistent)',
      'power on',
    ],
    erase: input.erase,
    expectedMinutes: 9,
  }
}

export async function planDestroy(
  services: Services,
  key: string,
  policy: ErasePolicy | null,
): Promise<Plan> {
  const { tools } = services
  const instance = await findInstance(services, key)
  const host = instance.hostId ? await hostById(tools.db, instance.hostId) : null
  const offering = await findOffering(services, instance.offeringId)
  const erase = resolveErase(services.settings.erase, offering.erase, policy ?? instance.erase)
  return {
    action: 'destroy',
    refusals: [],
    choice: null,
    host: host?.name ?? null,
    bond: null,
    ports: host ? await portLines(services, host, pxePlan) : [],
    maas: host
      ? [
          `POST machines/${host.systemId ?? '?'}/?op=release erase=true ${erase === 'full' ? '' : `${erase}_erase=true `}scripts=wipe-disks and our verify script`,
          'POST machines/?op=allocate (evidence is judged while the machine is ours)',
          'DELETE interfaces/bond0, boot NIC linked AUTO',
          `POST machines/${host.systemId ?? '?'}/?op=release`,
        ]
      : [],
    bmc: ['power off, confirmed', 'boot device network (persistent)'],
    erase,
    expectedMinutes: host ? eraseMinutes(host, erase) : 0,
  }
}

/** Full: every byte at about 500 MB/s, one disk after another, and one boot; else only the boot counts. */
function eraseMinutes(host: Host, erase: ErasePolicy): number {
  const bytes = host.disks.reduce((sum, disk) => sum + disk.size, 0)
  return 5 + (erase === 'full' ? Math.ceil(bytes / 500e6 / 60) : 1)
}

async function portLines(services: Services, host: Host, plan: PortPlan): Promise<PortLines[]> {
  const wired = wiredPorts(host)
  const lines = await Promise.all(
    wired.map(async ({ switchId, port, nic }) => {
      const { ports, row } = await services.tools.openSwitch(switchId)
      const { changes, before } = await ports.plan(new Map([[port, plan(row)]]))
      const now = [...before.values()][0]
      const wanted = plan(row)
      return {
        switch: row.address,
        port,
        nic,
        before: now ? describe(now) : 'unknown',
        after: describe(wanted),
        lines: changes.flatMap((change) => [...change.lines]),
      }
    }),
  )
  return lines
}

function describe(port: { mode: string; untagged: number | null; tagged: readonly number[] }): string {
  return `${port.mode} untagged ${port.untagged ?? 'none'}${port.tagged.length > 0 ? ` tagged ${port.tagged.join(',')}` : ''}`
}
