import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOffering } from '../../src/services/catalogue.ts'
import { deployInstance } from '../../src/services/deploy.ts'
import { destroyInstance, findInstance, startInstance, stopInstance } from '../../src/services/instances.ts'
import { cancelOperation, retryOperation } from '../../src/services/operations.ts'
import type { Database } from '../../src/store/database.ts'
import { deploy } from '../../src/workflows/deploy.ts'
import { addLane } from '../support/drives.ts'
import { during, Faults, failAt, type Plan, plain } from '../support/faults.ts'
import { allFaults, secretsOf } from '../support/invariants.ts'
import { type Lane, Lanes } from '../support/lanes.ts'
import { admin, type Rig, startRig } from '../support/rig.ts'
import { Witness } from '../support/witness.ts'

async function tenanciesOf(db: Database, name: string): Promise<number> {
  const { rows } = await db.query(
    'select from tenancy join instance on instance_id = instance.id where name = $1',
    [name],
  )
  return rows.length
}

describe('calls that meet', () => {
  const faults = new Faults(['deploy@1', 'stop@1'])
  let rig: Rig
  let lanes: Lanes
  let witness: Witness

  beforeAll(async () => {
    rig = await startRig({
      racks: ['r1'],
      timeScale: 200,
      interference: faults,
      config: 'erase: { policy: quick }',
    })
    witness = new Witness(rig)
    lanes = await Lanes.open(rig, 8)
    const all = await Promise.all(Array.from({ length: 8 }, () => lanes.take()))
    await Promise.all(all.map(async (lane) => lanes.succeeded(await addLane(lanes, lane, true))))
    for (const lane of all) lanes.give(lane)
  })
  afterAll(() => rig?.stop())

  async function deployed(lane: Lane, name: string, plan: Plan = plain()) {
    const operation = await lanes.deploy(lane, name)
    faults.assign(operation.id, plan)
    return operation
  }

  const services = () => rig.core.services

  const steps = deploy.steps.map(({ name }) => name)

  test.concurrent.for(steps)('destroy while deploying, at %s: undone, erased and free', async (step) => {
    await lanes.with(async (lane) => {
      const name = `cut-${step}`
      const plan = during(step, () => destroyInstance(services(), admin, name))
      const view = await lanes.ended(await deployed(lane, name, plan))
      // the last step can no longer be cut short: the deploy comes to its end, and the destroy follows all the same
      if (step === 'confirm') expect(view).toMatchObject({ state: 'succeeded' })
      else expect(view).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } })
      expect(plan.hits.get(step)).toBe(1)
      expect(await lanes.faultsAtRest(lane)).toEqual([])
      await expect(findInstance(services(), name)).rejects.toThrow('no instance')
    })
  })

  test.concurrent('a long wait heeds a cancel at once', async () => {
    await lanes.with(async (lane) => {
      const operation = await deployed(lane, 'cut-in-wait')
      while (
        !(
          await services().tools.db.query(
            `select from operation_step where operation_id = $1 and name = 'wait-deployed'`,
            [operation.id],
          )
        ).rowCount
      )
        await pause(20)
      await cancelOperation(services(), admin, operation.id)
      const view = await lanes.ended(operation)
      expect(view).toMatchObject({ state: 'cancelled' })
      expect(view.steps.find((one) => one.name === 'wait-deployed')).toMatchObject({ state: 'failed' })
      expect(await lanes.faultsAtRest(lane)).toEqual([])
      // cancelled, not destroyed: it stays visible as failed, and can be destroyed
      expect(await findInstance(services(), 'cut-in-wait')).toMatchObject({ state: 'failed' })
      await lanes.clear(lane, 'cut-in-wait')
    })
  })

  test.concurrent('stop and start while deploying are refused, and change nothing', async () => {
    await lanes.with(async (lane) => {
      const plan = during('nic-plan', async () => {
        await expect(stopInstance(services(), admin, 'busy')).rejects.toThrow(
          'is deploying: stop is possible only',
        )
        await expect(startInstance(services(), admin, 'busy')).rejects.toThrow(
          'is deploying: start is possible only',
        )
      })
      await lanes.succeeded(await deployed(lane, 'busy', plan))
      expect(await lanes.faultsAtRest(lane)).toEqual([])
      await lanes.clear(lane, 'busy')
    })
  })

  test.concurrent('a stop that is parked keeps the hold, says why, and a retry ends it', async () => {
    await lanes.with(async (lane) => {
      await lanes.succeeded(await deployed(lane, 'parked'))
      let broken = true
      const never = failAt('park-ports', 'before', Number.POSITIVE_INFINITY)
      const operation = await stopInstance(services(), admin, 'parked')
      faults.assign(operation.id, {
        ...never,
        rule: (point, body) => (broken ? never.rule(point, body) : body()),
      })
      expect(await rig.ended(operation.id)).toMatchObject({
        state: 'parked',
        endedAt: null,
        parked: { step: 'park-ports', direction: 'do', error: { code: 'check-failed' } },
      })
      await expect(destroyInstance(services(), admin, 'parked')).rejects.toThrow('is busy with operation')
      broken = false
      await retryOperation(services(), admin, operation.id)
      expect(await lanes.ended(operation)).toMatchObject({ state: 'succeeded', parked: null })
      expect(await lanes.faultsAtRest(lane)).toEqual([])
      await lanes.clear(lane, 'parked')
    })
  })

  test.concurrent('the undo of a deploy, run again late, leaves the next owner of the host alone', async () => {
    await lanes.with(async (lane) => {
      let next: Awaited<ReturnType<typeof deployed>> | undefined
      const first = failAt('allocate', 'before')
      const plan: Plan = {
        hits: first.hits,
        async rule(point, body) {
          if (point.direction === 'do' || point.name !== 'choose-host') return first.rule(point, body)
          await body()
          // the host is free now, and somebody else takes it before the undo is run once more
          next ??= await deployed(lane, 'next-owner')
          const { db } = services().tools
          // no test is the current one here: the engine runs this
          while ((await tenanciesOf(db, 'next-owner')) === 0) await pause(20)
          return body()
        },
      }
      expect(await lanes.ended(await deployed(lane, 'first-owner', plan))).toMatchObject({ state: 'undone' })
      if (!next) throw new Error('the undo was never run')
      await lanes.succeeded(next)
      expect(await lanes.faultsAtRest(lane)).toEqual([])
      await lanes.clear(lane, 'next-owner')
    })
  })

  describe('side by side', () => {
    async function deployAll(count: number, prefix: string) {
      const operations = await Promise.all(
        Array.from({ length: count }, async (_, index) => {
          const { operation } = await deployInstance(services(), admin, {
            name: `${prefix}${index}`,
            template: 'jammy',
            offering: 'any',
            erase: 'quick',
            nics: [{ network: `blue${index + 1}` }],
          })
          faults.assign(operation.id, plain())
          return operation
        }),
      )
      return Promise.all(operations.map((operation) => lanes.ended(operation)))
    }

    test('8 deploys on 8 hosts: each its own; a ninth is refused with every host and its reason', async () => {
      await createOffering(services(), { name: 'any', cpuCount: 1, memoryMib: 1, match: 'atLeast' })
      const views = await deployAll(8, 'crowd')
      expect(views.map((view) => view.state)).toEqual(Array.from({ length: 8 }, () => 'succeeded'))
      expect(new Set(views.map((view) => view.hostId)).size).toBe(8)
      const [ninth] = await deployAll(1, 'ninth')
      expect(ninth).toMatchObject({ state: 'undone', error: { code: 'no-host' } })
      expect(ninth?.error?.details?.refused).toHaveLength(8)
      expect(await findInstance(services(), 'ninth0')).toMatchObject({ state: 'failed', hostId: null })
      await destroyInstance(services(), admin, 'ninth0')
      await Promise.all(
        views.map(async (_, index) => {
          const { operation } = await destroyInstance(services(), admin, `crowd${index}`)
          if (operation) await lanes.succeeded(operation)
        }),
      )
    })

    test('two deploys at once for one host: one wins, the other has no effect', async () => {
      const lane = await lanes.take()
      const pair = await Promise.all(['twin-a', 'twin-b'].map((name) => deployed(lane, name)))
      const views = await Promise.all(pair.map((operation) => lanes.ended(operation)))
      expect(views.map((view) => view.state).sort()).toEqual(['succeeded', 'undone'])
      expect(views.find((view) => view.state === 'undone')?.error?.code).toBe('no-host')
      expect(await lanes.faultsAtRest(lane)).toEqual([])
      await lanes.clear(lane, 'twin-a')
      await lanes.clear(lane, 'twin-b')
    })
  })

  test('the world kept the rules all the time', async () => {
    expect(witness.changesSeen).toBeGreaterThan(0)
    expect(witness.faults).toEqual([])
    expect(await allFaults({ lab: rig.lab, db: services().tools.db }, secretsOf(rig.lab))).toEqual([])
  })
})
