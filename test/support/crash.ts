import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fleet, startFleet } from './fleet.ts'
import { allFaults, secretsOf } from './invariants.ts'
import type { Call } from './replica-process.ts'
import { Witness } from './witness.ts'

/** One call on an instance, and where a replica dies under it: `do ports after`; empty: it may live. */
export interface Blow {
  call: Call['call']
  at: string
}

/** After the effect and before its record is the worst moment; before it, a step is only late. */
export function pointsOf(steps: readonly { name: string }[], also: readonly string[]): string[] {
  return [
    ...[...steps, { name: 'settle' }].map(({ name }) => `do ${name} after`),
    ...also.map((name) => `do ${name} before`),
  ]
}

/**
 * kill -9 of whichever replica comes first to each point, in the middle of an instance's life. Another replica takes the
 * operation over and brings it to its right end. A replica that has just recorded an operation's end may be killed for
 * another lane's operation before it comes to `settle after`; nobody comes there again, so that such a life is led anew.
 */
export function crashMatrix(lives: readonly (readonly Blow[])[]): void {
  describe('kill -9 of a replica', () => {
    let fleet: Fleet
    let witness: Witness
    const killed = new Set<string>()

    beforeAll(async () => {
      fleet = await startFleet({ lanes: 3, replicas: 2 })
      witness = new Witness(fleet)
    })
    afterAll(() => fleet?.stop())

    const cases = lives.map((life) => ({
      life,
      says: life.map(({ call, at }) => `${call}${at === '' ? '' : `: ${at}`}`).join('; '),
    }))

    test.concurrent.for(cases)('$says', async ({ life }, { task }) => {
      const { lanes } = fleet
      await lanes.with(async (lane) => {
        const name = `vm-${task.id.replaceAll(/[^0-9]/g, '')}-${lane.machine}`
        const open = life.filter(({ at }) => at !== '')
        for (let round = 1; open.length > 0; round++) {
          expect(round, `lives in which no replica came to ${JSON.stringify(open)}`).toBeLessThan(4)
          for (const blow of life) {
            const at = open.includes(blow) ? blow.at : ''
            const operation = await fleet.call(blow.call, lane, `${name}-${round}`, at && `SIGKILL ${at}`)
            await lanes.succeeded(operation, 90_000)
            if (at !== '' && (await fleet.obeyed(operation))) {
              killed.add(`${blow.call} ${at}`)
              open.splice(open.indexOf(blow), 1)
            }
            expect(await lanes.faultsAtRest(lane)).toEqual([])
          }
        }
      })
    })

    test('a replica died at every point, and the world kept the rules all the time', async () => {
      const wanted = lives.flat().flatMap(({ call, at }) => (at === '' ? [] : [`${call} ${at}`]))
      expect([...killed].sort()).toEqual([...wanted].sort())
      // the last one may be dying this very moment
      for (let look = 0; look < 100 && fleet.deaths('SIGKILL') < wanted.length; look++) await pause(50)
      expect(fleet.deaths('SIGKILL')).toBe(wanted.length)
      expect(witness.changesSeen).toBeGreaterThan(0)
      expect(witness.faults).toEqual([])
      expect(await allFaults(fleet, secretsOf(fleet.lab))).toEqual([])
    })
  })
}
