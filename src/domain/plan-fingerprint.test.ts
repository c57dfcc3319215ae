import { describe, expect, test } from 'vitest'
import type { PlannedEffects } from './plan-fingerprint.ts'
import { expectedHost, fingerprintForm, planChanged, planFingerprint } from './plan-fingerprint.ts'

const plan: PlannedEffects = {
  host: 'r1-h2.rack',
  refusals: [],
  bond: { mode: 'active-backup', mac: '02:00:00:00:00:01', members: ['52:54:00:00:00:01'] },
  ports: [
    {
      ...{ switch: '10.0.0.1', port: '1/3', nic: 'eno1', before: 'access 10', after: 'access 101' },
      ...{ lines: ['interface vlan 101', 'untagged 1/3'], saves: true },
    },
  ],
  maas: ['POST machines/abc/?op=deploy mac_address=02:00:00:00:00:01'],
  bmc: ['power on'],
  diskLayout: 'lvm',
  erase: 'full',
}
const [port] = plan.ports
if (!port) throw new Error('the plan has a port')
const of = (changes: Partial<PlannedEffects>, madeUp: string[] = []) =>
  planFingerprint({ ...plan, ...changes }, madeUp)
const refusal = (changes: Partial<PlannedEffects>) =>
  planChanged(of({}) ?? '', { ...plan, ...changes }, [])?.toBody()

describe('the fingerprint of a plan', () => {
  test('names the host, and is the same for the same effects', () => {
    const fingerprint = of({}) ?? ''
    expect(fingerprint).toMatch(fingerprintForm)
    expect(expectedHost(fingerprint)).toBe('r1-h2.rack')
    expect(of({ ...structuredClone(plan) })).toBe(fingerprint)
    expect(planChanged(fingerprint, plan, [])).toBeNull()
  })

  test.each<[string, Partial<PlannedEffects>]>([
    ['bond', { bond: { mode: '802.3ad', mac: '02:00:00:00:00:01', members: ['52:54:00:00:00:01'] } }],
    ['ports', { ports: [{ ...port, before: 'access 999' }] }],
    ['ports', { ports: [{ ...port, lines: [] }] }],
    ['ports', { ports: [{ ...port, saves: false }] }],
    ['maas', { maas: [] }],
    ['bmc', { bmc: ['power on', 'power off'] }],
    ['diskLayout', { diskLayout: null }],
    ['erase', { erase: 'quick' }],
  ])('says that the %s changed, with what it is now', (what, changes) => {
    expect(of(changes)).not.toBe(of({}))
    expect(refusal(changes)).toMatchObject({
      code: 'plan-changed',
      details: { changed: [{ what, was: null, now: expect.any(Array) }] },
    })
  })

  test('another host is told by name, and a refusal with its reason', () => {
    expect(refusal({ host: 'r1-h4' })).toMatchObject({
      message: 'the plan is not the expected one any more: it would get host r1-h4 instead of r1-h2.rack',
      details: { changed: [{ what: 'host', was: 'r1-h2.rack', now: ['r1-h4'] }] },
    })
    const none = {
      host: null,
      bond: null,
      ports: [],
      maas: [],
      bmc: [],
      refusals: [{ message: 'no host fits' }],
    }
    expect(of(none)).toBeNull()
    expect(refusal(none)).toMatchObject({
      message: expect.stringContaining('no host fits: it would be refused now'),
      details: { changed: [{ what: 'host', was: 'r1-h2.rack', now: [] }] },
    })
    expect(refusal({ refusals: [{ message: 'MAAS has no image' }] })?.details?.changed).toEqual([])
  })

  test('a MAC that is made anew for each plan is not compared; one that was asked for is', () => {
    const mac = '02:00:00:00:00:02'
    const other = {
      bond: { mode: 'active-backup', mac, members: ['52:54:00:00:00:01'] },
      maas: [`POST machines/abc/?op=deploy mac_address=${mac}`],
    }
    expect(of(other)).not.toBe(of({}))
    expect(of(other, [mac])).toBe(of({}, ['02:00:00:00:00:01']))
  })
})
