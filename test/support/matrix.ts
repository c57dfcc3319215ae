import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Operation } from '../../src/store/operations.ts'
import { sagas } from '../../src/workflows/catalogue.ts'
import { addLane, drives } from './drives.ts'
import { everyStepTwice, everyUndoFails, everyUndoTwice, Faults, failAt, type Plan, plain } from './faults.ts'
import { allFaults, secretsOf } from './invariants.ts'
import { type Lane, Lanes } from './lanes.ts'
import { type Rig, startRig } from './rig.ts'
import { powerStory, Witness } from './witness.ts'

/** The engine parks after 4 failures: one more shows that a parked operation goes on by itself. */
const UNTIL_PARKED = 5

interface Table {
  ref: string
  steps: { name: string; undoable: boolean; oneWay: boolean }[]
}

/** The saga's own table, as the engine runs it: the tests of a new saga or step need no new line of test. */
function tableOf(ref: string): Table {
  const saga = sagas.find((one) => one.ref === ref)
  if (!saga) throw new Error(`there is no saga ${ref}`)
  const index = (name: string | undefined) => saga.steps.findIndex((step) => step.name === name)
  const from = index(saga.oneWayFrom)
  const to = saga.oneWayTo === undefined ? Number.POSITIVE_INFINITY : index(saga.oneWayTo)
  return {
    ref,
    steps: saga.steps.map((step, index) => ({
      name: step.name,
      undoable: typeof step.undo === 'function',
      oneWay: from >= 0 && index >= from && index <= to,
    })),
  }
}

/**
 * The generic tests over sagas, on the real engine, PostgreSQL and sockets, several hosts side by side: fail at each
 * step and unwind, run each step twice, run each undo twice. After each case the lab's world is compared with our
 * records.
 */
