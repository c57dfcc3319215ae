import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Fault } from '../../lab/switch/https/faults.ts'
import { testLease } from '../../src/drivers/switch/test-support/fake-switch.ts'
import type { PortState } from '../../src/drivers/switch/types.ts'
import { type Kind, kinds, user } from '../support/https-switch.ts'
import {
  expectNoLeak,
  expectState,
  outcome,
  parked,
  type Rig,
  settled,
  startRig,
  tenant,
} from '../support/https-switch-rig.ts'

const moves: [string, PortState, PortState][] = [
  ['a first tenant', parked, tenant(100)],
  ['a first tenant with more networks', parked, tenant(100, 200, 201)],
  ['tenant to tenant', tenant(100, 200), tenant(101, 201)],
  ['a network more and one less', tenant(100, 200), tenant(100, 201)],
  ['untagged and tagged change places', tenant(100, 200), tenant(200, 100)],
  ['release', tenant(100, 200), parked],
  ['shut', tenant(100, 200), { ...tenant(100, 200), enabled: false }],
]

const faults: Fault[] = ['error', 'error-after', 'drop', 'lose', 'late', 'nothing', 'half']

describe.each(kinds)('$driver.type', (kind) => {
  let rig: Rig
  beforeEach(async () => {
    rig = await startRig(kind, 50)
  })
  afterEach(() => rig.stop())

  describe('on a good day', () => {
    test.each(moves)('%s: exactly that, saved, and there after a reboot', async (_name, before, wanted) => {
      await rig.ensure({ 0: before })
      const from = rig.lab.model.history.length
      expect(await rig.ensure({ 0: wanted })).toMatchObject([{ changed: true }])
      expectState(rig, 0, wanted)
      expectNoLeak(rig, from, 0, [before, wanted])
      expectNothingOpen(rig)
      rig.lab.reboot()
      expectState(rig, 0, wanted)
      expectState(rig, 1, parked)
    })

    test('many ports are one batch over one connection, and a repeat writes nothing', async () => {
      const wanted = { 0: tenant(100, 200), 1: tenant(101), 2: tenant(100, 201) }
      await rig.ensure(wanted)
      for (const port of [0, 1, 2] as const) expectState(rig, port, wanted[port])
      expect(rig.lab.http.connections).toBe(1)
      const again = rig.breakWrite(-1, 'error')
      expect(await rig.ensure(wanted)).toMatchObject([
        { changed: false },
        { changed: false },
        { changed: false },
      ])
      expect(again.writes()).toBe(0)
    })

    test('what is right and not saved is saved', async () => {
      const name = kind.ports[0]?.name ?? ''
      rig.lab.foreignAccess(name, 555)
      rig.lab.foreignAccess(name, 10)
      rig.lab.model.save()
      rig.lab.foreignAccess(name, 999)
      await rig.ensure({ 0: { ...parked, untagged: 999 } })
      rig.lab.reboot()
      expectState(rig, 0, { ...parked, untagged: 999 })
    })

    test('a dry run shows lines and writes nothing', async () => {
      const none = rig.breakWrite(-1, 'error')
      const { changes } = await rig.ports.plan(new Map([[kind.ports[0]?.written ?? '', tenant(100, 200)]]))
      expect(changes).toHaveLength(1)
      expect(changes[0]?.lines.join('\n')).toMatch(/200/)
      expect(none.writes()).toBe(0)
      expectState(rig, 0, parked)
    })
  })

  describe('refused', () => {
    test('a port that it does not have: nothing is written', async () => {
      const none = rig.breakWrite(-1, 'error')
      const work = rig.ports.ensurePorts(testLease(), new Map([[kind.missingPort, tenant(100)]]))
      expect(await outcome(work)).toMatchObject({ code: 'not-found' })
      expect(none.writes()).toBe(0)
    })

    test('a VLAN that the switch keeps for itself: all is as before, on the other ports too', async () => {
      await rig.ensure({ 0: tenant(100, 200) })
      const from = rig.lab.model.history.length
      const error = await outcome(rig.ensure({ 0: tenant(101, kind.refusedVlan), 1: tenant(101) }))
      expect(error).toMatchObject({ code: 'switch-refused', message: expect.stringMatching(/150/) })
      expectState(rig, 0, tenant(100, 200))
      expectState(rig, 1, parked)
      expectNoLeak(rig, from, 0, [tenant(100, 200)])
      expectNothingOpen(rig)
    })
  })

  describe('somebody else writes in between', () => {
    test.each([0, 1, 2, 3])('the same port, before write %i: a clear end, and nobody leaks', async (nth) => {
      await rig.ensure({ 0: tenant(100, 200) })
      let writes = 0
      rig.lab.http.dials.fault = (ask) => {
        if (kind.isWrite(ask) && writes++ === nth) rig.lab.foreignAccess(kind.ports[0]?.name ?? '', 555)
        return null
      }
      const from = rig.lab.model.history.length
      const error = await outcome(rig.ensure({ 0: tenant(101, 201) }))
      if (error === null) expectState(rig, 0, tenant(101, 201))
      else expect(error.code).toBe('switch-mismatch')
      if (nth !== kind.blindWrite)
        expectNoLeak(rig, from, 0, [tenant(100, 200), tenant(101, 201), tenant(555)])
    })

    test.each([0, 1, 2, 3])('another port, before write %i: their change stays', async (nth) => {
      let writes = 0
      rig.lab.http.dials.fault = (ask) => {
        if (kind.isWrite(ask) && writes++ === nth) rig.lab.foreignAccess(kind.ports[2]?.name ?? '', 555)
        return null
      }
      expect(await outcome(rig.ensure({ 0: tenant(101, 201) }))).toBe(null)
      expectState(rig, 0, tenant(101, 201))
      if (writes > nth && nth !== kind.blindWrite) expectState(rig, 2, tenant(555))
    })
  })

  describe.each(moves.slice(1, 5))('%s, with a fault', (_name, before, wanted) => {
    test.each(faults)('%s at each write in turn', { timeout: 120_000 }, async (fault) => {
      for (let nth = 0; ; nth += 1) {
        await rig.stop()
        rig = await startRig(kind, 20)
        await rig.ensure({ 0: before })
        const from = rig.lab.model.history.length
        const broken = rig.breakWrite(nth, fault)
        const error = await outcome(rig.ensure({ 0: wanted }))
        const writes = broken.writes()
        rig.lab.http.dials.fault = () => null
        if (error === null) {
          expectState(rig, 0, wanted)
          expect(rig.lab.unsettled()).toBe(0)
        } else {
          await settled(rig)
          expect(error.code).toMatch(/^switch-(unreachable|refused|mismatch)$/)
          expectSame(rig, [before, wanted], `${fault} at write ${nth}: ${error.message}`)
          if (/the state before was put back/.test(error.message)) expectState(rig, 0, before)
        }
        expectNoLeak(rig, from, 0, [before, wanted])
        await rig.ensure({ 0: wanted })
        expectState(rig, 0, wanted)
        expect(rig.lab.unsettled()).toBe(0)
        rig.lab.reboot()
        expectState(rig, 0, wanted)
        if (writes <= nth) {
          expect(error).toBe(null)
          expect(nth).toBeGreaterThan(1)
          return
        }
      }
    })
  })

  test.each([0, 1, 2, 3, 4])('it is away from write %i on: whatever it kept is whole', async (nth) => {
    await rig.ensure({ 0: tenant(100, 200) })
    let writes = 0
    rig.lab.http.dials.fault = (ask) => {
      if (kind.isWrite(ask)) writes += 1
      return writes > nth ? 'drop' : null
    }
    const from = rig.lab.model.history.length
    const error = await outcome(rig.ensure({ 0: tenant(101, 201) }))
    rig.lab.http.dials.fault = () => null
    await settled(rig)
    expectSame(rig, [tenant(100, 200), tenant(101, 201)], String(error))
    expectNoLeak(rig, from, 0, [tenant(100, 200), tenant(101, 201)])
    await rig.ensure({ 0: tenant(101, 201) })
    await rig.ensure({ 0: parked })
    expectState(rig, 0, parked)
    expectNothingOpen(rig)
  })

  test('whatever is asked and breaks, in a random order', { timeout: 300_000 }, async () => {
    for (const seed of [1, 2]) await randomDays(kind, seed)
  })

  test('a save that lies is told, and a tenant port goes back', async () => {
    rig.lab.http.dials.saveLies = true
    const error = await outcome(rig.ensure({ 0: tenant(100, 200) }))
    expect(error).toMatchObject({ code: 'switch-mismatch', message: expect.stringMatching(/saved/) })
    expectState(rig, 0, parked)
  })

  test('the lease is lost on the way: no further write', async () => {
    const lease = testLease()
    const counted = rig.breakWrite(-1, 'error')
    const fault = rig.lab.http.dials.fault
    rig.lab.http.dials.fault = (ask) => {
      const answer = fault(ask)
      if (counted.writes() === 2) lease.lose()
      return answer
    }
    expect(await outcome(rig.ensure({ 0: tenant(100, 200) }, lease))).toMatchObject({ code: 'lease-lost' })
    expect(counted.writes()).toBe(2)
    await settled(rig)
    expectSame(rig, [parked, tenant(100, 200)], 'after the lease was lost')
  })

  describe('who answers at its address', () => {
    const read = () => rig.ports.readPorts([kind.ports[0]?.written ?? ''])

    test('another certificate than the pinned one gets nothing, not even a question', async () => {
      await read()
      let asked = 0
      rig.lab.http.dials.fault = () => {
        asked += 1
        return null
      }
      rig.lab.http.newCertificate()
      const error = await outcome(read())
      expect(error).toMatchObject({ code: 'switch-auth', message: expect.stringMatching(/fingerprint/) })
      expect(asked).toBe(0)
    })

    test.each([
      ['a wrong password', 'switch-auth', { rejectPassword: true }],
      ['a redirect', 'switch-refused', { redirect: 'https://127.0.0.2/' }],
    ] as const)('%s: %s, without the password', async (_name, code, dials) => {
      Object.assign(rig.lab.http.dials, dials)
      const error = await outcome(read())
      expect(error).toMatchObject({ code })
      expect(`${error?.message} ${JSON.stringify(error?.details)}`).not.toContain(user.password)
    })

    test('a slow login is waited for', async () => {
      rig.lab.http.dials.delayMs = 300
      expect((await read()).size).toBe(1)
    })
  })
})

