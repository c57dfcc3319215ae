import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { foreignEdit as edit } from '../../lab/switch/foreign-edit.ts'
import { createMetrics } from '../../src/api/metrics.ts'
import { PortObserver } from '../../src/observers/ports.ts'
import { hostView } from '../../src/services/hosts.ts'
import { stopInstance } from '../../src/services/instances.ts'
import { overview } from '../../src/services/overview.ts'
import { rackViews } from '../../src/services/racks.ts'
import { why } from '../../src/services/why.ts'
import { allQuiet, parked, portsOf, tryDeploy } from '../support/bad-days.ts'
import { ferruleCli } from '../support/cli-in-process.ts'
import { force10At } from '../support/force10-tor.ts'
import { Gate } from '../support/gate.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'
import { waitUntil } from '../support/wait.ts'

/** Somebody changes a switch past us, or it comes back from a power cut with an old configuration: seen without being asked. */
describe('ports that drift', () => {
  let rig: Rig
  const gate = new Gate()

  beforeAll(async () => {
    rig = await startRig({ racks: ['r2'], timeScale: 1000, interference: gate, portsEvery: '2m' })
    await furnish(rig)
    expect(await rig.enlist('r2-h2', { clean: true })).toMatchObject({ state: 'succeeded' })
    expect(await tryDeploy(rig, 'db', { offering: 'small' })).toMatchObject({ state: 'succeeded' })
  })
  afterAll(() => rig?.stop())
  const tor = () => {
    const [nic] = rig.lab.world.machine('r2-h2').nics
    if (!nic) throw new Error('r2-h2 has no NIC')
    const server = force10At(rig.lab, nic.cable.switch)
    return { port: nic.cable.port, address: server.address, server }
  }
  /** At the console of the switch; not saved. */
  function foreignEdit(vlan: number): void {
    const { port, server } = tor()
    edit(server.model, port, vlan)
  }
  const drift = async () => {
    const [rack] = await rackViews(rig.core.services)
    return rack?.switches.find(({ address }) => address === tor().address)?.look?.drift ?? []
  }
  const seen = (running: number, saved = 101) => ({
    host: 'r2-h2',
    port: tor().port,
    wanted: 'access untagged 101',
    running: `access untagged ${running}`,
    saved: `access untagged ${saved}`,
  })
  const drifts = async (...expected: object[]) => {
    await expect.poll(drift, { timeout: 150_000, interval: 50 }).toMatchObject(expected)
    expect(await drift()).toHaveLength(expected.length)
  }
  const told = async (kind: string) =>
    (
      await rig.core.services.tools.db.query<{ message: string }>(
        'select message from event where kind = $1',
        [kind],
      )
    ).rows
  const healed = async () =>
    (
      await rig.core.services.tools.db.query<{ state: string; created_by: string }>(
        `select state, created_by from operation where kind = 'heal' order by number`,
      )
    ).rows

  const metrics = () => createMetrics(rig.core.services, { rooms: () => [] }, { text: async () => '' }).text()
  const cli = async (...args: string[]) =>
    ferruleCli(['rack', 'drift', ...args], {
      '/api/v1/racks': { items: await rackViews(rig.core.services), next: null },
    })

  test('a foreign edit: told once, in attention and why, and nothing is touched', async () => {
    await drifts()
    foreignEdit(999)
    await drifts(seen(999))
    const { attention } = await overview(rig.core.services)
    expect(attention).toMatchObject([
      {
        about: 'drift',
        object: { kind: 'host', name: 'r2-h2' },
        message: expect.stringContaining('is access untagged 999 instead of access untagged 101'),
        action: expect.stringContaining('ferrule host heal r2-h2'),
      },
    ])
    expect(await why(rig.core.services, 'host', 'r2-h2')).toMatchObject({
      well: false,
      blocks: expect.stringContaining('access untagged 999'),
      action: expect.stringContaining('heal'),
    })
    expect(await told('host.drift')).toHaveLength(1)
    expect(portsOf(rig, 'r2-h2')).toEqual(parked(rig, 'r2-h2', 999))
    expect(await healed()).toEqual([])
    const { address, port } = tor()
    expect(await metrics()).toContain(`ferrule_switch_drifting_ports{switch="${address}"} 1\n`)
    expect(await metrics()).toMatch(
      new RegExp(`^ferrule_switch_look_age_seconds\\{switch="${address}"\\} [0-9.]+$`, 'm'),
    )
    const { code, out, err } = await cli()
    expect(code).toBe(1)
    expect(out.split('\n')[1]).toMatch(
      new RegExp(
        `^${address} +${port} +r2-h2 +access untagged 101 +access untagged 999 +access untagged 101 `,
      ),
    )
    expect(err).toContain(`switch ${address}: last looked at `)
    expect(await cli('another-room')).toMatchObject({ code: 0, out: '' })
  })

  test('put back by whoever did it: told once that it is over', async () => {
    foreignEdit(101)
    await drifts()
    expect(await told('host.drift-over')).toHaveLength(1)
    expect(await why(rig.core.services, 'host', 'r2-h2')).toMatchObject({ well: true })
    expect(await metrics()).toContain(`ferrule_switch_drifting_ports{switch="${tor().address}"} 0\n`)
    expect(await cli('lab')).toMatchObject({ code: 0 })
  })

  test('an old start-up configuration is seen before the switch restarts, and after it', async () => {
    const { server } = tor()
    foreignEdit(999)
    server.model.save()
    foreignEdit(101)
    await drifts(seen(101, 999))
    await server.reboot()
    await drifts(seen(999, 999))
  })

  test('a switch that is away: what was seen stands, and its silence is told', async () => {
    const { server, address } = tor()
    await rig.lab.faults.get(`switch/${server.name}`)?.set({ down: true })
    const failure = async () => {
      const [rack] = await rackViews(rig.core.services)
      return rack?.switches.find((one) => one.address === address)?.look?.failure ?? null
    }
    await waitUntil('the silence is told', async () => (await failure()) !== null)
    expect(await drift()).toMatchObject([seen(999, 999)])
    const breaker = (state: string, is: number) =>
      `ferrule_switch_breaker{switch="${address}",state="${state}"} ${is}\n`
    await waitUntil('it is left alone', async () => (await metrics()).includes(breaker('open', 1)))
    const unanswered = new RegExp(`^ferrule_switch_unanswered_calls\\{switch="${address}"\\} (\\d+)$`, 'm')
    expect(Number(unanswered.exec(await metrics())?.[1])).toBeGreaterThanOrEqual(8)
    expect((await cli()).err).toMatch(new RegExp(`switch ${address}: last looked at .*; now: .+`))
    await rig.lab.faults.get(`switch/${server.name}`)?.reset()
    await waitUntil('it answers again', async () => (await failure()) === null)
    const text = await metrics()
    for (const [state, is] of [
      ['closed', 1],
      ['open', 0],
      ['half-open', 0],
    ] as const)
      expect(text).toContain(breaker(state, is))
    expect(unanswered.exec(text)?.[1]).toBe('0')
  })

  test('where the settings say so they are healed, by an ordinary heal', async () => {
    const everyMs = 100
    const policy = () => 'heal' as const
    const healer = new PortObserver(rig.core.services, {
      everyMs,
      policy,
      random: Math.random,
      log: () => undefined,
    })
    healer.start()
    const right = async () =>
      JSON.stringify(portsOf(rig, 'r2-h2')) === JSON.stringify(parked(rig, 'r2-h2', 101))
    await waitUntil('the port is right again', right, 60_000)
    await allQuiet(rig)
    await drifts()
    await healer.stop()
    expect(await healed()).toEqual([{ state: 'succeeded', created_by: 'port drift' }])
    // saved, too
    await tor().server.reboot()
    expect(await right()).toBe(true)
    expect(await hostView(rig.core.services, 'r2-h2')).toMatchObject({ attention: null, state: 'in-use' })
  })

  test('a host under an operation is left to it', async () => {
    const held = gate.hold('stop', 'park-ports')
    const stopping = await stopInstance(rig.core.services, admin, 'db')
    await held.reached
    const before = (await told('host.drift')).length
    foreignEdit(999)
    const looks = async () => (await rackViews(rig.core.services))[0]?.switches.map(({ look }) => look?.at)
    const now = JSON.stringify(await looks())
    await waitUntil('it was looked at', async () => JSON.stringify(await looks()) !== now)
    expect((await told('host.drift')).length).toBe(before)
    held.release()
    expect(await rig.ended(stopping.id)).toMatchObject({ state: 'succeeded' })
    await drifts()
    expect(portsOf(rig, 'r2-h2')).toEqual(parked(rig, 'r2-h2'))
  })
})
