import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Fault } from '../../lab/switch/https/faults.ts'
import { testLease } from '../../src/drivers/switch/test-support/fake-switch.ts'
import type { PortState } from '../../src/drivers/switch/types.ts'
import {
  expectNoLeak,
  expectState,
  outcome,
  parked,
  type Rig,
  startRig,
  tenant,
} from '../support/https-switch-rig.ts'
import { restconfKind } from '../support/restconf-switch.ts'

const moves: [string, PortState, PortState][] = [
  ['a first tenant with more networks', parked, tenant(100, 200, 201)],
  ['tenant to tenant', tenant(100, 200), tenant(101, 201)],
  ['a network more and one less', tenant(100, 200), tenant(100, 201)],
  ['untagged and tagged change places', tenant(100, 200), tenant(200, 100)],
  ['release', tenant(100, 200), parked],
  ['shut', tenant(100, 200), { ...tenant(100, 200), enabled: false }],
  ['opened for a tenant', { ...parked, enabled: false }, tenant(100, 200)],
]

const faults: Fault[] = ['error', 'error-after', 'drop', 'lose', 'nothing']

let rig: Rig
beforeEach(async () => {
  rig = await startRig(restconfKind)
})
afterEach(() => rig.stop())

test.each(moves)('%s: exactly that, saved, and there after a reboot', async (_name, before, wanted) => {
  await rig.ensure({ 0: before })
  const from = rig.lab.model.history.length
  expect(await rig.ensure({ 0: wanted })).toMatchObject([{ changed: true }])
  expectState(rig, 0, wanted)
  expectNoLeak(rig, from, 0, [before, wanted])
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
  await rig.ensure(wanted)
  expect(again.writes()).toBe(0)
})

test('what SONiC refuses is told in its words, and all is as before', async () => {
  await rig.ensure({ 0: tenant(100, 200) })
  const from = rig.lab.model.history.length
  const error = await outcome(rig.ensure({ 0: tenant(101, restconfKind.refusedVlan), 1: tenant(101) }))
  expect(error).toMatchObject({ code: 'switch-refused', message: expect.stringMatching(/reserved VLANs/) })
  expectState(rig, 0, tenant(100, 200))
  expectState(rig, 1, parked)
  expectNoLeak(rig, from, 0, [tenant(100, 200)])
})

test('a port that is not there, and one with an address, are not written', async () => {
  const none = rig.breakWrite(-1, 'error')
  const wanted = (port: string) => rig.ports.ensurePorts(testLease(), new Map([[port, tenant(100)]]))
  expect(await outcome(wanted(restconfKind.missingPort))).toMatchObject({ code: 'not-found' })
  rig.lab.model.change(({ ports }) => {
    const port = ports.get('Ethernet4')
    if (port) ports.set('Ethernet4', { ...port, switchport: false })
  })
  expect(await outcome(wanted('Ethernet4'))).toMatchObject({
    code: 'switch-refused',
    message: expect.stringMatching(/routed/),
  })
  expect(none.writes()).toBe(0)
})

test.each([0, 1, 2, 3])(
  'somebody else writes the port before write %i: a clear end, and nobody leaks',
  async (nth) => {
    await rig.ensure({ 0: tenant(100, 200) })
    let writes = 0
    rig.lab.http.dials.fault = (ask) => {
      if (restconfKind.isWrite(ask) && writes++ === nth) rig.lab.foreignAccess('Ethernet0', 555)
      return null
    }
    const from = rig.lab.model.history.length
    const error = await outcome(rig.ensure({ 0: tenant(101, 201) }))
    if (error === null) expectState(rig, 0, tenant(101, 201))
    else expect(error.code).toMatch(/^switch-(mismatch|refused)$/)
    expectNoLeak(rig, from, 0, [tenant(100, 200), tenant(101, 201), tenant(555)])
  },
)

describe.each(moves.slice(0, 5))('%s, with a fault', (_name, before, wanted) => {
  test.each(faults)('%s at each write in turn', { timeout: 120_000 }, async (fault) => {
    for (let nth = 0; ; nth += 1) {
      if (nth > 0) await rig.stop()
      if (nth > 0) rig = await startRig(restconfKind)
      await rig.ensure({ 0: before })
      const from = rig.lab.model.history.length
      const broken = rig.breakWrite(nth, fault)
      let unsaved = false
      const dial = rig.lab.http.dials.fault
      rig.lab.http.dials.fault = (ask) => {
        const kind = dial(ask)
        if (kind === 'nothing' && restconfKind.unseenSave?.(ask)) unsaved = true
        return kind
      }
      const error = await outcome(rig.ensure({ 0: wanted }))
      rig.lab.http.dials.fault = () => null
      if (error === null) expectState(rig, 0, wanted)
      else expect(error.code).toMatch(/^switch-(unreachable|refused|mismatch)$/)
      expectNoLeak(rig, from, 0, [before, wanted])
      await rig.ensure({ 0: wanted })
      expectState(rig, 0, wanted)
      rig.lab.reboot()
      // A save that says yes and does nothing cannot be seen from outside.
      if (!unsaved) expectState(rig, 0, wanted)
      if (broken.writes() <= nth) {
        expect(error).toBe(null)
        expect(nth).toBeGreaterThan(1)
        return
      }
    }
  })
})

test('MAC addresses of a port', async () => {
  expect(await rig.ports.readFdb('Ethernet4')).toEqual([{ mac: '52:54:00:aa:bb:02', vlan: 101 }])
  expect(await rig.ports.readFdb('Ethernet0')).toEqual([])
})

test('a save that says no is told, and a tenant port goes back', async () => {
  rig.lab.http.dials.saveLies = true
  const error = await outcome(rig.ensure({ 0: tenant(100, 200) }))
  expect(error).toMatchObject({ code: 'switch-refused', message: expect.stringMatching(/No space left/) })
  expectState(rig, 0, parked)
})

test('another certificate than the pinned one gets nothing; a wrong password is told without it', async () => {
  rig.lab.http.newCertificate()
  expect(await outcome(rig.ensure({ 0: tenant(100) }))).toMatchObject({ code: 'switch-auth' })
  await rig.stop()
  rig = await startRig(restconfKind)
  rig.lab.http.dials.rejectPassword = true
  const error = await outcome(rig.ensure({ 0: tenant(100) }))
  expect(error).toMatchObject({ code: 'switch-auth' })
  expect(JSON.stringify([String(error), error?.details])).not.toContain(rig.endpoint.password)
})

test('the lease is lost on the way: no further write', async () => {
  const lease = testLease()
  const counted = rig.breakWrite(-1, 'error')
  const dial = rig.lab.http.dials.fault
  rig.lab.http.dials.fault = (ask) => {
    const answer = dial(ask)
    if (counted.writes() === 2) lease.lose()
    return answer
  }
  expect(await outcome(rig.ensure({ 0: tenant(100, 200) }, lease))).toMatchObject({ code: 'lease-lost' })
  expect(counted.writes()).toBe(2)
})