/** Sixty steps: wanted states, one at a time or together, with a fault at some write, and reboots. */
async function randomDays(kind: Kind, seed: number): Promise<void> {
  const rig = await startRig(kind, 5)
  const random = generator(seed)
  const pick = <T>(choices: readonly T[]): T => {
    const chosen = choices[Math.floor(random() * choices.length)]
    if (chosen === undefined) throw new Error('nothing to choose from')
    return chosen
  }
  const states = [parked, tenant(100), tenant(101), tenant(100, 200), tenant(101, 201, 202), tenant(200, 100)]
  try {
    for (let step = 0; step < 60; step += 1) {
      const port = Math.floor(random() * kind.ports.length)
      const before = rig.state(port)
      const wanted = pick(states)
      const from = rig.lab.model.history.length
      const fault = pick([null, ...faults])
      if (fault !== null) rig.breakWrite(Math.floor(random() * 6), fault)
      const error = await outcome(rig.ensure({ [port]: wanted }))
      rig.lab.http.dials.fault = () => null
      if (error === null) expectState(rig, port, wanted)
      await settled(rig)
      expectNoLeak(rig, from, port, [before, wanted])
      if (random() < 0.1) {
        await rig.ensure({ [port]: wanted })
        rig.lab.reboot()
        expectState(rig, port, wanted)
      }
    }
  } finally {
    await rig.stop()
  }
}

/** mulberry32: the same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function expectNothingOpen(rig: Rig): void {
  expect([rig.lab.unsettled(), rig.lab.leftovers()]).toEqual([0, 0])
}

function expectSame(rig: Rig, states: readonly PortState[], why: string): void {
  const seen = rig.state(0)
  // it carries nobody
  if (rig.kind.shuts && !seen.enabled) return
  const found = states.some(
    (state) =>
      state.untagged === seen.untagged &&
      state.enabled === seen.enabled &&
      state.tagged.join() === seen.tagged.join(),
  )
  expect(found, `${why}: ${JSON.stringify(seen)}`).toBe(true)
}
