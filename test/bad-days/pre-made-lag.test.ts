import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rackFile } from '../../lab/rack-file.ts'
import type { TorMake } from '../../lab/tor/makes.ts'
import { createOffering } from '../../src/services/catalogue.ts'
import { hostDrift } from '../../src/services/drift.ts'
import { destroyInstance, startInstance, stopInstance } from '../../src/services/instances.ts'
import { planDeploy } from '../../src/services/plan-deploy.ts'
import { applyRack, rackView } from '../../src/services/racks.ts'
import { expectOneError, tryDeploy } from '../support/bad-days.ts'
import { allFaults, secretsOf } from '../support/invariants.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'
import { Witness } from '../support/witness.ts'

type Settings = Record<string, unknown>

interface Kind {
  make: TorMake
  /** As the switch names LAG 12. */
  lag: string
  /** What makes it let a booting host through, of those who have set nothing. */
  command: string
  /** It can also let hosts through in VLANs of their own. */
  individual: boolean
}

const kinds: readonly Kind[] = [
  { make: 'eos', lag: 'Port-Channel12', command: 'port-channel lacp fallback static', individual: true },
  { make: 'eos-cli', lag: 'Port-Channel12', command: 'port-channel lacp fallback static', individual: true },
  { make: 'os10', lag: 'port-channel12', command: 'lacp fallback enable', individual: false },
]

