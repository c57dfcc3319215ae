import { PXE_VLAN } from '../../lab/site.ts'
import type { WorldMachine } from '../../lab/world/types.ts'
import type { HostSituation } from '../../src/domain/host.ts'
import { dirtyKeys, hostState } from '../../src/domain/host.ts'
import type { Instance, InstanceNic } from '../../src/domain/instance.ts'
import { tenantPort } from '../../src/domain/port-plan.ts'
import type { Database } from '../../src/store/database.ts'
import { layoutGiven } from '../../src/store/disk-layouts.ts'
import { dirtyMarks } from '../../src/store/holds.ts'
import { hostSituations } from '../../src/store/hosts.ts'
import { instanceById, listInstances } from '../../src/store/instances.ts'
import { ledgerOfHost } from '../../src/store/ledger.ts'
import type { Rig } from './rig.ts'
import { isTenant, type Networks, presenceFaults } from './witness.ts'

/** What the checker looks at: the lab as physics, and our own records. */
export interface Scene {
  lab: Rig['lab']
  db: Database
  /** By machine: a LAG that people made, in which its ports are always. */
  standing?: Readonly<Record<string, number>>
}

/** Everything that the invariants say of a host at rest, with the records, MAAS, switch, BMC and disks compared. */
export async function hostFaults(scene: Scene, name: string): Promise<string[]> {
  const { lab, db } = scene
  const machine = lab.world.machine(name)
  const [situation] = await hostSituations(db, { name })
  const inMaas = lab.maasStatus(machine)
  const faults: string[] = []
  if (!situation) {
    if (inMaas && machine.power() === 'on') faults.push('runs, and is no host of ours')
    faults.push(...portFaults(scene, machine, parked))
    return faults.map((fault) => `${name} (no record): ${fault}`)
  }
  if (situation.hold) {
    const { rows } = await db.query<{ state: string; ended: boolean; parked: { error?: object } | null }>(
      'select state, ended_at is not null as ended, parked from operation where id = $1',
      [situation.hold.operationId],
    )
    const [holder] = rows
    if (!holder || holder.ended)
      faults.push(`held by operation ${situation.hold.operationId}, which has ended`)
    else if (holder.state !== 'parked' || !holder.parked?.error)
      faults.push(`not at rest: ${situation.hold.kind} is ${holder.state}`)
  }
  if (!inMaas) faults.push('is gone from MAAS')
  const tenant = situation.tenancy ? await instanceById(db, situation.tenancy.instanceId) : null
  if (situation.tenancy && !tenant) faults.push('has the tenancy of an instance without record')
  if (!situation.hold) {
    faults.push(
      ...(tenant
        ? await tenantFaults(scene, machine, situation, tenant, inMaas?.status)
        : await freeFaults(scene, machine, situation, inMaas?.status)),
    )
  }
  const marked = (await dirtyMarks(db, dirtyKeys(situation.host))).length > 0
  if ((marked || situation.tenancy) && hostState(situation) === 'available')
    faults.push('is dirty or has a tenant, and could be chosen')
  return faults.map((fault) => `${name} (${hostState(situation)}): ${fault}`)
}

const parked = { untagged: PXE_VLAN, tagged: [] as number[] }

async function tenantFaults(
  scene: Scene,
  machine: WorldMachine,
  { host, tenancy, dirty }: HostSituation,
  tenant: Instance,
  maas: string | undefined,
): Promise<string[]> {
  const faults: string[] = []
  const running = tenant.state === 'running'
  // a reinstall that failed: the host stays the instance's, and there may be nothing on its disks
  const failed = tenant.state === 'failed' && tenant.error !== null
  if (!running && !failed && tenant.state !== 'stopped')
    faults.push(`has the tenancy of ${tenant.name}, which is ${tenant.state}, and no operation works on it`)
  if (failed) faults.push(...failedFaults(machine, dirty, maas))
  else if (maas !== 'Deployed') faults.push(`has a tenant, and is ${maas} in MAAS`)
  if (!failed && !dirty) faults.push('has a tenant, and its disks are not marked dirty')
  if (!running && tenant.clearAt === null) faults.push(`is ${tenant.state}, and not said to be clear`)
  if (machine.power() !== (running ? 'on' : 'off'))
    faults.push(`tenant is ${tenant.state}, power is ${machine.power()}`)
  const { untagged, tagged } = running ? tenantPort(tenant.nics) : parked
  faults.push(...portFaults(scene, machine, { untagged, tagged }, running ? tenancy?.lags : undefined))
  faults.push(...bootFaults(machine, running ? 'disk' : 'network'))
  const ledger = (await ledgerOfHost(scene.db, host.id)).map(
    (row) => `${row.switchId} ${row.port} ${row.vlan}`,
  )
  const wanted = running ? ledgerOf(host.nics, tenant.nics) : []
  if (JSON.stringify(ledger.sort()) !== JSON.stringify(wanted.sort()))
    faults.push(`the ledger says ${ledger.join(', ')}; ${wanted.join(', ')} is true`)
  return faults
}

