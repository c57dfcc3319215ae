import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SwitchServer } from '../../lab/switch/server.ts'
import { startTestSwitch } from '../../lab/switch/test-switch.ts'
import type { SwitchLease } from '../../src/domain/lease.ts'
import { pxePort } from '../../src/domain/port-plan.ts'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { force10 } from '../../src/drivers/switch/force10/driver.ts'
import type { PortState, SwitchPorts } from '../../src/drivers/switch/types.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createReplicas } from '../../src/store/replicas.ts'
import { withSwitch } from '../../src/workflows/hold.ts'
import type { Tools } from '../../src/workflows/tools.ts'
import { type ApiFixture, startApi } from '../support/api-fixture.ts'
import { waitUntil } from '../support/wait.ts'

const ID = 'tor'
const LEASE_MS = 800

interface Replica {
  name: string
  tools: Tools
  engine: SwitchPorts
}

interface Write {
  by: string
  save: boolean
}

/** How often somebody wrote while another one had written and not saved yet. */
function overlapping(writes: readonly Write[]): number {
  let open: string | null = null
  let count = 0
  for (const { by, save } of writes) {
    if (open !== null && open !== by) count++
    open = save ? null : by
  }
  return count
}

const tenant = (vlan: number): PortState => ({ mode: 'access', untagged: vlan, tagged: [], enabled: true })
const wanted = (vlan: number, ...ports: string[]) => new Map(ports.map((port) => [port, tenant(vlan)]))

