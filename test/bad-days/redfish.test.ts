import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findHost } from '../../src/services/hosts.ts'
import { stopInstance } from '../../src/services/instances.ts'
import { operationView, retryOperation } from '../../src/services/operations.ts'
import { Lives } from '../support/lives.ts'
import { redfishOf } from '../support/redfish.ts'
import { admin, furnish, type Rig, startRig } from '../support/rig.ts'

const name = 'r1-h2'

/** A BMC that speaks Redfish alone, and what it may do to a stop and a start. */
describe('a Redfish BMC on its bad days', () => {
  let rig: Rig
  let lives: Lives
  beforeAll(async () => {
    rig = await startRig({
      racks: ['r1'],
      protocols: { [name]: ['redfish'] },
      config: 'erase: { policy: quick }',
    })
    await furnish(rig)
    lives = new Lives(rig)
    await lives.offer(name)
  })
  afterAll(() => rig?.stop())

  const bmc = () => rig.lab.faults.get(`bmc/${name}`)
  const redfish = () => rig.lab.faults.get(`redfish/${name}`)
  afterEach(async () => {
    await Promise.all([bmc()?.reset(), redfish()?.reset()])
  })

  /** The next call begins with a login. */
  async function logOut(): Promise<void> {
    const { services } = rig.core
    const opened = await services.tools.bmc((await findHost(services, name)).host)
    await opened.close()
  }

  const restartAtPowerOff = () =>
    lives.machine(name).onEvent((event) => {
      if (event.kind === 'power' && !event.on) rig.lab.bmcs.controllers.get(name)?.restart()
    })

  test('a good one first: enlisted with protocol redfish, and deployed', async () => {
    const added = await lives.add(name, { ...redfishOf(rig, name), protocol: 'redfish' })
    expect(added).toMatchObject({ state: 'succeeded', error: null })
    await lives.deploy(name)
  }, 90_000)

  type Dials = Record<string, unknown>
  test.each<[string, { redfish?: Dials; bmc?: Dials; restarts?: boolean }]>([
    ['its session is forgotten', { redfish: { forgetNext: 1 } }],
    ['an answer is lost', { redfish: { cutNext: 1 } }],
    ['it is busy', { redfish: { busyNext: 2, retryAfterS: 1 } }],
    ['resets are tasks', { redfish: { asyncActions: true, taskMs: 300 } }],
    [
      'boot settings stand apart, and want their ETag',
      { redfish: { bootInSettings: true, needsIfMatch: true } },
    ],
    ['power follows half a second after the order', { bmc: { powerDelayMs: 500 } }],
    ['it restarts the moment that the power goes', { bmc: { restartMs: 300 }, restarts: true }],
    // the last one: for ten minutes no session is tried again
    ['no session is free: each call logs in by itself', { redfish: { sessionsTaken: 8 } }],
  ])(
    'stop and start all the same: %s',
    async (_, day) => {
      const listening = day.restarts ? restartAtPowerOff() : () => undefined
      for (const work of ['stop', 'start'] as const) {
        await logOut()
        await bmc()?.set(day.bmc ?? {})
        await redfish()?.set(day.redfish ?? {})
        await lives[work](name, { mayPark: day.restarts ?? false })
      }
      listening()
      // what was to go wrong so many times did
      expect(redfish()?.get()).toMatchObject({ forgetNext: 0, cutNext: 0, busyNext: 0 })
    },
    60_000,
  )

  test('a boot device that it takes and forgets parks the stop, off; once that is over it goes on', async () => {
    const { services } = rig.core
    await bmc()?.set({ lyingBootFlags: true })
    const operation = await stopInstance(services, admin, `on-${name}`)
    expect(await rig.ended(operation.id)).toMatchObject({ state: 'parked' })
    expect((await operationView(services, operation.id)).steps.at(-1)?.error).toMatchObject({
      code: 'boot-device-unset',
    })
    expect(lives.machine(name).power()).toBe('off')
    await bmc()?.reset()
    await retryOperation(services, admin, operation.id)
    await lives.succeededInTheEnd(operation)
    lives.expectStopped(name)
  })

  test('and in the end it is destroyed', () => lives.destroy(name))
})
