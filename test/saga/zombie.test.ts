import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fleet, startFleet } from '../support/fleet.ts'
import { allFaults, secretsOf } from '../support/invariants.ts'
import { powerStory, Witness } from '../support/witness.ts'

/** A replica that sleeps past its lease (SIGSTOP) and wakes up in the middle of a step that another one has long ended. */
describe('a zombie', () => {
  let fleet: Fleet
  let witness: Witness

  beforeAll(async () => {
    fleet = await startFleet({ lanes: 1, replicas: 2 })
    witness = new Witness(fleet)
  })
  afterAll(() => fleet?.stop())

  // before the effect: on waking it would do again what has been done; after it: it would go on to the next step
  test.for([
    { call: 'deploy', at: 'do ports before' },
    { call: 'reboot', at: 'do shut-down before' },
    { call: 'reboot', at: 'do shut-down after' },
    { call: 'reinstall', at: 'do power-off before' },
    { call: 'reinstall', at: 'do deploy before' },
    { call: 'destroy', at: 'do power-off before' },
    { call: 'deploy', at: 'do wait-deployed before' },
    { call: 'destroy', at: 'do park-ports after' },
  ] as const)('$call, asleep at $at: touches nothing any more, and ends', async ({ call, at }) => {
    const { lanes, lab } = fleet
    await lanes.with(async (lane) => {
      const operation = await fleet.call(call, lane, 'sleeper', `SIGSTOP ${at}`)
      await lanes.succeeded(operation, 90_000)
      expect(await fleet.obeyed(operation)).toBe(true)
      expect(await lanes.faultsAtRest(lane)).toEqual([])
      const power = powerStory(lab.world.diary, lane.machine)
      const ports = witness.changesSeen
      const gone = fleet.deaths('3')
      await fleet.thaw()
      // it ended by itself, as a replica without a lease does, and left world and records as they were
      expect(fleet.deaths('3')).toBe(gone + 1)
      expect(powerStory(lab.world.diary, lane.machine)).toEqual(power)
      expect(witness.changesSeen).toBe(ports)
      expect(await lanes.faultsAtRest(lane)).toEqual([])
    })
  })

  test('the world kept the rules all the time', async () => {
    expect(witness.faults).toEqual([])
    expect(await allFaults(fleet, secretsOf(fleet.lab))).toEqual([])
  })
})