/** The lab's switch writes down who writes it, by the user that each replica has there. */
describe('two replicas never write one switch', () => {
  let records: ApiFixture
  let tor: SwitchServer
  let writes: Write[] = []
  /** Waits before an answer to a write is sent. */
  let withhold: (by: string) => Promise<void> = async () => {}
  const replicas: Replica[] = []

  beforeAll(async () => {
    records = await startApi()
    tor = await startTestSwitch('dell', {
      users: ['east', 'west'].map((username) => ({ username, password: 'secret', level: 15 })),
      beforeAnswer: async ({ username, method, body }) => {
        if (method === 'GET' || body.includes('<show-command>')) return
        writes.push({ by: username, save: body.includes('<exec-command>write<') })
        await withhold(username)
      },
    })
    // as slow as a real one, so that two batches at once meet for certain
    await tor.setDials({ delayMs: 15 })
    for (const name of ['east', 'west']) replicas.push(await startReplica(name))
  })
  beforeEach(() => {
    writes = []
    withhold = async () => {}
  })
  afterAll(async () => {
    await Promise.all(replicas.map(({ engine }) => engine.close()))
    await tor?.stop()
    await records?.stop()
  })

  async function startReplica(name: string): Promise<Replica> {
    const { tools: common } = records.services
    const db = openDatabase(records.pool)
    await createReplicas(db).beat(name, [], Number.POSITIVE_INFINITY)
    const { policy } = common
    const tools: Tools = {
      ...common,
      ...{ db, executor: name, now: Date.now, sleep: (ms: number) => pause(ms) },
      leaseSignal: new AbortController().signal,
      policy: {
        ...policy,
        poll: { ...policy.poll, lease: 20 },
        deadlines: { ...policy.deadlines, switchLease: LEASE_MS },
      },
    }
    const engine = openSwitchPorts({
      id: ID,
      driver: force10,
      endpoint: {
        ...{ address: `${tor.address}:${tor.port}`, username: name, password: 'secret', insecure: true },
      },
      fence: {
        ports: new Set(['1/1', '1/2', '1/3', '1/4'].map((port) => force10.canonicalPort(port))),
        ...{ vlanRange: { from: 100, to: 199 }, pxeVlan: 10, quarantineVlan: 999 },
      },
    })
    return { name, tools, engine }
  }

  function pair(): [Replica, Replica] {
    const [east, west] = replicas
    if (!east || !west) throw new Error('both replicas run before the first test')
    return [east, west]
  }

  /** One operation of a replica, as the workflows write ports. */
  function ensure({ tools, engine, name }: Replica, ports: ReadonlyMap<string, PortState>) {
    return withSwitch(tools, ID, `operation of ${name}`, (lease) => engine.ensurePorts(lease, ports))
  }

  async function carried(): Promise<Record<string, (number | null)[]>> {
    const [, { engine }] = pair()
    const names = ['1/1', '1/2', '1/3', '1/4']
    const [running, saved] = [await engine.readPorts(names), await engine.readSavedPorts(names)]
    return Object.fromEntries(
      names.map((name) => [name, [running, saved].map((from) => from.get(name)?.untagged ?? null)]),
    )
  }

  test('batches of both at once, over and over: no session overlaps another, and all are written and saved', async () => {
    const [east, west] = pair()
    for (const vlan of [101, 102])
      await Promise.all([
        ensure(east, wanted(vlan, '1/1')),
        ensure(west, wanted(vlan, '1/3')),
        ensure(east, wanted(vlan, '1/2')),
        ensure(west, wanted(vlan, '1/4')),
      ])
    expect(overlapping(writes)).toBe(0)
    expect(new Set(writes.map(({ by }) => by))).toEqual(new Set(['east', 'west']))
    expect(await carried()).toEqual({
      ...{ '1/1': [102, 102], '1/2': [102, 102], '1/3': [102, 102], '1/4': [102, 102] },
    })
  }, 60_000)

  test('the same without the lease overlaps: the lab would have told', async () => {
    const free = (holder: string): SwitchLease => ({
      ...{ kind: 'switch', id: ID, holder, signal: new AbortController().signal, check: async () => {} },
    })
    const [east, west] = pair()
    // each may find what the other has half done; here it counts who writes when
    await Promise.allSettled([
      east.engine.ensurePorts(free('east'), wanted(103, '1/1', '1/2')),
      west.engine.ensurePorts(free('west'), wanted(104, '1/3', '1/4')),
    ])
    expect(overlapping(writes)).toBeGreaterThan(0)
    for (const { engine } of replicas)
      await engine.ensurePorts(
        free('rest'),
        new Map(['1/1', '1/2', '1/3', '1/4'].map((port) => [port, pxePort(10)])),
      )
  }, 60_000)

  test('one is cut off in the middle of a batch: the other takes over after the lease, does all of it, and nothing is lost', async () => {
    const [east, west] = pair()
    let wake = (): void => {}
    const asleep = new Promise<void>((resolve) => {
      wake = resolve
    })
    withhold = async (by) => (by === 'east' ? asleep : undefined)
    const cutOff = ensure(east, wanted(105, '1/1', '1/2')).then(
      () => 'done',
      (error: unknown) => error,
    )
    await waitUntil('the switch has the first write of the one that is cut off', () => writes.length === 1)
    const clock = await records.pool.query<{ until: Date; now: Date }>(
      'select until, now() from switch_lease where switch_id = $1',
      [ID],
    )
    const { until, now } = clock.rows[0] ?? { until: new Date(0), now: new Date(0) }
    expect(until.getTime()).toBeGreaterThan(now.getTime())

    let takenAt = 0
    withhold = async (by) => {
      if (by === 'east') return asleep
      if (takenAt > 0) return
      const { rows } = await records.pool.query<{ now: Date }>('select now()')
      takenAt = rows[0]?.now.getTime() ?? 0
    }
    // what recovery does: the operation of the dead replica goes on in the living one, beside its own
    await Promise.all([ensure(west, wanted(105, '1/1', '1/2')), ensure(west, wanted(106, '1/3', '1/4'))])
    expect(takenAt).toBeGreaterThanOrEqual(until.getTime())
    const after = { '1/1': [105, 105], '1/2': [105, 105], '1/3': [106, 106], '1/4': [106, 106] }
    expect(await carried()).toEqual(after)

    // the other one goes on writing, however slow this machine is
    await records.pool.query(`update switch_lease set until = now() + interval '1 hour'`)
    // it wakes up in the middle of its batch, and finds that the switch is another one's
    wake()
    // which of the two it sees first: that the lease is gone, or that the ports are not as it left them
    expect(await cutOff).toMatchObject({ code: expect.stringMatching(/^(lease-lost|switch-mismatch)$/) })
    expect(writes.filter(({ by }) => by === 'east')).toHaveLength(1)
    expect(await carried()).toEqual(after)
  }, 60_000)
})
