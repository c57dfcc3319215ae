import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSwitchPorts } from './engine.ts'
import {
  driverOf,
  FakeSwitch,
  fence,
  pxe,
  refused,
  tenant,
  testLease,
  unreachable,
} from './test-support/fake-switch.ts'
import type { PortState, SwitchPorts } from './types.ts'

let device: FakeSwitch
let ports: SwitchPorts

beforeEach(() => {
  device = new FakeSwitch()
  ports = openSwitchPorts({
    id: 'tor1',
    driver: driverOf(device),
    endpoint: { address: '192.0.2.1', username: 'u', password: 'p' },
    fence,
    timeouts: { coalesceMs: 15, readRetryMs: [1] },
  })
})

afterEach(() => ports.close())

const ensure = (port: string, state: PortState, lease = testLease()) =>
  ports.ensurePorts(lease, new Map([[port, state]]))
const codes = async (work: Promise<unknown>[]) =>
  (await Promise.allSettled(work)).map((end) => (end.status === 'fulfilled' ? 'done' : end.reason.code))

describe('calls that come together', () => {
  test('become one read, one write and one save; each gets its own ports', async () => {
    const results = await Promise.all([ensure('1', tenant(100)), ensure('2', tenant(101)), ensure('3', pxe)])
    expect(results.map((mine) => mine.map(({ port, changed }) => [port, changed]))).toEqual([
      [['1', true]],
      [['2', true]],
      [['3', false]],
    ])
    expect(device.startup.get('port2')).toEqual(tenant(101))
    expect([device.writes, device.saves, device.reads]).toEqual([1, 1, 2])
  })

  test('the latest wanted state of a port wins, under whatever name', async () => {
    const [first] = await Promise.all([ensure('1', tenant(100)), ensure('p1', tenant(200))])
    expect(first).toMatchObject([{ port: '1', after: tenant(200) }])
    expect(device.running.get('port1')).toEqual(tenant(200))
    expect(device.writes).toBe(1)
  })

  test('a port that the switch refuses spoils only its own call', async () => {
    device.onLine = (port) => {
      if (port === 'port1') throw refused('% Error: port 1')
    }
    expect(await codes([ensure('1', tenant(100)), ensure('2', tenant(101))])).toEqual([
      'switch-refused',
      'done',
    ])
    expect(device.running.get('port1')).toEqual(pxe)
    expect(device.startup.get('port2')).toEqual(tenant(101))
  })

  test('a lease that is lost spoils only its own call, before and amid the write', async () => {
    const early = testLease('early')
    early.lose()
    expect(await codes([ensure('1', tenant(100), early), ensure('2', tenant(101))])).toEqual([
      'lease-lost',
      'done',
    ])
    expect(device.running.get('port1')).toEqual(pxe)

    const amid = testLease('amid')
    device.onLine = (_port, line) => {
      if (line === 3) amid.lose()
    }
    expect(await codes([ensure('3', tenant(100), amid), ensure('4', tenant(101))])).toEqual([
      'lease-lost',
      'done',
    ])
    expect(device.startup.get('port4')).toEqual(tenant(101))
  })

  test('a switch out of reach is asked once for all', async () => {
    device.onRead = () => {
      throw unreachable()
    }
    const ends = await codes([ensure('1', tenant(100)), ensure('2', tenant(101)), ensure('3', tenant(102))])
    expect(ends).toEqual(['switch-unreachable', 'switch-unreachable', 'switch-unreachable'])
    expect(device.reads).toBe(2)
  })

  test('a call outside the fence is refused alone and at once', async () => {
    expect(await codes([ensure('9', pxe), ensure('2', tenant(101))])).toEqual(['port-fenced', 'done'])
  })
})

test('a call that comes during a write waits for it and sees its outcome', async () => {
  let second: Promise<unknown> | null = null
  device.onLine = () => {
    second ??= ensure('1', tenant(200))
  }
  const [first] = await ensure('1', tenant(100))
  await second
  expect(first?.after).toEqual(tenant(100))
  expect(device.startup.get('port1')).toEqual(tenant(200))
  expect(device.writes).toBe(2)
})

test('calls one right after another are never forgotten', async () => {
  for (let round = 0; round < 5; round += 1) await ensure('1', tenant(100 + round))
  expect(device.running.get('port1')).toEqual(tenant(104))
})

test('closing lets accepted calls end and refuses later ones', async () => {
  const accepted = ensure('1', tenant(100))
  const closed = ports.close()
  expect(await codes([ensure('2', tenant(100))])).toEqual(['switch-unreachable'])
  await closed
  await accepted
  expect(device.startup.get('port1')).toEqual(tenant(100))
  expect(device.running.get('port2')).toEqual(pxe)
})
