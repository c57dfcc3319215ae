import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LineFault } from '../../lab/switch/ssh/dials.ts'
import { pxe, tenant, testLease } from '../../src/drivers/switch/test-support/fake-switch.ts'
import type { PortState } from '../../src/drivers/switch/types.ts'
import { type DrivenSwitch, drivenSwitch, leaks, makes, unknownPort } from '../support/cli-switch.ts'

/** Each family of switches that is driven by its command line, on a switch that refuses what a real one refuses. */
describe.each(makes)('%s', (type, make) => {
  let driven: DrivenSwitch
  let port: string
  beforeEach(async () => {
    driven = await drivenSwitch(type, make)
    port = driven.names[0]
  })
  afterEach(() => driven.stop())

  const ensure = (state: PortState, of = port) =>
    driven.ports.ensurePorts(testLease(), new Map([[of, state]]))

  async function moves(before: PortState, after: PortState): Promise<void> {
    const from = driven.lab.model.history.length
    const results = await ensure(after)
    expect(results).toMatchObject([{ port, changed: true }])
    expect(driven.membership(port)).toEqual({ untagged: after.untagged, tagged: after.tagged })
    expect(leaks(driven, from, port, before, after)).toEqual([])
    expect(await driven.ports.readSavedPorts([port])).toEqual(await driven.ports.readPorts([port]))
  }

  test('access, trunk, another tenant, other networks of it, and back to rest', async () => {
    await moves(pxe, tenant(100))
    await moves(tenant(100), tenant(101, 201, 202, 203))
    await moves(tenant(101, 201, 202, 203), tenant(101, 201, 203, 300))
    await moves(tenant(101, 201, 203, 300), tenant(102, 400))
    await moves(tenant(102, 400), tenant(400, 102))
    await moves(tenant(400, 102), pxe)
    await moves(pxe, tenant(103, 104))
    await moves(tenant(103, 104), pxe)
    expect(driven.lab.logins()).toBe(1)
  })

  test('what is right already is not written; a port that was shut is opened last', async () => {
    await ensure(pxe)
    const typed = driven.lab.typed.length
    expect(await ensure(pxe)).toMatchObject([{ changed: false }])
    expect(driven.lab.typed.slice(typed).join()).not.toMatch(
      /switchport|member|set interface|vlan (?:access|trunk)|port trunk|commit|apply|copy|write|\bsave\b/,
    )
    await ensure({ ...pxe, enabled: false })
    expect(driven.membership(port)).toEqual({ untagged: null, tagged: [] })
    await moves({ ...pxe, untagged: null }, tenant(100, 200))
  })

  test('a whole batch is one login, and the lists may be long', async () => {
    const many = Array.from({ length: 90 }, (_, index) => 301 + 2 * index)
    const [first, second] = driven.names
    await Promise.all([ensure(tenant(100, ...many), first), ensure(tenant(101, 200), second)])
    expect(driven.membership(first)).toEqual({ untagged: 100, tagged: many })
    expect(driven.membership(second)).toEqual({ untagged: 101, tagged: [200] })
    expect(driven.lab.logins()).toBe(1)
    await Promise.all([ensure(pxe, first), ensure(pxe, second)])
    expect([driven.membership(first), driven.membership(second)]).toEqual([
      { untagged: 10, tagged: [] },
      { untagged: 10, tagged: [] },
    ])
  })

  test('after a reboot the port is what was saved', async () => {
    await moves(pxe, tenant(100, 200))
    driven.lab.reboot()
    expect(driven.membership(port)).toEqual({ untagged: 100, tagged: [200] })
    expect(await ensure(tenant(100, 200))).toMatchObject([{ changed: false }])
  })

  test('a port that is not there, and one that is routed, are told and not written', async () => {
    await expect(ensure(tenant(100), unknownPort[make])).rejects.toMatchObject({ code: 'not-found' })
    await expect(ensure(tenant(100), driven.names[2])).rejects.toMatchObject({
      code: 'switch-refused',
      message: expect.stringContaining(driven.names[2]),
    })
    expect(driven.lab.model.history).toHaveLength(3)
  })

  test('the addresses that were learned', async () => {
    await moves(pxe, tenant(100))
    expect(await driven.ports.readFdb(port)).toEqual([{ mac: '52:54:00:aa:bb:01', vlan: 100 }])
  })

  const faults: LineFault[] = ['refuse', 'swallow', 'drop-before', 'drop-after']
  const changes: [string, PortState, PortState][] = [
    ['PXE to tenant', pxe, tenant(100, 200)],
    ['tenant to tenant', tenant(100, 200, 201), tenant(101, 201, 300)],
    ['untagged and tagged change places', tenant(100, 200), tenant(200, 100)],
    ['release', tenant(100, 200), pxe],
  ]
  describe.each(changes)('%s', (_name, before, after) => {
    test.each(faults)('%s: at any one line no VLAN leaks, and the end is told and true', async (kind) => {
      let clean = 0
      for (let line = 0; clean === 0; line += 1) {
        if (JSON.stringify(driven.membership(port)) !== JSON.stringify(membershipOf(before)))
          await ensure(before)
        const from = driven.lab.model.history.length
        const fault = { after: line, kind, lasting: false }
        driven.lab.setDials({ fault })
        const ended = await ensure(after).then(
          () => 'done',
          (error: unknown) => error,
        )
        if (fault.after > 0 || driven.lab.model.dials.fault !== null) clean = line
        driven.lab.setDials({})
        expect(leaks(driven, from, port, before, after), `${kind} at ${line}`).toEqual([])
        const now = driven.membership(port)
        if (ended === 'done') expect(now).toEqual(membershipOf(after))
        else
          expect(ended).toMatchObject({
            code: expect.stringMatching(/^switch-(refused|mismatch|unreachable)$/),
          })
        await ensure(after)
        expect(driven.membership(port)).toEqual(membershipOf(after))
      }
      expect(clean).toBeGreaterThan(0)
    })
  })

  describe.each([
    ['the session drops', false],
    ['a line is refused', true],
  ])('%s in the middle of a batch of two ports', (_name, halfRefuses) => {
    test.each([1, 2, 3, 5, 8])('after %i lines, up to three times', async (halfLines) => {
      const names = driven.names.slice(0, 2)
      const before = [tenant(100, 200), tenant(101)] as const
      const after = [tenant(102, 201), tenant(103, 200)] as const
      const ensureBoth = ([first, second]: typeof before) =>
        driven.ports.ensurePorts(
          testLease(),
          new Map([
            [driven.names[0], first],
            [driven.names[1], second],
          ]),
        )
      await ensureBoth(before)
      const from = driven.lab.model.history.length
      driven.lab.setDials({ halfApply: 3, halfLines, halfRefuses })
      const ended = await ensureBoth(after).then(
        () => null,
        (error: unknown) => error,
      )
      const met = 3 - driven.lab.model.dials.halfApply
      driven.lab.setDials({})
      // any make needs more than four lines for it: three VLANs are new, and two ports change
      if (halfLines < 4) expect(met).toBeGreaterThan(0)
      for (const [index, port] of names.entries())
        expect(leaks(driven, from, port, before[index] ?? pxe, after[index] ?? pxe)).toEqual([])
      if (ended === null) expect(names.map(driven.membership)).toEqual(after.map(membershipOf))
      else
        expect(ended).toMatchObject({
          code: expect.stringMatching(/^switch-(refused|mismatch|unreachable)$/),
          message: expect.stringContaining('127.0.0.1'),
        })
      await ensureBoth(after)
      expect(names.map(driven.membership)).toEqual(after.map(membershipOf))
    })
  })

  test('a VLAN that the switch keeps for itself is refused in its own words, and the port is as before', async () => {
    const reserved = { os10: 4094, nxos: 4000, eos: 4094, iosxe: 1003, vrp: 4094, cumulus: 3800 }
    const vlan = Object.entries(reserved).find(([of]) => of === make)?.[1] ?? null
    if (vlan === null) driven.lab.setDials({ fault: { after: 0, kind: 'refuse', lasting: true } })
    await expect(ensure(tenant(vlan ?? 100))).rejects.toMatchObject({
      code: 'switch-refused',
      details: { device: expect.stringMatching(/\w/) },
    })
    expect(driven.membership(port)).toEqual({ untagged: 10, tagged: [] })
    expect(driven.lab.model.history).toHaveLength(3)
  })

  // Junos saves with its commit.
  if (make !== 'junos') {
    test('a save that is told and not done is found out', async () => {
      driven.lab.setDials({ saveLies: true })
      await expect(ensure(tenant(100))).rejects.toMatchObject({ code: 'switch-mismatch' })
      expect(driven.membership(port)).toEqual({ untagged: 10, tagged: [] })
    })
  }
})

function membershipOf({ untagged, tagged }: PortState) {
  return { untagged, tagged: [...tagged] }
}