/** Clean and as free as a host of the pool, or dirty and left to whoever erases it: never a mark that is missing. */
function failedFaults(machine: WorldMachine, dirty: boolean, maas: string | undefined): string[] {
  if (dirty) return maas === 'Ready' ? ['is dirty, and Ready in MAAS'] : []
  return [
    ...(machine.installedFiles() !== null ? ['has a bootable system, and no mark says so'] : []),
    ...(maas === 'Ready' ? [] : [`is clean, and ${maas} in MAAS`]),
  ]
}

function ledgerOf(nics: HostSituation['host']['nics'], networks: readonly InstanceNic[]): string[] {
  return nics.flatMap(({ port }) =>
    port ? networks.map((network) => `${port.switchId} ${port.port} ${network.vlan}`) : [],
  )
}

/** The resting state: off, PXE VLAN, boot device network, Ready, no bond, disks proven erased. */
async function freeFaults(
  scene: Scene,
  machine: WorldMachine,
  { host, dirty }: HostSituation,
  maas: string | undefined,
): Promise<string[]> {
  const faults: string[] = []
  if (machine.power() !== 'off') faults.push('runs without a tenant')
  faults.push(...portFaults(scene, machine, parked), ...bootFaults(machine, 'network'))
  if ((await ledgerOfHost(scene.db, host.id)).length > 0) faults.push('has rows in the ledger')
  if (maas !== 'Ready') faults.push(`is free, and ${maas} in MAAS`)
  if (dirty || !host.inPool) faults.push(`is free, but dirty ${dirty}, in the pool ${host.inPool}`)
  const given = host.systemId && (await layoutGiven(scene.db, host.systemId))
  if (given) faults.push(`is free, and has disk layout ${given} in MAAS`)
  if (host.attention) faults.push(`asks for attention: ${host.attention.message}`)
  if (machine.installedFiles() !== null) faults.push('still has a bootable system')
  return faults
}

function portFaults(
  { lab, standing = {} }: Scene,
  machine: WorldMachine,
  wanted: { untagged: number; tagged: readonly number[] },
  lags: Readonly<Record<string, number>> = {},
): string[] {
  return machine.nics.flatMap((nic) => {
    const { untagged, tagged, lag } = lab.fabric.membership(nic.cable)
    const wantedLag = standing[machine.name] ?? lags[nic.cable.switch]
    if (lag !== wantedLag) return [`${nic.name}: port is in LAG ${lag}, not ${wantedLag}`]
    const asWanted = untagged === wanted.untagged && JSON.stringify(tagged) === JSON.stringify(wanted.tagged)
    return asWanted
      ? []
      : [`${nic.name}: port has ${untagged} and [${tagged}], not ${wanted.untagged} and [${wanted.tagged}]`]
  })
}

function bootFaults(machine: WorldMachine, wanted: 'disk' | 'network'): string[] {
  const { valid, persistent, device } = machine.bootFlags
  return valid && persistent && device === wanted
    ? []
    : [`boot device is ${device} (valid ${valid}, persistent ${persistent}), not ${wanted}`]
}

