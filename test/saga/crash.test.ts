import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deploy } from '../../src/workflows/deploy.ts'
import { destroy } from '../../src/workflows/destroy.ts'
import { type Fleet, startFleet } from '../support/fleet.ts'
import { allFaults, secretsOf } from '../support/invariants.ts'
import { Witness } from '../support/witness.ts'

/** After the effect and before its record is the worst moment; before it, a step is only late. */
const points = (steps: readonly { name: string }[], also: readonly string[]) => [
  ...steps.map(({ name }) => `do ${name} after`),
  ...also.map((name) => `do ${name} before`),
]

/**
 * kill -9 of whichever replica comes first to a point of deploy and destroy, at every step of their tables. Another replica takes the operation over and brings it to its right end.
 */
describe('kill -9 of a replica', () => {
  let fleet: Fleet
  let witness: Witness
  const killed = new Set<string>()

  beforeAll(async () => {
    fleet = await startFleet({ lanes: 3, replicas: 2 })
    witness = new Witness(fleet)
  })
  afterAll(() => fleet?.stop())

  const deployPoints = points([...deploy.steps, { name: 'settle' }], ['wait-deployed', 'ports'])
  const destroyPoints = points([...destroy.steps, { name: 'settle' }], ['release'])
  const lives = deployPoints.map((atDeploy, index) => ({ atDeploy, atDestroy: destroyPoints[index] ?? '' }))

  test.concurrent.for(lives)(
    'deploy: $atDeploy; destroy: $atDestroy',
    async ({ atDeploy, atDestroy }, { task }) => {
      const { lanes } = fleet
      await lanes.with(async (lane) => {
        const name = `vm-${task.id.replaceAll(/[^0-9]/g, '')}-${lane.machine}`
        for (const [call, at] of [
          ['deploy', atDeploy],
          ['destroy', atDestroy],
        ] as const) {
          const operation = await fleet.call(call, lane, name, at === '' ? '' : `SIGKILL ${at}`)
          await lanes.succeeded(operation, 90_000)
          if (at !== '') {
            expect(await fleet.obeyed(operation)).toBe(true)
            killed.add(`${call} ${at}`)
          }
          expect(await lanes.faultsAtRest(lane)).toEqual([])
        }
      })
    },
  )

  test('a replica died at every point, and the world kept the rules all the time', async () => {
    expect([...killed].sort()).toEqual(
      [...deployPoints.map((at) => `deploy ${at}`), ...destroyPoints.map((at) => `destroy ${at}`)].sort(),
    )
    const wanted = deployPoints.length + destroyPoints.length
    // the last one may be dying this very moment
    for (let look = 0; look < 100 && fleet.deaths('SIGKILL') < wanted; look++) await pause(50)
    expect(fleet.deaths('SIGKILL')).toBe(wanted)
    expect(witness.changesSeen).toBeGreaterThan(0)
    expect(witness.faults).toEqual([])
    expect(await allFaults(fleet, secretsOf(fleet.lab))).toEqual([])
  })
})
