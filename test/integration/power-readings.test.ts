import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ipmiBmc } from '../../src/domain/test-support/host-bmc.ts'
import { hostView } from '../../src/services/hosts.ts'
import { insertHost } from '../../src/store/hosts.ts'
import { recordFailed, recordSeen, refreshSeen, setPower } from '../../src/store/power-readings.ts'
import { lookTargets, watchedHosts } from '../../src/store/power-watch.ts'
import { type ApiFixture, startApi } from '../support/api-fixture.ts'

let records: ApiFixture
let ids: string[]

beforeAll(async () => {
  records = await startApi()
  const { db, newId } = records.services.tools
  ids = Array.from({ length: 400 }, () => newId())
  for (const [index, id] of ids.entries()) {
    await insertHost(db, {
      id,
      name: `host-${index}`,
      bmc: { ...ipmiBmc(`10.0.${index >> 8}.${index & 255}`), passwordSealed: 'sealed' },
      bootMac: `52:54:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`,
      cpuCount: 1,
      cpuSpeedMhz: 0,
      memoryMib: 1,
      architecture: 'amd64',
      tags: [],
    })
  }
  await watchedHosts(db, null)
})
afterAll(() => records?.stop())

const silence = { code: 'bmc-unreachable' as const, message: 'silence', remedy: 'look', full: false }

describe('one reading against another', () => {
  const epochOf = async (id: string) => (await lookTargets(records.services.tools.db, [id]))[0]?.epoch ?? -1
  const powerOf = async () => (await hostView(records.services, 'host-0')).power

  test('what a look saw before an action does not overwrite its outcome, whether it saw anything or not', async () => {
    const { db } = records.services.tools
    const hostId = ids[0] ?? ''
    const epoch = await epochOf(hostId)
    await setPower(db, hostId, 'off')
    expect(await recordSeen(db, [{ hostId, epoch, state: 'on', age: 0 }])).toEqual([])
    const failed = {
      hostId,
      epoch,
      failure: silence,
      failures: 2,
      nextLook: 1000,
      refused: null,
      unknown: true,
    }
    expect(await recordFailed(db, [failed])).toEqual([])
    expect(await powerOf()).toMatchObject({ state: 'off', failure: null })
  })

  test('a look that began after it counts, and tells what was before', async () => {
    const { db } = records.services.tools
    const hostId = ids[0] ?? ''
    const epoch = await epochOf(hostId)
    expect(await recordSeen(db, [{ hostId, epoch, state: 'on', age: 0 }])).toMatchObject([
      { state: 'off', known: 'off' },
    ])
    expect(await powerOf()).toMatchObject({ state: 'on', lastKnown: { state: 'on' } })
  })

  test('what says the same again is only made younger; a change, an older epoch and a failure are left to others', async () => {
    const { db } = records.services.tools
    const hostId = ids[1] ?? ''
    const reading = async () => (await hostView(records.services, 'host-1')).power
    const seen = { hostId, epoch: await epochOf(hostId), state: 'on' as const, age: 0 }
    expect(await refreshSeen(db, [seen])).toEqual([])
    await recordSeen(db, [{ ...seen, age: 50_000 }])
    const before = await reading()
    expect(await refreshSeen(db, [seen])).toMatchObject([{ hostId, state: 'on', known: 'on' }])
    const after = await reading()
    expect(Date.parse(after.at ?? '')).toBeGreaterThan(Date.parse(before.at ?? ''))
    expect(after).toMatchObject({ state: 'on', since: before.since, failure: null })

    expect(await refreshSeen(db, [{ ...seen, state: 'off' }])).toEqual([])
    expect(await refreshSeen(db, [{ ...seen, epoch: seen.epoch - 1 }])).toEqual([])
    expect(await reading()).toEqual(after)
    const failed = { hostId, epoch: seen.epoch, failure: silence, nextLook: 10_000, refused: null }
    await recordFailed(db, [{ ...failed, failures: 1, unknown: false }])
    expect(await refreshSeen(db, [seen])).toEqual([])
    expect(await reading()).toMatchObject({ failure: { looks: 1 } })
  })

  test('one failed look leaves the reading, and its age; the second makes it unknown, with what was known', async () => {
    const { db } = records.services.tools
    const hostId = ids[0] ?? ''
    const epoch = await epochOf(hostId)
    const { at, since } = await powerOf()
    const failed = { hostId, epoch, failure: silence, nextLook: 10_000, refused: null }
    await recordFailed(db, [{ ...failed, failures: 1, unknown: false }])
    expect(await powerOf()).toMatchObject({
      state: 'on',
      at,
      since,
      failure: { looks: 1, message: 'silence' },
    })
    await recordFailed(db, [{ ...failed, failures: 2, unknown: true }])
    const power = await powerOf()
    expect(power).toMatchObject({ state: 'unknown', lastKnown: { state: 'on', at }, failure: { looks: 2 } })
    expect(Date.parse(power.failure?.nextLook ?? '')).toBeGreaterThan(Date.parse(power.at ?? '') + 9000)
    const [before] = await recordSeen(db, [{ hostId, epoch, state: 'off', age: 0 }])
    expect(before).toMatchObject({ state: 'unknown', known: 'on' })
    expect(await powerOf()).toMatchObject({ state: 'off', failure: null })
  })

  test('a reading is as old as it is, not as old as its record', async () => {
    const { db } = records.services.tools
    const hostId = ids[0] ?? ''
    await recordSeen(db, [{ hostId, epoch: await epochOf(hostId), state: 'off', age: 7000 }])
    const { at } = await powerOf()
    expect(Date.now() - Date.parse(at ?? '')).toBeGreaterThan(6900)
  })
})

test('that nothing has changed costs no index entry and no table that grows', async () => {
  const { db } = records.services.tools
  const stats = async () => {
    await db.query('select pg_stat_force_next_flush()')
    const { rows } = await db.query<{ updates: string; hot: string; bytes: string }>(
      `select n_tup_upd as updates, n_tup_hot_upd as hot, pg_total_relation_size(relid) as bytes
       from pg_stat_user_tables where relname = 'power_reading'`,
    )
    return { updates: Number(rows[0]?.updates), hot: Number(rows[0]?.hot), bytes: Number(rows[0]?.bytes) }
  }
  const targets = await lookTargets(db, ids)
  const look = () =>
    recordSeen(
      db,
      targets.map(({ id, epoch }) => ({ hostId: id, epoch, state: 'off' as const, age: 0 })),
    )
  for (let round = 0; round < 3; round += 1) await look()
  // the statistics of a connection are sent on its next statement
  await expect.poll(async () => (await stats()).updates).toBeGreaterThanOrEqual(1200)
  const fifty = async () => {
    const before = await stats()
    for (let round = 0; round < 50; round += 1) expect(await look()).toHaveLength(400)
    await expect.poll(async () => (await stats()).updates - before.updates).toBeGreaterThanOrEqual(20_000)
    const after = await stats()
    return {
      hot: (after.hot - before.hot) / (after.updates - before.updates),
      growth: after.bytes / before.bytes,
    }
  }
  // An analyze of the autovacuum holds old rows for a moment: fifty looks in half a second do not wait for it.
  let seen = await fifty()
  for (let again = 0; again < 3 && seen.hot <= 0.99; again += 1) seen = await fifty()
  expect(seen.hot).toBeGreaterThan(0.99)
  expect(seen.growth).toBeLessThanOrEqual(1.1)
})