/** Two NICs in a LAG that people made: it stays, carries the VLANs, and must let a booting host through. */
describe.each(kinds)('a server in a LAG that is always there, on $make', (kind) => {
  let rig: Rig
  let witness: Witness

  beforeAll(async () => {
    rig = await startRig({
      racks: ['r1'],
      timeScale: 1000,
      tors: { 'r1-tor1': kind.make },
      config: 'erase: { policy: quick }',
    })
    const { lab, core } = rig
    // both NICs of r1-h1 on the first switch, with the cable of its neighbour
    lab.world.swapCables({ machine: 'r1-h1', nic: 'eno2' }, { machine: 'r1-h2', nic: 'eno1' })
    inLag({ channel: { group: 12, mode: 'active' } }, {})
    await applyRack(core.services, admin, 'lab', JSON.stringify(declared('po12')))
    await furnish(rig)
    const { cpuCount, memoryMiB } = lab.world.machine('r1-h1')
    const size = { cpuCount, memoryMib: memoryMiB }
    await createOffering(core.services, { name: 'fast', ...size, bondMode: '802.3ad' })
    await createOffering(core.services, { name: 'plain', ...size })
    witness = new Witness(rig)
  })
  afterAll(() => rig?.stop())

  const tor = () => {
    const found = rig.lab.switches.get('r1-tor1')
    if (!found) throw new Error('the lab has no r1-tor1')
    return found
  }
  const nics = () => rig.lab.world.machine('r1-h1').nics
  const ports = () => nics().map(({ cable }) => rig.lab.fabric.membership(cable))
  const carries = (untagged: number) => [
    { enabled: true, untagged, tagged: [], lag: 12, fallback: true },
    { enabled: true, untagged, tagged: [], lag: 12 },
  ]

  function declared(lag: string) {
    const { lab } = rig
    const machines = lab.plan.machines.map((one) => ({
      ...one,
      nics: lab.world.machine(one.name).nics.map(({ name, mac, cable }) => ({ name, mac, cable })),
    }))
    const macs = new Set(nics().map(({ mac }) => mac))
    const { racks } = rackFile({ ...lab.plan, machines })
    return {
      racks: racks.map((rack) => ({
        ...rack,
        hosts: rack.hosts.map((host) => (macs.has(host.mac) ? { ...host, lag } : host)),
      })),
    }
  }

  /** A person at the console: the same in what runs and in what is saved. */
  function inLag(member: Settings, channel: Settings): void {
    const state = structuredClone(tor().snapshot()) as {
      model: Record<'running' | 'startup', { ports: [string, Settings][] }>
    }
    const members = nics().map(({ cable }) => cable.port)
    for (const { ports: all } of Object.values(state.model)) {
      const [, like = {}] = all.find(([name]) => name === members[0]) ?? []
      const own = all.find(([name]) => name === kind.lag)?.[1] ?? { ...like, channel: undefined }
      for (const [name, settings] of all) if (members.includes(name)) Object.assign(settings, member)
      const others = all.filter(([name]) => name !== kind.lag)
      all.splice(0, all.length, ...others, [kind.lag, { ...own, fallback: undefined, ...channel }])
    }
    tor().restore(state)
  }

  test('without fallback it is not even commissioned, and who can set it is told the command', async () => {
    const refused = await rig.enlist('r1-h1', { clean: true })
    expectOneError(
      refused,
      'bond-impossible',
      /LAG po12 of switch .* has no LACP fallback, so that nothing can boot/,
      new RegExp(`"interface ${kind.lag} / ${kind.command}"`),
    )
    expect(rig.lab.maasStatus(rig.lab.world.machine('r1-h1'))?.status ?? null).toBeNull()
    if (kind.individual) {
      inLag({}, { fallback: 'individual' })
      expectOneError(
        await rig.enlist('r1-h1', { clean: true }),
        'bond-impossible',
        /individual ports, whose VLANs/,
      )
    }
    inLag({}, { fallback: 'static' })
    expect(await rig.enlist('r1-h1', { clean: true })).toMatchObject({ state: 'succeeded', error: null })
    expect(ports()).toEqual(carries(10))
    const seen = (await rackView(rig.core.services, 'lab')).switches.flatMap((one) => one.ports)
    expect(seen.filter(({ port }) => port === 'po12').map(({ member }) => member)).toEqual(
      nics().map(({ cable }) => cable.port),
    )
  })

  test('only a bond in mode 802.3ad goes there', async () => {
    const plan = await planDeploy(rig.core.services, {
      name: 'web',
      template: 'jammy',
      offering: 'plain',
      nics: [{ network: 'blue' }],
    })
    expect(plan.host).toBeNull()
    expect(plan.choice?.refused.find(({ host }) => host === 'r1-h1')?.reasons.join()).toMatch(
      /pre-made LAG po12 of switch .*, where only a bond in mode 802.3ad carries frames/,
    )
  })

  test('the life of a server: VLANs come and go, the LAG stays', async () => {
    const { services } = rig.core
    expect(await tryDeploy(rig, 'web', { offering: 'fast' })).toMatchObject({
      state: 'succeeded',
      error: null,
    })
    expect(ports()).toEqual(carries(101))
    await expect
      .poll(() => rig.lab.world.machine('r1-h1').interfaces()[0], { timeout: 60_000 })
      .toMatchObject({ name: 'bond0', vlan: 101 })
    expect((await hostDrift(services, 'r1-h1')).differences).toEqual([])
    await rig.ended((await stopInstance(services, admin, 'web')).id)
    expect(ports()).toEqual(carries(10))

    // somebody takes the fallback away: what is there could not be erased any more
    inLag({}, {})
    expectOneError(
      await rig.ended((await startInstance(services, admin, 'web')).id),
      'bond-impossible',
      /no LACP fallback/,
    )
    expect(ports().map(({ untagged }) => untagged)).toEqual([10, 10])
    inLag({}, { fallback: 'static' })
    const { operation } = await destroyInstance(services, admin, 'web')
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded' })
    expect(ports()).toEqual(carries(10))
  })

  test('a stranger in the LAG would get the tenant’s VLANs: refused before anything is set', async () => {
    const other = rig.lab.world
      .machine('r1-h3')
      .nics.find(({ cable }) => cable.switch === nics()[0]?.cable.switch)
    const state = structuredClone(tor().snapshot()) as {
      model: { running: { ports: [string, Settings][] } }
    }
    const port = state.model.running.ports.find(([name]) => name === other?.cable.port)
    Object.assign(port?.[1] ?? {}, { channel: { group: 12, mode: 'active' } })
    tor().restore(state)
    expectOneError(
      await tryDeploy(rig, 'stranger', { offering: 'fast' }),
      'bond-impossible',
      new RegExp(`it has ${other?.cable.port}, which the rack file does not name for this host`),
    )
    tor().restore({ ...state, model: { ...state.model, running: startupOf(state) } })
  })

  function startupOf(state: unknown): unknown {
    return (state as { model: { startup: unknown } }).model.startup
  }

  test('nowhere did a frame go where it should not', async () => {
    expect(witness.changesSeen).toBeGreaterThan(0)
    expect(witness.faults).toEqual([])
    const scene = { lab: rig.lab, db: rig.core.services.tools.db, standing: { 'r1-h1': 12 } }
    expect(await allFaults(scene, secretsOf(rig.lab))).toEqual([])
  })
})