export function sagaMatrix(
  refs: readonly string[],
  options: { enlisted: boolean; timeScale?: number; diskLayout?: string },
): void {
  // the durable engine is a singleton of its process: one rig for all sagas of a file
  const faults = new Faults([])
  let rig: Rig
  let lanes: Lanes
  let witness: Witness

  beforeAll(async () => {
    rig = await startRig({
      racks: ['r1'],
      timeScale: options.timeScale ?? 200,
      interference: faults,
      config: 'erase: { policy: quick }',
    })
    witness = new Witness(rig)
    lanes = await Lanes.open(rig, 8, options.diskLayout)
    if (!options.enlisted) return
    const all = await Promise.all(Array.from({ length: 8 }, () => lanes.take()))
    await Promise.all(all.map(async (lane) => lanes.succeeded(await addLane(lanes, lane, true))))
    for (const lane of all) lanes.give(lane)
  })
  afterAll(() => rig?.stop())

  describe.each(refs.map(tableOf))('$ref', (table) => {
    const { ref, steps } = table
    const kind = ref.replace(/@.*/, '')
    /** Which steps a failure was really injected at, and which were really run twice. */
    const failed = new Set<string>()
    const doubled = new Set<string>()

    beforeAll(() => faults.watch([ref]))

    async function call(lane: Lane, name: string, plan: Plan): Promise<Operation> {
      const operation = await drive().call(lanes, lane, name)
      faults.assign(operation.id, plan)
      return operation
    }

    function drive() {
      const found = drives[ref]
      if (!found) throw new Error(`saga ${ref} has no drive in test/support/drives.ts: say how to call it`)
      return found
    }

    async function parkings(operation: Operation): Promise<number> {
      const { rows } = await lanes.rig.core.services.tools.db.query(
        `select from event where operation_id = $1 and kind = 'operation.parked'`,
        [operation.id],
      )
      return rows.length
    }

    /** Power events of one run, from the call until the host is at rest; `calm` if no step had to be tried again. */
    async function run(plan: Plan, name: string): Promise<{ story: string[]; calm: boolean }> {
      let seen = { story: [] as string[], calm: false }
      await lanes.with(async (lane) => {
        const { diary } = lanes.rig.lab.world
        await drive().prepare(lanes, lane, name)
        const from = diary.length
        const view = await lanes.ended(await call(lane, name, plan))
        expect(view).toMatchObject({ state: 'succeeded', error: null })
        expect(await lanes.faultsAtRest(lane)).toEqual([])
        const calm = view.steps.every((step) => step.attempt === 1)
        seen = { story: powerStory(diary.slice(from), lane.machine), calm }
        await lanes.clear(lane, name)
      })
      return seen
    }

    test.concurrent('every step run twice: the same end, and not one power event more', async () => {
      // MAAS's own time-outs may strike on a busy computer: an erase that was tried again has power events of its own
      for (let round = 1; ; round++) {
        const plan = everyStepTwice()
        const [once, twice] = await Promise.all([
          run(plain(), `${kind}-once${round}`),
          run(plan, `${kind}-twice${round}`),
        ])
        if (!(once.calm && twice.calm) && round < 4) continue
        expect(twice).toEqual(once)
        for (const { name } of steps) expect(plan.hits.get(`do ${name}`)).toBeGreaterThanOrEqual(1)
        expect(plan.hits.get('do settle')).toBe(1)
        for (const key of plan.hits.keys()) doubled.add(key)
        return
      }
    })

    const last = steps.filter((step) => !step.oneWay).at(-1)
    const undos = steps.filter((step) => step.undoable && !step.oneWay)

    if (last) {
      test.concurrent('every undo run twice: nothing is left, and the same call works', async () => {
        await lanes.with(async (lane) => {
          const plan = everyUndoTwice(last.name)
          await drive().prepare(lanes, lane, `${kind}-undone-twice`)
          const operation = await call(lane, `${kind}-undone-twice`, plan)
          const view = await lanes.ended(operation)
          expect(view).toMatchObject({
            state: 'undone',
            error: { message: expect.stringContaining('injected') },
          })
          expect(view.steps.filter((step) => step.direction === 'undo' && step.state !== 'done')).toEqual([])
          expect([...plan.hits.keys()].sort()).toEqual(undos.map((step) => `undo ${step.name}`).sort())
          expect(await lanes.faultsAtRest(lane)).toEqual([])
          await lanes.succeeded(await call(lane, `${kind}-undone-twice`, plain()))
          expect(await lanes.faultsAtRest(lane)).toEqual([])
          await lanes.clear(lane, `${kind}-undone-twice`)
        })
      })
    }

    if (last && undos.length > 0) {
      test.concurrent('every undo fails until it is parked, heals, and ends undone', async () => {
        await lanes.with(async (lane) => {
          const plan = everyUndoFails(last.name, UNTIL_PARKED)
          await drive().prepare(lanes, lane, `${kind}-undo-parked`)
          const operation = await call(lane, `${kind}-undo-parked`, plan)
          expect(await lanes.ended(operation)).toMatchObject({ state: 'undone', parked: null })
          expect(await parkings(operation)).toBeGreaterThanOrEqual(undos.length)
          for (const { name } of undos) expect(plan.hits.get(`undo ${name}`)).toBe(UNTIL_PARKED + 1)
          expect(await lanes.faultsAtRest(lane)).toEqual([])
          await lanes.succeeded(await call(lane, `${kind}-undo-parked`, plain()))
          await lanes.clear(lane, `${kind}-undo-parked`)
        })
      })
    }

    const cases = steps.flatMap((step) => [
      { ...step, when: 'before' as const },
      { ...step, when: 'after' as const },
    ])

    test.concurrent.for(cases.filter((one) => !one.oneWay))(
      '$name fails $when its effect: undone, and the same call works',
      async ({ name: step, when }) => {
        await lanes.with(async (lane) => {
          const name = `${kind}-${step}-${when}`
          const plan = failAt(step, when)
          await drive().prepare(lanes, lane, name)
          const before = await lanes.faultsAtRest(lane)
          const view = await lanes.ended(await call(lane, name, plan))
          expect(view).toMatchObject({
            state: 'undone',
            error: { code: 'check-failed', message: `injected: ${step} fails ${when} its effect` },
          })
          expect(plan.hits.get(`do ${step}`)).toBe(1)
          failed.add(`${step} ${when}`)
          // nothing is wrong that was not wrong before
          expect(before).toEqual(expect.arrayContaining(await lanes.faultsAtRest(lane)))
          await lanes.succeeded(await call(lane, name, plain()))
          expect(await lanes.faultsAtRest(lane)).toEqual([])
          await lanes.clear(lane, name)
        })
      },
    )

    test.concurrent.for(cases.filter((one) => one.oneWay))(
      '$name fails $when its effect until it is parked, heals, and succeeds',
      async ({ name: step, when }) => {
        await lanes.with(async (lane) => {
          const name = `${kind}-${step}-${when}`
          const plan = failAt(step, when, UNTIL_PARKED)
          await drive().prepare(lanes, lane, name)
          const operation = await call(lane, name, plan)
          expect(await lanes.ended(operation)).toMatchObject({
            state: 'succeeded',
            error: null,
            parked: null,
          })
          expect(plan.hits.get(`do ${step}`)).toBe(UNTIL_PARKED + 1)
          expect(await parkings(operation)).toBeGreaterThan(0)
          failed.add(`${step} ${when}`)
          expect(await lanes.faultsAtRest(lane)).toEqual([])
          await lanes.clear(lane, name)
        })
      },
    )

    test('its whole table was exercised, and the world kept the rules all the time', async () => {
      expect(steps.length).toBeGreaterThan(0)
      expect([...failed].sort()).toEqual(cases.map(({ name, when }) => `${name} ${when}`).sort())
      for (const { name } of steps) expect(doubled).toContain(`do ${name}`)
      // the lab's unused ports are in the PXE VLAN from the start: enlisting finds them as they should be
      if (options.enlisted) expect(witness.changesSeen).toBeGreaterThan(0)
      expect(witness.faults).toEqual([])
      const { lab, core } = lanes.rig
      expect(await allFaults({ lab, db: core.services.tools.db }, secretsOf(lab))).toEqual([])
    })
  })
}