/** Product.md C over everything, for the end of a test file, when nothing is under way any more. */
export async function allFaults(scene: Scene, secrets: readonly string[]): Promise<string[]> {
  const { lab, db } = scene
  const faults: string[] = []
  for (const machine of lab.world.machines) {
    const known = await hostSituations(db, { name: machine.name })
    if (known.length > 0) faults.push(...(await hostFaults(scene, machine.name)))
    else if (lab.fabric && machine.nics.some((nic) => hasTenantVlan(lab, nic.cable)))
      faults.push(`${machine.name} is no host of ours, and its port carries a tenant VLAN`)
  }
  faults.push(...(await operationFaults(db)), ...(await instanceFaults(db)))
  faults.push(...presenceFaults(lab.world.diary, await networksOf(db)))
  faults.push(...(await secretFaults(db, secrets)))
  return faults
}

function hasTenantVlan(lab: Rig['lab'], cable: WorldMachine['nics'][number]['cable']): boolean {
  const { untagged, tagged } = lab.fabric.membership(cable)
  return [...tagged, ...(untagged === null ? [] : [untagged])].some(isTenant)
}

/** C5: each operation has ended with a word, or stands parked with its reason. */
async function operationFaults(db: Database): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>(
    `select kind || ' ' || number || ' is ' || state || ' without an end or a reason' as line from operation
     where not (ended_at is not null and (state = 'succeeded' or (state in ('undone', 'cancelled') and error is not null)))
       and not (state = 'parked' and parked is not null)
     union all
     select 'host ' || host_id || ' is held by an operation that has ended or never was' from hold
     where not exists (select from operation where operation.id = hold.operation_id and ended_at is null)`,
  )
  return rows.map((row) => row.line)
}

async function instanceFaults(db: Database): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>(
    `select 'instance ' || name || ' is ' || state || ', and no operation works on it' as line from instance
     where state in ('deploying', 'stopping', 'undoing', 'destroying')
       and not exists (select from operation where instance_id = instance.id and ended_at is null)
     union all
     select 'instance ' || name || ' is ' || state || ' without a host' from instance
     where state in ('running', 'stopped') and not exists (select from tenancy where instance_id = instance.id)
     union all
     select 'instance ' || name || ' is destroyed and has a host' from instance join tenancy on instance_id = instance.id
     where state = 'destroyed' and not exists (select from operation where operation.instance_id = instance.id and ended_at is null)`,
  )
  return rows.map((row) => row.line)
}

/** Every NIC that an instance of a host name ever had: its record, and what its operations were asked for. */
export async function networksOf(db: Database): Promise<Networks> {
  const networks = new Map<string, InstanceNic[]>()
  const add = (hostname: string, nics: readonly InstanceNic[] | undefined) =>
    networks.set(hostname, [...(networks.get(hostname) ?? []), ...(nics ?? [])])
  const instances = await listInstances(db, { all: true, limit: 100_000 })
  for (const { hostname, nics } of instances) add(hostname, nics)
  const { rows } = await db.query<{
    hostname: string
    input: { nics?: InstanceNic[]; before?: InstanceNic[] }
  }>('select hostname, input from operation join instance on instance.id = operation.instance_id')
  for (const { hostname, input } of rows) {
    add(hostname, input.nics)
    add(hostname, input.before)
  }
  return networks
}

/** C7: no table of ours nor of the engine holds a secret in clear, sealed columns aside. */
async function secretFaults(db: Database, secrets: readonly string[]): Promise<string[]> {
  const tables = [
    'event',
    'operation',
    'operation_step',
    'instance',
    'host',
    'certificate',
    'idempotency',
    'rack_config',
    'switch',
    'dbos.workflow_status',
    'dbos.operation_outputs',
    'dbos.notifications',
  ]
  const faults: string[] = []
  for (const table of tables) {
    for (const secret of secrets) {
      const { rows } = await db.query<{ found: number }>(
        `select count(*)::int as found from ${table} as row where position($1 in row::text) > 0`,
        [secret],
      )
      if ((rows[0]?.found ?? 0) > 0) faults.push(`${table} holds a secret in ${rows[0]?.found} rows`)
    }
  }
  return faults
}

export function secretsOf(lab: Rig['lab']): string[] {
  const facts = lab.facts()
  const [, token = '', secret = ''] = facts.maas.key.split(':')
  return [
    token,
    secret,
    ...facts.machines.map((machine) => machine.bmc.password),
    ...facts.switches.map((one) => one.password),
  ].filter((text) => text !== '')
}
