import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { destroyInstance, findInstance } from '../../src/services/instances.ts'
import { rackViews } from '../../src/services/racks.ts'
import { why } from '../../src/services/why.ts'
import { allQuiet, expectOneError, expectResting, tryDeploy } from '../support/bad-days.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** A switch that is away, refuses or lies: no frame leaks, the error names it, and the host is free again. */
describe('a switch on a bad day', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ racks: ['r2'], timeScale: 1000 })
    await furnish(rig)
    expect(await rig.enlist('r2-h1', { clean: true })).toMatchObject({ state: 'succeeded' })
  })
  afterAll(() => rig?.stop())
  afterEach(async () => {
    for (const target of rig.lab.faults.values()) await target.reset()
    await allQuiet(rig)
    await expectResting(rig, 'r2-h1')
    // one that was away is left alone for a moment more
    await expect.poll(states, { interval: 20 }).not.toContain('open')
  })
  const states = async () =>
    (await rackViews(rig.core.services))[0]?.switches.map(({ health }) => health?.state)
  const dial = (target: string, dials: Record<string, unknown>) => rig.lab.faults.get(target)?.set(dials)

  async function failedWith(message: RegExp): Promise<void> {
    const instance = await findInstance(rig.core.services, 'web')
    expect(instance).toMatchObject({ state: 'failed' })
    expect(instance.error?.message).toMatch(message)
    expect(await why(rig.core.services, 'instance', 'web')).toMatchObject({
      well: false,
      blocks: expect.stringMatching(message),
      action: expect.stringMatching(/\w/),
    })
  }

  test('the switch is unreachable before anything was written: given back clean', async () => {
    await dial('switch/r2-tor1', { down: true })
    expectOneError(await tryDeploy(rig, 'web'), 'switch-unreachable', /127\.\d+\.20\.3/)
    await failedWith(/127\.\d+\.20\.3/)
    const { services } = rig.core
    const { address } = rig.lab.switches.get('r2-tor1') ?? { address: '' }
    expect(await why(services, 'switch', address)).toMatchObject({
      well: false,
      blocks: expect.stringMatching(/no answer \d+ times in a row: .*127\.\d+\.20\.3/),
      action: expect.stringMatching(/\w/),
    })
    expect((await why(services, 'host', 'r2-h1')).evidence).toContainEqual(
      expect.stringMatching(`switch ${address} has not answered \\d+ times in a row`),
    )
    const [rack] = await rackViews(services)
    expect(rack?.switches.find((one) => one.address === address)?.health?.failures).toBeGreaterThan(0)
  })

  test.each([
    ['refuses with an error text', 'r2-tor2', { errorText: 'No such VLAN' }],
    ['says OK and does nothing', 'r2-tor1', { okButNothing: true }],
    ['does half of a change', 'r2-tor1', { halfApply: 1 }],
    ['lies about saving', 'r2-tor1', { saveLies: true }],
  ])('the switch %s: the error names it, the ports are back', async (_how, name, dials) => {
    await dial(`switch/${name}`, dials)
    const operation = await tryDeploy(rig, 'web')
    expect(operation.error?.code).toMatch(/^switch-(refused|mismatch)$/)
    expectOneError(operation, operation.error?.code ?? '', /127\.\d+\.20\.[34]/)
    await failedWith(/127\.\d+\.20\.[34]/)
  })

  test('once it is well again the same call works', async () => {
    expect(await tryDeploy(rig, 'web')).toMatchObject({ state: 'succeeded', error: null })
    for (const { address } of rig.lab.switches.values())
      expect(await why(rig.core.services, 'switch', address)).toMatchObject({ well: true, blocks: null })
    const { operation } = await destroyInstance(rig.core.services, admin, 'web')
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded' })
  })
})
