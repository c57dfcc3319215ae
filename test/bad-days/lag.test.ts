import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rackFile } from '../../lab/rack-file.ts'
import { createOffering } from '../../src/services/catalogue.ts'
import { hostDrift } from '../../src/services/drift.ts'
import { hostView } from '../../src/services/hosts.ts'
import { attachNetwork, destroyInstance, startInstance, stopInstance } from '../../src/services/instances.ts'
import { planDeploy } from '../../src/services/plan-deploy.ts'
import { applyRack } from '../../src/services/racks.ts'
import { expectOneError, tryDeploy } from '../support/bad-days.ts'
import { Faults, failAt, type Plan, plain } from '../support/faults.ts'
import { force10At } from '../support/force10-tor.ts'
import { allFaults, hostFaults, secretsOf } from '../support/invariants.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'
import { Witness } from '../support/witness.ts'

/** Two NICs on one switch, a bond in mode 802.3ad: the switch has a LAG for it while the tenant runs, and at no other time. */
describe('a server in a LAG', () => {
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
    rig = await startRig({ racks: ['r1'], timeScale: 1000, interference, config: 'erase: { policy: quick }' })
    const { lab, core } = rig
    // both NICs of r1-h1 on the first switch, with the cable of its neighbour
    lab.world.swapCables({ machine: 'r1-h1', nic: 'eno2' }, { machine: 'r1-h2', nic: 'eno1' })
    const machines = lab.plan.machines.map((one) => ({
      ...one,
      nics: lab.world.machine(one.name).nics.map(({ name, mac, cable }) => ({ name, mac, cable })),
    }))
    const { racks } = rackFile({ ...lab.plan, machines })
    const [first, second] = racks
    await applyRack(
      core.services,
      admin,
      'lab',
      JSON.stringify({ racks: [{ ...first, lagRange: { from: 20, to: 21 } }, second] }),
    )
    await furnish(rig)
    for (const machine of ['r1-h1', 'r1-h2', 'r1-h3'])
      expect(await rig.enlist(machine, { clean: true })).toMatchObject({ state: 'succeeded' })
    const { cpuCount, memoryMiB } = lab.world.machine('r1-h1')
    const size = { cpuCount, memoryMib: memoryMiB, bondMode: '802.3ad' as const }
    await createOffering(core.services, { name: 'fast', ...size })
    witness = new Witness(rig)
  })
  beforeEach(() => {
    next.length = 0
  })
  afterAll(() => rig?.stop())

  const tor = () => force10At(rig.lab, rig.lab.switches.get('r1-tor1')?.address)
  const ports = () => rig.lab.world.machine('r1-h1').nics.map(({ cable }) => rig.lab.fabric.membership(cable))
  const atRest = { enabled: true, untagged: 10, tagged: [] }
  const inLag = (...tagged: number[]) => ({ enabled: true, untagged: 101, tagged, lag: 20 })
  const channels = () =>
    [tor().model.running, tor().model.startup].flatMap((config) =>
      [...config.ports.values()].filter(({ type }) => type === 'portchannel'),
    )
  const expectResting = async () => {
    await expect
      .poll(async () => hostFaults({ lab: rig.lab, db: rig.core.services.tools.db }, 'r1-h1'), {
        timeout: 120_000,
        interval: 50,
      })
      .toEqual([])
    expect(ports()).toEqual([atRest, atRest])
    expect(channels()).toEqual([])
  }
  const live = () => rig.lab.world.machine('r1-h1').interfaces()[0]
  const expectUp = () =>
    expect.poll(live, { timeout: 60_000 }).toMatchObject({ name: 'bond0', vlan: 101, activeNic: 'eno1' })

  test('only the host that can have one is chosen; the plan says why no other can, and what the switch is told', async () => {
    const plan = await planDeploy(rig.core.services, {
      name: 'web',
      template: 'jammy',
      offering: 'fast',
      nics: [{ network: 'blue' }],
    })
    expect(plan.host).toBe('r1-h1')
    expect(plan.bond?.mode).toBe('802.3ad')
    const refused = (host: string) => plan.choice?.refused.find((one) => one.host === host)?.reasons.join()
    expect(refused('r1-h2')).toContain('802.3ad needs two wired NICs or more, and it has 1')
    expect(refused('r1-h3')).toMatch(/wired to switches .* and .*, and Ferrule makes no LAG over two/)
    expect(plan.ports.map(({ after }) => after)).toEqual(
      Array.from({ length: 2 }, () => 'access untagged 101 in LAG 20'),
    )
    expect(plan.ports.flatMap(({ lines }) => lines)).toContain('  port-channel 20 mode active')
    expect(channels()).toEqual([])
  })

  test('its whole life: a LAG when it runs, none when it is stopped or gone', async () => {
    const { services } = rig.core
    expect(await tryDeploy(rig, 'web', { offering: 'fast' })).toMatchObject({ state: 'succeeded' })
    expect(ports()).toEqual([inLag(), inLag()])
    expect(channels()).toHaveLength(2)
    await expectUp()
    expect((await hostDrift(services, 'r1-h1')).differences).toEqual([])

    // either cable alone is enough
    for (const nic of ['eno1', 'eno2']) {
      rig.lab.world.setLink('r1-h1', nic, false)
      expect(live()).toMatchObject({ vlan: 101 })
      rig.lab.world.setLink('r1-h1', nic, true)
    }

    const attached = await attachNetwork(services, admin, 'web', { network: 'green' })
    expect(await rig.ended(attached.id)).toMatchObject({ state: 'succeeded' })
    expect(ports()).toEqual([inLag(102), inLag(102)])

    const stopped = await stopInstance(services, admin, 'web')
    expect(await rig.ended(stopped.id)).toMatchObject({ state: 'succeeded' })
    expect(ports()).toEqual([atRest, atRest])
    expect(channels()).toEqual([])

    const started = await startInstance(services, admin, 'web')
    expect(await rig.ended(started.id)).toMatchObject({ state: 'succeeded' })
    expect(ports()).toEqual([inLag(102), inLag(102)])
    await expectUp()

    const { operation } = await destroyInstance(services, admin, 'web')
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded' })
    await expectResting()
  })

  test('taken out of the LAG by somebody, it is drift', async () => {
    const { services } = rig.core
    expect(await tryDeploy(rig, 'drifted', { offering: 'fast' })).toMatchObject({ state: 'succeeded' })
    tor().model.change((config) => {
      for (const port of config.ports.values()) delete port.channel
    })
    const { differences } = await hostDrift(services, 'r1-h1')
    expect(differences[0]).toMatchObject({
      about: 'port',
      wanted: 'access untagged 101 in LAG 20',
      seen: 'access untagged none',
    })
    const { operation } = await destroyInstance(services, admin, 'drifted')
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded' })
    await expectResting()
  })

  test.each(['ports', 'confirm'])('%s fails after its effect: undone, and no LAG is left', async (step) => {
    next[0] = failAt(step, 'after', Number.POSITIVE_INFINITY)
    const operation = await tryDeploy(rig, `fails-${step}`, { offering: 'fast' })
    expectOneError(operation, 'check-failed', /injected/)
    await expectResting()
  })

  test('a switch that obeys half of it, or says yes and does nothing: told, or done; no LAG is left', async () => {
    for (const dial of ['halfApply', 'okButNothing'] as const) {
      let armed = false
      next[0] = {
        ...plain(),
        rule: async (point, body) => {
          if (point.name === 'ports' && point.direction === 'do' && !armed) {
            armed = true
            await tor().setDials({ [dial]: 1 })
          }
          return body()
        },
      }
      const operation = await tryDeploy(rig, `web-${dial}`, { offering: 'fast' })
      expect(armed).toBe(true)
      expect(tor().dials[dial]).toBe(0)
      if (operation.state === 'succeeded') {
        expect(ports()).toEqual([inLag(), inLag()])
        const { operation: ending } = await destroyInstance(rig.core.services, admin, `web-${dial}`)
        expect(await rig.ended(ending?.id ?? '')).toMatchObject({ state: 'succeeded' })
      }
      await expectResting()
    }
  })

  test('a LAG that somebody made in the range is not ours: the next number is taken', async () => {
    tor().model.change((config) => {
      config.ports.set('20', {
        type: 'portchannel',
        uplink: false,
        switchport: false,
        hybrid: false,
        shutdown: false,
        description: 'storage',
      })
      const port = config.ports.get('1/40')
      if (port) port.channel = 20
    })
    expect(await tryDeploy(rig, 'beside', { offering: 'fast' })).toMatchObject({ state: 'succeeded' })
    expect(ports().map(({ lag }) => lag)).toEqual([21, 21])
    const { operation } = await destroyInstance(rig.core.services, admin, 'beside')
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded' })
    expect(tor().model.running.ports.get('1/40')?.channel).toBe(20)
    expect(tor().model.running.ports.has('21')).toBe(false)
  })

  test('balance-alb: any host, no LAG, and every NIC speaks with its own MAC beside the bond’s', async () => {
    const { services } = rig.core
    const { cpuCount, memoryMiB, nics } = rig.lab.world.machine('r1-h1')
    const size = { cpuCount, memoryMib: memoryMiB, bondMode: 'balance-alb' as const }
    await createOffering(services, { name: 'spread', ...size })
    const deployed = await tryDeploy(rig, 'web-alb', { offering: 'spread' })
    expect(deployed).toMatchObject({ state: 'succeeded' })
    const { name } = await hostView(services, deployed.hostId ?? '')
    const machine = rig.lab.world.machine(name)
    const status = rig.lab.maasStatus(machine)
    const bond = (await services.tools.maas.interfaces(status?.systemId ?? '')).find(
      (one) => one.type === 'bond',
    )
    expect(bond?.params).toMatchObject({ bond_mode: 'balance-alb' })
    expect(machine.nics.map(({ cable }) => rig.lab.fabric.membership(cable))).toEqual(
      machine.nics.map(() => ({ enabled: true, untagged: 101, tagged: [] })),
    )
    const second = machine.nics[1]
    await expect
      .poll(() => machine.interfaces()[0], { timeout: 60_000 })
      .toMatchObject(second ? { besides: [{ nic: second.name, mac: second.mac, vlan: 101 }] } : { vlan: 101 })
    expect(machine.interfaces()[0]?.mac).not.toBe(nics[0]?.mac)
    const { operation } = await destroyInstance(services, admin, 'web-alb')
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded' })
  })

  test('nowhere did a frame go where it should not', async () => {
    expect(witness.changesSeen).toBeGreaterThan(0)
    expect(witness.faults).toEqual([])
    expect(await allFaults({ lab: rig.lab, db: rig.core.services.tools.db }, secretsOf(rig.lab))).toEqual([])
  })
})
