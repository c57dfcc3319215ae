import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { destroyInstance, findInstance } from '../../src/services/instances.ts'
import { reinstallInstance, stayStopped } from '../../src/services/reinstall.ts'
import type { Operation } from '../../src/store/operations.ts'
import { reinstall } from '../../src/workflows/reinstall.ts'
import { addLane } from '../support/drives.ts'
import { during, Faults, type Plan } from '../support/faults.ts'
import { allFaults, secretsOf } from '../support/invariants.ts'
import { type Lane, Lanes } from '../support/lanes.ts'
import { admin, type Rig, startRig } from '../support/rig.ts'
import { Witness } from '../support/witness.ts'

/** Calls that meet a reinstall, at every step of its table: right after the step's effect, before the step ends. */
describe('a reinstall that is met by another call', () => {
  const faults = new Faults(['reinstall@1'])
  let rig: Rig
  let lanes: Lanes
  let witness: Witness

  beforeAll(async () => {
    rig = await startRig({
      racks: ['r1'],
      timeScale: 60,
      interference: faults,
      config: 'erase: { policy: quick }',
    })
    witness = new Witness(rig)
    lanes = await Lanes.open(rig, 6)
    const all = await Promise.all(Array.from({ length: 6 }, () => lanes.take()))
    await Promise.all(all.map(async (lane) => lanes.succeeded(await addLane(lanes, lane, true))))
    for (const lane of all) lanes.give(lane)
  })
  afterAll(() => rig?.stop())
  const services = () => rig.core.services

  async function reinstalling(lane: Lane, name: string, plan: Plan): Promise<Operation> {
    await lanes.succeeded(await lanes.deploy(lane, name, ['blue', 'green']))
    const operation = await reinstallInstance(services(), admin, name)
    faults.assign(operation.id, plan)
    return operation
  }

  const steps = reinstall.steps.map(({ name }) => name)
  const until = (last: string) => steps.slice(0, steps.indexOf(last) + 1)

  test.concurrent.for(steps)(
    'destroy at %s: its disks are proven erased, and the host is free',
    async (step) => {
      await lanes.with(async (lane) => {
        const name = `gone-${step}`
        const plan = during(step, () => destroyInstance(services(), admin, name))
        const { id } = await reinstalling(lane, name, plan)
        const view = await lanes.ended({ id } as Operation)
        // too late to be cut short, it comes to its end; the destroy follows all the same
        expect(view.state).toBe(step === 'confirm' ? 'succeeded' : 'cancelled')
        expect(plan.hits.get(step)).toBe(1)
        expect(await lanes.faultsAtRest(lane)).toEqual([])
        await expect(findInstance(services(), name)).rejects.toThrow('no instance')
        const { rows } = await services().tools.db.query<{ kind: string }>(
          `select kind from operation where instance_id = $1 and state = 'succeeded' and kind = 'destroy'`,
          [view.instanceId],
        )
        // between the proof and the first byte of the new system there is nothing to erase
        expect(rows.length).toBe(until('nic-plan').includes(step) ? 0 : 1)
      })
    },
  )

  const meets = [
    'check',
    'park-ports',
    'wait-erased',
    'nic-plan',
    'wait-hand-over',
    'claim',
    'ports',
    'confirm',
  ]

  test.concurrent.for(meets)('stop at %s: stopped at the end, unless it was to run already', async (step) => {
    await lanes.with(async (lane) => {
      const name = `calm-${step}`
      const plan = during(step, async () =>
        stayStopped(services(), admin, await findInstance(services(), name)),
      )
      await lanes.succeeded(await reinstalling(lane, name, plan))
      expect(plan.hits.get(step)).toBe(1)
      const late = !until('wait-hand-over').includes(step)
      expect(await findInstance(services(), name)).toMatchObject({ state: late ? 'running' : 'stopped' })
      expect(await lanes.faultsAtRest(lane)).toEqual([])
      await lanes.clear(lane, name)
    })
  })

  test('the world kept the rules all the time', async () => {
    expect(witness.changesSeen).toBeGreaterThan(0)
    expect(witness.faults).toEqual([])
    expect(await allFaults({ lab: rig.lab, db: services().tools.db }, secretsOf(rig.lab))).toEqual([])
  })
})
