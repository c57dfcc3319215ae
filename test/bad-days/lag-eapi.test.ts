import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rackFile } from '../../lab/rack-file.ts'
import { createOffering } from '../../src/services/catalogue.ts'
import { hostDrift } from '../../src/services/drift.ts'
import { attachNetwork, destroyInstance, startInstance, stopInstance } from '../../src/services/instances.ts'
import { planDeploy } from '../../src/services/plan-deploy.ts'
import { applyRack } from '../../src/services/racks.ts'
import { expectOneError, tryDeploy } from '../support/bad-days.ts'
import { Faults, failAt, type Plan, plain } from '../support/faults.ts'
import { allFaults, hostFaults, secretsOf } from '../support/invariants.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'
import { Witness } from '../support/witness.ts'

/** As lag.test.ts, on Arista's EOS: there the LAG lets one member through while it hears no LACP. */
describe('a server in a LAG of an Arista switch', () => {
  let rig: Rig
  let witness: Witness
  const next: Plan[] = []
  const faults = new Faults([])
  const interference = {
    around: (...[point, body]: Parameters<Faults['around']>) => {
      const plan = next[0]
      return plan && point.ref === 'deploy@1' ? plan.rule(point, body) : faults.around(point, body)
    },
  }

  beforeAll(async () => {
    const tors = { 'r1-tor1': 'eos' } as const
    rig = await startRig({
      racks: ['r1'],
      timeScale: 1000,
      interference,
      tors,
      config: 'erase: { policy: quick }',
    })
    const { lab, core } = rig
    // both NICs of r1-h1 on the first switch, with the cable of its neighbour
    lab.world.swapCables({ machine: 'r1-h1', nic: 'eno2' }, { machine: 'r1-h2', nic: 'eno1' })
    const machines = lab.plan.machines.map((one) => ({
      ...one,
      nics: lab.world.machine(one.name).nics.map(({ name, mac, cable }) => ({ name, mac, cable })),
    }))
    const { racks } = rackFile({ ...lab.plan, machines })
    const [first, second] = racks
    const file = JSON.stringify({ racks: [{ ...first, lagRange: { from: 20, to: 21 } }, second] })
    await applyRack(core.services, admin, 'lab', file)
    await furnish(rig)
    expect(await rig.enlist('r1-h1', { clean: true })).toMatchObject({ state: 'succeeded' })
    const { cpuCount, memoryMiB } = lab.world.machine('r1-h1')
    const size = { cpuCount, memoryMib: memoryMiB, bondMode: '802.3ad' as const }
    await createOffering(core.services, { name: 'fast', ...size })
    witness = new Witness(rig)
  }, 120_000)
  beforeEach(() => {
    next.length = 0
  })
  afterAll(() => rig?.stop())

  const tor = () => {
    const found = rig.lab.switches.get('r1-tor1')
    if (!found) throw new Error('the lab has no r1-tor1')
    return found
  }
  const ports = () => rig.lab.world.machine('r1-h1').nics.map(({ cable }) => rig.lab.fabric.membership(cable))
  const atRest = { enabled: true, untagged: 10, tagged: [] }
  const inLag = (...tagged: number[]) => [
    { enabled: true, untagged: 101, tagged, lag: 20, fallback: true },
    { enabled: true, untagged: 101, tagged, lag: 20 },
  ]
  const channels = () =>
    tor()
      .ports()
      .filter((port) => port.startsWith('Port-Channel'))
  const live = () => rig.lab.world.machine('r1-h1').interfaces()[0]
  const expectUp = () =>
    expect.poll(live, { timeout: 60_000 }).toMatchObject({ name: 'bond0', vlan: 101, activeNic: 'eno1' })

  async function expectResting(): Promise<void> {
    await expect
      .poll(async () => hostFaults({ lab: rig.lab, db: rig.core.services.tools.db }, 'r1-h1'), {
        timeout: 120_000,
        interval: 50,
      })
      .toEqual([])
    expect(ports()).toEqual([atRest, atRest])
    expect(channels()).toEqual([])
    await tor().reboot()
    expect(ports()).toEqual([atRest, atRest])
    expect(channels()).toEqual([])
  }

  async function destroyed(name: string): Promise<void> {
    const { operation } = await destroyInstance(rig.core.services, admin, name)
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded' })
    await expectResting()
  }

  test('the plan says what the switch is told', async () => {
    const plan = await planDeploy(rig.core.services, {
      name: 'web',
      template: 'jammy',
      offering: 'fast',
      nics: [{ network: 'blue' }],
    })
    expect(plan.host).toBe('r1-h1')
    expect(plan.ports.map(({ after }) => after)).toEqual(
      Array.from({ length: 2 }, () => 'access untagged 101 in LAG 20'),
    )
    const lines = plan.ports.flatMap((one) => one.lines)
    expect(lines.filter((line) => line === 'interface Port-Channel20')).toHaveLength(1)
    expect(lines).toContain(' port-channel lacp fallback static')
    expect(lines.filter((line) => line === ' channel-group 20 mode active')).toHaveLength(2)
    expect(channels()).toEqual([])
  })

  test('its whole life: a LAG when it runs, none when it is stopped or gone', async () => {
    const { services } = rig.core
    expect(await tryDeploy(rig, 'web', { offering: 'fast' })).toMatchObject({
      state: 'succeeded',
      error: null,
    })
    expect(ports()).toEqual(inLag())
    expect(channels()).toEqual(['Port-Channel20'])
    await expectUp()
    expect((await hostDrift(services, 'r1-h1')).differences).toEqual([])
    await tor().reboot()
    expect(ports()).toEqual(inLag())

    const attached = await attachNetwork(services, admin, 'web', { network: 'green' })
    expect(await rig.ended(attached.id)).toMatchObject({ state: 'succeeded' })
    expect(ports()).toEqual(inLag(102))

    const stopped = await stopInstance(services, admin, 'web')
    expect(await rig.ended(stopped.id)).toMatchObject({ state: 'succeeded' })
    await expect.poll(ports).toEqual([atRest, atRest])
    expect(channels()).toEqual([])

    const started = await startInstance(services, admin, 'web')
    expect(await rig.ended(started.id)).toMatchObject({ state: 'succeeded' })
    expect(ports()).toEqual(inLag(102))
    await expectUp()
    await destroyed('web')
  })

  test('taken out of the LAG by somebody, it is drift, and meets nobody else’s VLAN', async () => {
    expect(await tryDeploy(rig, 'drifted', { offering: 'fast' })).toMatchObject({ state: 'succeeded' })
    type Settings = Record<string, unknown>
    const state = structuredClone(tor().snapshot()) as {
      model: { running: { ports: [string, Settings][] } }
    }
    for (const [, settings] of state.model.running.ports) delete settings.channel
    tor().restore(state)
    expect(ports()).toEqual([
      { enabled: true, untagged: 101, tagged: [] },
      { enabled: true, untagged: 101, tagged: [] },
    ])
    const { differences } = await hostDrift(rig.core.services, 'r1-h1')
    expect(differences[0]).toMatchObject({
      about: 'port',
      wanted: 'access untagged 101 in LAG 20',
      seen: 'access untagged 101',
    })
    await destroyed('drifted')
  })

  test.each(['ports', 'confirm'])('%s fails after its effect: undone, and no LAG is left', async (step) => {
    next[0] = failAt(step, 'after', Number.POSITIVE_INFINITY)
    const operation = await tryDeploy(rig, `fails-${step}`, { offering: 'fast' })
    expectOneError(operation, 'check-failed', /injected/)
    await expectResting()
  })

  test.each(['halfApply', 'okButNothing'])('%s: told, or done; no LAG is left', async (dial) => {
    let armed = false
    next[0] = {
      ...plain(),
      rule: async (point, body) => {
        if (point.name === 'ports' && point.direction === 'do' && !armed) {
          armed = true
          await tor().faults.set({ [dial]: 1 })
        }
        return body()
      },
    }
    const operation = await tryDeploy(rig, `web-${dial}`, { offering: 'fast' })
    expect(armed).toBe(true)
    expect(tor().faults.get()[dial]).toBe(0)
    if (operation.state === 'succeeded') {
      expect(ports()).toEqual(inLag())
      await destroyed(`web-${dial}`)
    } else await expectResting()
  })

  test('nowhere did a frame go where it should not', async () => {
    expect(witness.changesSeen).toBeGreaterThan(0)
    expect(witness.faults).toEqual([])
    expect(await allFaults({ lab: rig.lab, db: rig.core.services.tools.db }, secretsOf(rig.lab))).toEqual([])
  })
})
