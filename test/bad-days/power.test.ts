import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { events } from '../../src/services/events.ts'
import { hostView } from '../../src/services/hosts.ts'
import { destroyInstance, stopInstance } from '../../src/services/instances.ts'
import { changePowerPolicy } from '../../src/services/power.ts'
import { why } from '../../src/services/why.ts'
import { allQuiet, expectResting, powerSwitches, tryDeploy } from '../support/bad-days.ts'
import { type BmcWire, startBmcWire } from '../support/bmc-wire.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** At this pace the observer looks at each host five times a second, and an hour is twelve seconds. */
const timeScale = 300

describe('what the power observer sees', () => {
  let rig: Rig
  const wires: BmcWire[] = []
  /** The host that is chosen for the instance, and the one that is not. */
  let host: string
  let other: string
  beforeAll(async () => {
    rig = await startRig({ racks: ['r2'], timeScale, powerEvery: '60s' })
    await furnish(rig)
    const enlisted = await Promise.all(['r2-h2', 'r2-h4'].map((name) => rig.enlist(name, { clean: true })))
    for (const one of enlisted) expect(one).toMatchObject({ state: 'succeeded' })
  })
  afterAll(async () => {
    for (const wire of wires) await wire.close()
    await rig?.stop()
  })
  afterEach(async () => {
    for (const target of rig.lab.faults.values()) await target.reset()
    for (const name of ['r2-h2', 'r2-h4']) await changePowerPolicy(rig.core.services, admin, name, 'report')
  })

  const view = (name: string) => hostView(rig.core.services, name)
  const machine = (name: string) => rig.lab.world.machine(name)
  const bmc = (name: string) => rig.lab.faults.get(`bmc/${name}`)
  async function told(name: string, kind: string): Promise<string[]> {
    const { id } = await view(name)
    const all = await events(rig.core.services, { hostId: id, limit: 1000 })
    return all.filter((event) => event.kind === kind).map((event) => event.message)
  }
  const operationsOf = async (name: string, by: string) => {
    const { id } = await view(name)
    const { rows } = await rig.core.services.tools.db.query<{ kind: string; state: string }>(
      'select kind, state from operation where host_id = $1 and created_by = $2 order by number',
      [id, by],
    )
    return rows
  }
  const begunAt = async (name: string, by: string) => {
    const { id } = await view(name)
    const { rows } = await rig.core.services.tools.db.query<{ created_at: Date }>(
      'select created_at from operation where host_id = $1 and created_by = $2 order by number',
      [id, by],
    )
    return rows.map((row) => row.created_at)
  }
  const eventually = <T>(look: () => Promise<T>, timeout = 15_000) =>
    expect.poll(look, { timeout, interval: 50 })

  describe('of a host with a running instance', () => {
    test('as it should be: on, and nothing to say', async () => {
      expect(await tryDeploy(rig, 'web1', { offering: 'small' })).toMatchObject({ state: 'succeeded' })
      const carrying = await Promise.all(['r2-h2', 'r2-h4'].map(view))
      host = carrying.find((one) => one.instanceId !== null)?.name ?? ''
      other = host === 'r2-h2' ? 'r2-h4' : 'r2-h2'
      await eventually(async () => (await view(host)).power).toMatchObject({ state: 'on', failure: null })
      expect(await told(host, 'host.power')).toEqual([])
    })

    test('the power cord pulled: an event, attention, and why says it; nothing is switched', async () => {
      machine(host).powerOff()
      await eventually(async () => (await view(host)).attention).toMatchObject({ code: 'power-lost' })
      expect(await told(host, 'host.power')).toEqual([`${host} was switched off, not by Ferrule`])
      expect(await why(rig.core.services, 'host', host)).toMatchObject({
        well: false,
        blocks: expect.stringContaining(`${host} is off, although web1 should run`),
        evidence: expect.arrayContaining([expect.stringContaining('BMC: power off')]),
      })
      expect(await why(rig.core.services, 'instance', 'web1')).toMatchObject({
        well: false,
        summary: 'web1 should run, but its host is off',
      })
      await new Promise((resolve) => setTimeout(resolve, 1000))
      expect(machine(host).power()).toBe('off')
      expect(await operationsOf(host, 'power policy')).toEqual([])
    })

    test('plugged in and switched on by hand: all is well again', async () => {
      machine(host).powerOn()
      await eventually(async () => (await view(host)).attention).toBeNull()
      expect((await told(host, 'host.power')).at(-1)).toBe(`${host} was switched on, not by Ferrule`)
      expect(await why(rig.core.services, 'host', host)).toMatchObject({ well: true })
    })

    test('with the policy "enforce" it is started again, by an ordinary operation', async () => {
      await changePowerPolicy(rig.core.services, admin, host, 'enforce')
      machine(host).powerOff()
      await eventually(() => operationsOf(host, 'power policy')).toEqual([
        { kind: 'start', state: 'succeeded' },
      ])
      expect(machine(host).power()).toBe('on')
      await eventually(async () => (await view(host)).attention).toBeNull()
      expect(await told(host, 'host.power-enforced')).toEqual([expect.stringMatching(/has begun start \d+$/)])
    })

    test('and again when it goes off once more, but not within ten minutes', async () => {
      await changePowerPolicy(rig.core.services, admin, host, 'enforce')
      machine(host).powerOff()
      await eventually(async () => (await operationsOf(host, 'power policy')).length).toBe(2)
      await allQuiet(rig)
      expect(machine(host).power()).toBe('on')
      const [first, second] = await begunAt(host, 'power policy')
      // ten intervals of a fifth of a second
      expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(2000)
    })

    test('four times in a row is enough: it is left to a person', async () => {
      await changePowerPolicy(rig.core.services, admin, host, 'enforce')
      machine(host).powerOff()
      await eventually(async () => (await operationsOf(host, 'power policy')).length).toBe(3)
      await allQuiet(rig)
      machine(host).powerOff()
      await eventually(async () => (await view(host)).attention).toMatchObject({
        message: expect.stringContaining('put right 3 times'),
      })
      await new Promise((resolve) => setTimeout(resolve, 3000))
      expect(await operationsOf(host, 'power policy')).toHaveLength(3)
      machine(host).powerOn()
      await eventually(async () => (await view(host)).attention).toBeNull()
    })

    test('what Ferrule itself switches is no news, and a stopped instance that comes on is', async () => {
      const before = await told(host, 'host.power')
      const stop = await stopInstance(rig.core.services, admin, 'web1')
      expect(await rig.ended(stop.id)).toMatchObject({ state: 'succeeded' })
      await new Promise((resolve) => setTimeout(resolve, 600))
      expect(await told(host, 'host.power')).toEqual(before)
      machine(host).powerOn()
      await eventually(async () => (await view(host)).attention).toMatchObject({
        code: 'stray-power',
        message: `${host} is on, although web1 is stopped`,
      })
      expect(machine(host).power()).toBe('on')
      const again = await stopInstance(rig.core.services, admin, 'web1', { stray: true })
      expect(await rig.ended(again.id)).toMatchObject({ state: 'succeeded' })
      const { operation } = await destroyInstance(rig.core.services, admin, 'web1')
      expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded' })
      await expectResting(rig, host)
    })
  })

  describe('of a host in the pool', () => {
    test('switched on behind our back: reported, and its disks are trusted no more', async () => {
      machine(other).powerOn()
      await eventually(() => view(other)).toMatchObject({
        state: 'attention',
        dirty: true,
        attention: { code: 'stray-power' },
      })
      expect(await operationsOf(other, 'power policy')).toEqual([])
      machine(other).powerOff()
      await eventually(() => view(other)).toMatchObject({ state: 'dirty', attention: null })
    })

    test('with the policy "enforce" it is erased, and free again', async () => {
      await changePowerPolicy(rig.core.services, admin, other, 'enforce')
      // from the network it would be switched off by MAAS at once
      machine(other).bootFlags = { valid: true, persistent: true, efi: true, device: 'disk' }
      machine(other).powerOn()
      await eventually(() => operationsOf(other, 'power policy'), 40_000).toEqual([
        { kind: 'destroy', state: 'succeeded' },
      ])
      await expectResting(rig, other)
    })
  })

  describe('of a BMC that is gone', () => {
    test('unknown with its age and what was seen last, never off; back again it is told', async () => {
      const before = powerSwitches(rig, other).length
      await bmc(other)?.set({ unreachable: true })
      await eventually(async () => (await view(other)).power.state).toBe('unknown')
      const { power } = await view(other)
      expect(power).toMatchObject({
        lastKnown: { state: 'off' },
        failure: { code: 'bmc-unreachable', nextLook: expect.any(String) },
      })
      expect(Date.parse(power.lastKnown?.at ?? '')).toBeLessThan(Date.parse(power.at ?? ''))
      expect(await told(other, 'host.power-unknown')).toEqual([
        expect.stringContaining(`the power of ${other} is not known any more; it was off when last seen`),
      ])
      expect(await why(rig.core.services, 'host', other)).toMatchObject({
        well: false,
        nextRetry: expect.any(String),
      })
      await eventually(async () => (await view(other)).attention, 40_000).toMatchObject({
        code: 'power-unknown',
      })
      await bmc(other)?.reset()
      await eventually(() => view(other)).toMatchObject({
        state: 'available',
        power: { state: 'off', failure: null },
        attention: null,
      })
      expect(await told(other, 'host.power-known')).toEqual([
        `the BMC of ${other} answers again: it is off, as before`,
      ])
      expect(powerSwitches(rig, other)).toHaveLength(before)
    })
  })

  describe('of a BMC that refuses the password', () => {
    let wire: BmcWire
    beforeAll(async () => {
      wire = await startBmcWire(machine('r2-h4').bmc)
      wires.push(wire)
      await rig.core.services.tools.db.query('update host set bmc_address = $2 where name = $1', [
        'r2-h4',
        wire.address,
      ])
    })
    const setPassword = async (password: string) => {
      const { id } = await view('r2-h4')
      await rig.core.services.tools.db.query('update host set bmc_password_sealed = $2 where id = $1', [
        id,
        rig.core.services.seal('bmc', id, password),
      ])
    }

    test('one attempt, attention with the reason, and then quiet', async () => {
      await eventually(async () => wire.logins.length).toBeGreaterThan(0)
      await setPassword('wrong')
      await eventually(() => view('r2-h4')).toMatchObject({
        power: { state: 'unknown', lastKnown: { state: 'off' }, failure: { code: 'bmc-auth', looks: 1 } },
        attention: { code: 'power-refused', message: expect.stringContaining('refused the login') },
      })
      const attempts = wire.logins.length
      await new Promise((resolve) => setTimeout(resolve, 3000))
      expect(wire.logins).toHaveLength(attempts)
      expect(JSON.stringify([await view('r2-h4'), await told('r2-h4', 'host.power-unknown')])).not.toContain(
        'wrong"',
      )
    })

    test('corrected, it is tried at once, and all is well', async () => {
      await setPassword(machine('r2-h4').bmc.password)
      const corrected = performance.now()
      await eventually(() => view('r2-h4')).toMatchObject({
        power: { state: 'off', failure: null },
        attention: null,
      })
      // the hour that it would have waited else is twelve seconds here
      expect(performance.now() - corrected).toBeLessThan(6000)
    })
  })

  test('the metrics tell all of it', async () => {
    const text = await rig.core.meters.text()
    for (const result of ['on', 'off', 'unreachable', 'refused'])
      expect(text).toMatch(new RegExp(`ferrule_power_looks_total\\{result="${result}"\\} [1-9]`))
    expect(text).toMatch(/ferrule_power_watched_hosts\{breaker="closed"\} 2/)
    expect(text).toMatch(/ferrule_power_look_seconds_count [1-9]/)
  })
})
