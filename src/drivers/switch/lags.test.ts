import { afterEach, expect, test } from 'vitest'
import type { PortMap } from './diff.ts'
import { openSwitchPorts } from './engine.ts'
import { driverOf, FakeSwitch, fence, pxe, tenant, testLease } from './test-support/fake-switch.ts'
import type { PortState, SwitchFence, SwitchLags, SwitchPorts } from './types.ts'

/** LAGs follow from what its ports say; one without members is one that somebody left behind. */
class LagSwitch extends FakeSwitch {
  readonly left = new Map<number, string[]>()
  handed: SwitchLags = new Map()

  async readLags(): Promise<Map<number, string[]>> {
    const lags = new Map(this.left)
    for (const [port, { lag }] of this.running)
      if (lag !== undefined) lags.set(lag, [...(lags.get(lag) ?? []), port])
    return lags
  }

  override plan(current: PortMap, wanted: PortMap, _vlans?: ReadonlySet<number>, lags?: SwitchLags) {
    this.handed = lags ?? new Map()
    return super.plan(current, wanted)
  }
}

const open: SwitchPorts[] = []
afterEach(() => Promise.all(open.splice(0).map((one) => one.close())))

function engineOf(device: FakeSwitch, more: Partial<SwitchFence> = { lagRange: { from: 5, to: 8 } }) {
  const ports = openSwitchPorts({
    id: 'tor1',
    driver: driverOf(device),
    endpoint: { address: '192.0.2.1', username: 'u', password: 'p' },
    fence: { ...fence, ...more },
    timeouts: { coalesceMs: 1, readRetryMs: [1] },
  })
  open.push(ports)
  return (wanted: Record<string, PortState>) =>
    ports.ensurePorts(testLease(), new Map(Object.entries(wanted)))
}

const inLag = (lag: number, ...vlans: number[]): PortState => ({ ...tenant(vlans[0] ?? 100), lag })

test('two ports come into a LAG and leave it', async () => {
  const device = new LagSwitch()
  const ensure = engineOf(device)
  await ensure({ '1': inLag(5), '2': inLag(5) })
  expect(device.startup.get('port2')).toEqual(inLag(5))
  const results = await ensure({ '1': pxe, '2': pxe })
  expect(results.map(({ before, after }) => [before.lag, after.lag])).toEqual([
    [5, undefined],
    [5, undefined],
  ])
})

test('the driver is told of the LAGs in the range alone, those without members too', async () => {
  const device = new LagSwitch()
  device.left.set(1, ['port9']).set(6, [])
  await engineOf(device)({ '1': inLag(5), '2': inLag(5) })
  expect([...device.handed]).toEqual([[6, []]])
})

test.each([
  ['a number outside of the range', { '1': inLag(9) }, /LAG 9 is outside 5-8/],
  ['a LAG with a stranger in it', { '1': inLag(6), '2': inLag(6) }, /port9 is in LAG 6/],
  ['a LAG that somebody else made', { '4': tenant(100) }, /port4 is a member of LAG 1/],
  ['a LAG for a host that rests', { '1': { ...pxe, lag: 5 } }, /in no LAG/],
])('refused before any write: %s', async (_name, wanted, said) => {
  const device = new LagSwitch()
  device.running.set('port9', inLag(6)).set('port4', inLag(1))
  await expect(engineOf(device)(wanted)).rejects.toThrow(said)
  expect(device.writes).toBe(0)
})

test('a driver that makes none, and a rack file that allows none', async () => {
  const device = new FakeSwitch()
  await expect(engineOf(device)({ '1': inLag(5) })).rejects.toThrow(/makes no LAGs/)
  await expect(engineOf(new LagSwitch(), {})({ '1': inLag(5) })).rejects.toThrow(/no lagRange/)
  expect(device.writes).toBe(0)
})

test('a switch that sets the VLANs and makes no LAG is found out, and its ports go back', async () => {
  const device = new LagSwitch()
  device.onLine = (port) => {
    const now = device.running.get(port)
    if (now?.lag !== undefined) device.running.set(port, { ...now, lag: 7 })
  }
  device.linesDone = 2
  await expect(engineOf(device)({ '1': inLag(5), '2': inLag(5) })).rejects.toMatchObject({
    code: 'switch-mismatch',
  })
  expect(device.running.get('port1')).toEqual(pxe)
})
