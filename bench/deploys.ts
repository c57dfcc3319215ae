import { deployInstance } from '../src/services/deploy.ts'
import { destroyInstance } from '../src/services/instances.ts'
import type { FerruleSite } from './ferrule-site.ts'
import { caller } from './ferrule-site.ts'

/** A server of the bench and the machine that the planner gave it. */
export interface Server {
  instance: string
  machine: string
}

export interface DeployTime {
  /** From the call until the operation's end is known. Milliseconds. */
  wall: number
  /** Of that, inside the two steps that do nothing but wait for MAAS and the machine. */
  waiting: number
}

/** One deploy after the other on two-NIC hosts: a bond and two networks. Ends early when `seconds` are over. */
export async function deployOneByOne(
  site: FerruleSite,
  times: number,
  seconds: number,
): Promise<DeployTime[]> {
  const until = performance.now() + seconds * 1000
  const done: DeployTime[] = []
  while (done.length < times && (done.length === 0 || performance.now() < until)) {
    const instance = `one-${done.length}`
    const nics = await nicsFor(site, true)
    const begun = performance.now()
    const operation = await beginDeploy(site, instance, nics)
    await site.ends.all([operation])
    done.push({ wall: performance.now() - begun, waiting: await waitingOf(site, operation) })
    await destroyAll(site, [instance])
  }
  return done
}

/** All hosts at once; the servers are left running. `seconds`: from the first call until the last one runs. */
export async function deployAllAtOnce(site: FerruleSite): Promise<{ seconds: number; servers: Server[] }> {
  const wanted = await Promise.all(
    site.hosts.map(async ({ name, large }) => ({ name: `all-${name}`, nics: await nicsFor(site, large) })),
  )
  const begun = performance.now()
  await site.ends.all(await Promise.all(wanted.map(({ name, nics }) => beginDeploy(site, name, nics))))
  const seconds = (performance.now() - begun) / 1000
  const { rows } = await site.services.tools.db.query<Server>(
    `select instance.name as instance, host.name as machine from tenancy
     join instance on instance.id = tenancy.instance_id join host on host.id = tenancy.host_id`,
  )
  return { seconds, servers: rows }
}

/** Every host back in the pool, its disks proven erased. */
export async function destroyAll(site: FerruleSite, instances: readonly string[]): Promise<void> {
  const begun = await Promise.all(
    instances.map((name) => destroyInstance(site.services, caller, name, 'quick')),
  )
  await site.ends.all(begun.flatMap(({ operation }) => (operation ? [operation.id] : [])))
}

interface Nics {
  network: string
  mac: string
}

/** As many as the host's size can show: two networks where there is a bond. */
function nicsFor(site: FerruleSite, large: boolean): Promise<Nics[]> {
  return Promise.all((large ? (['blue', 'green'] as const) : (['blue'] as const)).map(site.reserveNic))
}

async function beginDeploy(site: FerruleSite, name: string, nics: Nics[]): Promise<string> {
  const offering = nics.length > 1 ? 'large' : 'small'
  const request = { name, template: 'jammy', offering, nics }
  const { operation } = await deployInstance(site.services, caller, request)
  return operation.id
}

async function waitingOf(site: FerruleSite, operation: string): Promise<number> {
  const { rows } = await site.services.tools.db.query<{ ms: number }>(
    `select coalesce(sum(extract(epoch from ended_at - started_at)) * 1000, 0)::float as ms
     from operation_step where operation_id = $1 and name in ('wait-deployed', 'wait-hand-over')`,
    [operation],
  )
  return rows[0]?.ms ?? 0
}
