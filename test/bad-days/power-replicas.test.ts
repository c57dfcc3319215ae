import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLab } from '../../lab/lab.ts'
import type { Lab } from '../../lab/types.ts'
import { ipmiBmc } from '../../src/domain/test-support/host-bmc.ts'
import { createIpmiDriver, type IpmiDriver } from '../../src/drivers/bmc/ipmi/driver.ts'
import { PowerObserver } from '../../src/observers/power.ts'
import type { Services } from '../../src/services/context.ts'
import { insertHost } from '../../src/store/hosts.ts'
import { createReplicas } from '../../src/store/replicas.ts'
import { createPowerMeters } from '../../src/telemetry/power-meters.ts'
import { type ApiFixture, startApi } from '../support/api-fixture.ts'
import { type BmcWire, startBmcWire } from '../support/bmc-wire.ts'

const everyMs = 400
const leaseMs = 1_200

/** Another replica's observer, with sockets of its own: its questions come from other ports. */
interface Replica {
  observer: PowerObserver
  driver: IpmiDriver
  /** As when its process is killed: the last beat stays behind. */
  die(): Promise<void>
}

let lab: Lab
let records: ApiFixture
const wires: BmcWire[] = []
const replicas = new Set<Replica>()

beforeAll(async () => {
  lab = await startLab({ seed: 7, timeScale: 600, protocols: { 'r2-h7': ['ipmi'] } })
  records = await startApi()
  const { db, newId } = records.services.tools
  for (const [index, machine] of lab.world.machines.entries()) {
    const wire = await startBmcWire(machine.bmc)
    wires.push(wire)
    const id = newId()
    await insertHost(db, {
      id,
      name: machine.name,
      bmc: {
        ...ipmiBmc(wire.address, { username: machine.bmc.username }),
        passwordSealed: records.services.seal('bmc', id, machine.bmc.password),
      },
      bootMac: `52:54:00:00:00:${index.toString(16).padStart(2, '0')}`,
      cpuCount: 1,
      cpuSpeedMhz: 0,
      memoryMib: 1,
      architecture: 'amd64',
      tags: [],
    })
  }
})
afterAll(async () => {
  for (const replica of replicas) await replica.die()
  for (const wire of wires) await wire.close()
  await records?.stop()
  await lab?.stop()
})

async function startReplica(executor: string): Promise<Replica> {
  const { services } = records
  const { db } = services.tools
  const driver = createIpmiDriver({ requestTimeoutMs: 1500 })
  const passwords = new Map(lab.world.machines.map((machine, index) => [wires[index]?.address, machine.bmc]))
  const own: Services = {
    ...services,
    settings: { ...services.settings, replicaLeaseMs: leaseMs },
    tools: {
      ...services.tools,
      executor,
      bmc: async ({ bmc: { address, username } }) =>
        driver.open({
          address: address ?? '',
          username,
          password: passwords.get(address ?? '')?.password ?? '',
        }),
    },
  }
  const observer = new PowerObserver(own, {
    everyMs,
    keepSessions: false,
    concurrency: 64,
    perSubnet: 1000,
    meters: createPowerMeters(),
    log: () => undefined,
  })
  const beats = createReplicas(db)
  await beats.beat(executor, [], Number.POSITIVE_INFINITY)
  const beating = setInterval(() => void beats.beat(executor, [], leaseMs), leaseMs / 4)
  observer.start()
  const replica: Replica = {
    observer,
    driver,
    async die() {
      replicas.delete(replica)
      clearInterval(beating)
      await observer.stop()
      await driver.close()
    },
  }
  replicas.add(replica)
  return replica
}

/** Milliseconds since each host's power was seen, the oldest first. */
async function ages(): Promise<number[]> {
  const { rows } = await records.services.tools.db.query<{ age: string | null }>(
    `select extract(epoch from now() - known_at) * 1000 as age from host left join power_reading on host_id = id`,
  )
  return rows.map(({ age }) => (age === null ? Number.POSITIVE_INFINITY : Number(age))).sort((a, b) => b - a)
}

/** By BMC, the ports that it was asked from since then. */
function portsOf(since: number): Set<number>[] {
  return wires.map(({ logins }) => new Set(logins.filter(({ at }) => at > since).map(({ port }) => port)))
}

test('one replica watches every host', async () => {
  await startReplica('a')
  await expect.poll(ages, { timeout: 10_000 }).toHaveLength(16)
  await expect.poll(async () => (await ages())[0], { timeout: 10_000 }).toBeLessThan(3 * everyMs)
  for (const ports of portsOf(0)) expect(ports.size).toBeGreaterThan(0)
})

test('two share them: after the hand-over nobody asks a BMC of the other one', async () => {
  const before = new Set(portsOf(0).flatMap((ports) => [...ports]))
  await startReplica('b')
  // the list of replicas is looked at twice in a lease
  await pause(leaseMs)
  const handedOver = performance.now()
  await pause(6 * everyMs)
  const shares = portsOf(handedOver).map((ports) => {
    const ofFirst = [...ports].filter((port) => before.has(port)).length
    return ofFirst === 0 ? 'b' : ofFirst === ports.size ? 'a' : 'both'
  })
  expect(shares).not.toContain('both')
  expect(shares.filter((share) => share === 'a').length).toBeGreaterThan(2)
  expect(shares.filter((share) => share === 'b').length).toBeGreaterThan(2)
  expect((await ages())[0]).toBeLessThan(3 * everyMs)
})

test('a survivor takes over when one dies, within its lease and one interval', async () => {
  const [first] = replicas
  await first?.die()
  const died = performance.now()
  await expect
    .poll(async () => (await ages())[0], { timeout: 10_000, interval: 20 })
    .toBeGreaterThan(2 * everyMs)
  await expect
    .poll(async () => (await ages())[0], { timeout: 10_000, interval: 20 })
    .toBeLessThan(2 * everyMs)
  // a beat may be as old as it gets; then the list is looked at, and everybody's turn comes
  expect(performance.now() - died).toBeLessThan(leaseMs * 1.5 + everyMs + 3_000)
})
