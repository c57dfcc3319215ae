import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FerruleError } from '../../domain/errors.ts'
import { openSwitchPorts } from './engine.ts'
import { PortsMoved } from './ports-moved.ts'
import {
  driverOf,
  FakeSwitch,
  fence,
  pxe,
  quarantine,
  refused,
  tenant,
  testLease,
  unreachable,
} from './test-support/fake-switch.ts'
import type { PortState, SwitchPorts } from './types.ts'

let device: FakeSwitch
let ports: SwitchPorts
const lease = testLease()

beforeEach(() => {
  device = new FakeSwitch()
  ports = openSwitchPorts({
    id: 'tor1',
    driver: driverOf(device),
    endpoint: { address: '192.0.2.1', username: 'u', password: 'p' },
    fence,
    timeouts: { coalesceMs: 1, readRetryMs: [1, 1] },
  })
})

afterEach(() => ports.close())

const ensure = (wanted: Record<string, PortState>, held = lease) =>
  ports.ensurePorts(held, new Map(Object.entries(wanted)))

async function failure(work: Promise<unknown>): Promise<FerruleError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof FerruleError)) throw new Error(`expected a coded error, got ${String(error)}`)
  return error
}

describe('the wanted state is reached', () => {
  test('running and start-up configuration show it, and the results say what it was', async () => {
    const results = await ensure({ '1': tenant(100, 200), 'Port 2': pxe })
    expect(results).toEqual([
      { port: '1', before: pxe, after: tenant(100, 200), changed: true },
      { port: 'Port 2', before: pxe, after: pxe, changed: false },
    ])
    expect(device.running.get('port1')).toEqual(tenant(100, 200))
    expect(device.startup.get('port1')).toEqual(tenant(100, 200))
    expect(device.running.get('port3')).toEqual(pxe)
  })

  test('a second time nothing is written and nothing saved', async () => {
    await ensure({ '1': tenant(100) })
    const [result] = await ensure({ '1': tenant(100) })
    expect(result?.changed).toBe(false)
    expect([device.writes, device.saves]).toEqual([1, 1])
  })

  test('a start-up configuration that differs is saved although nothing else is to do', async () => {
    device.startup.set('port1', tenant(100))
    const [result] = await ensure({ '1': pxe })
    expect(result?.changed).toBe(false)
    expect(device.startup.get('port1')).toEqual(pxe)
    expect(device.writes).toBe(0)
  })

  test('tagged VLANs are compared as sets, whatever their order', async () => {
    device.running.set('port1', { ...tenant(100), mode: 'trunk', tagged: [300, 200] })
    device.startup = new Map(device.running)
    await ensure({ '1': { ...tenant(100), mode: 'trunk', tagged: [200, 300, 200] } })
    expect(device.writes).toBe(0)
  })

  test('an unprepared port is reshaped where its host rests, and left alone where a tenant runs', async () => {
    device.running.set('port1', { ...pxe, prepared: false })
    device.running.set('port2', { ...tenant(100), prepared: false })
    device.startup = new Map(device.running)
    const results = await ensure({ '1': pxe, '2': tenant(100) })
    expect(results.map((result) => result.changed)).toEqual([true, false])
    expect(device.startup.get('port1')?.prepared).toBeUndefined()
  })

  test('the answer to a write is lost: what came of it is read, nothing is sent twice', async () => {
    device.loseAnswer = true
    await ensure({ '1': tenant(100) })
    expect(device.startup.get('port1')).toEqual(tenant(100))
    expect(device.writes).toBe(1)
  })

  test('reads are repeated, a switch that stays away is said to be away', async () => {
    let failures = 2
    device.onRead = () => {
      if (failures-- > 0) throw unreachable()
    }
    await ensure({ '1': tenant(100) })
    failures = 100
    expect((await failure(ensure({ '1': pxe }))).code).toBe('switch-unreachable')
    expect(device.running.get('port1')).toEqual(tenant(100))
  })
})

describe('the switch does not do it', () => {
  test('refused midway: the state before is back, and the error shows all states', async () => {
    device.running.set('port1', tenant(100, 200, 201))
    device.startup = new Map(device.running)
    let once = true
    device.onLine = (port) => {
      if (port === 'port2' && once) {
        once = false
        throw refused('% Error: no')
      }
    }
    const error = await failure(ensure({ '1': tenant(100, 300), '2': tenant(100) }))
    expect(error.code).toBe('switch-refused')
    expect(error.message).toContain('% Error: no')
    expect(error.message).toContain('the state before was put back')
    expect(error.details).toMatchObject({
      before: { port1: tenant(100, 200, 201), port2: pxe },
      wanted: { port1: tenant(100, 300), port2: tenant(100) },
      seen: { port1: tenant(100, 300), port2: pxe },
      restored: { ok: true, now: { port1: tenant(100, 200, 201), port2: pxe } },
    })
    expect(device.running.get('port1')).toEqual(tenant(100, 200, 201))
    expect(device.startup.get('port1')).toEqual(tenant(100, 200, 201))
  })

  test('yes, but nothing changed', async () => {
    device.okButNothing = true
    const error = await failure(ensure({ '1': tenant(100) }))
    expect(error.code).toBe('switch-mismatch')
    expect(error.message).toContain('port1 shows untagged 10, up instead of untagged 100, up')
    expect(error.details).toMatchObject({
      before: { port1: pxe },
      seen: { port1: pxe },
      restored: { ok: true },
    })
    expect(device.saves).toBe(0)
  })

  test('yes, but half of it', async () => {
    device.running.set('port1', tenant(100, 200))
    device.linesDone = 1
    const error = await failure(ensure({ '1': tenant(300) }))
    expect(error.code).toBe('switch-mismatch')
    expect(error.details).toMatchObject({ seen: { port1: tenant(100) }, restored: { ok: false } })
  })

  test('the restore is refused too: the error says so and shows what is left', async () => {
    device.onLine = (_port, line) => {
      if (line === 1) throw refused('flash is full')
    }
    device.running.set('port1', tenant(100, 200))
    const error = await failure(ensure({ '1': tenant(300) }))
    expect(error.message).toContain('could not be put back')
    expect(error.details).toMatchObject({ restored: { ok: false, now: { port1: tenant(100) } } })
  })

  test('the save is refused: a tenant port goes back', async () => {
    device.onSave = () => {
      throw refused('flash is full')
    }
    const error = await failure(ensure({ '1': tenant(100) }))
    expect(error.code).toBe('switch-refused')
    expect(error.details).toMatchObject({ restored: { ok: true }, saved: { port1: pxe } })
    expect(device.running.get('port1')).toEqual(pxe)
  })

  test('the save lies', async () => {
    device.onSave = () => true
    const error = await failure(ensure({ '1': tenant(100) }))
    expect(error.code).toBe('switch-mismatch')
    expect(error.message).toContain('saved configuration')
    expect(device.running.get('port1')).toEqual(pxe)
  })

  test.each([pxe, quarantine])(
    'a port that reached its safe harbour is not put back among tenants',
    async (parked) => {
      device.running.set('port1', tenant(100, 200))
      device.startup = new Map(device.running)
      device.onSave = () => true
      const error = await failure(ensure({ '1': parked }))
      expect(error.code).toBe('switch-mismatch')
      expect(device.running.get('port1')).toEqual(parked)
      expect(error.details).toMatchObject({ restored: { ok: true, kept: ['port1'] } })
      device.onSave = () => false
      await ensure({ '1': parked })
      expect(device.startup.get('port1')).toEqual(parked)
    },
  )
})

describe('somebody else changed the port after it was read, and nothing was written', () => {
  const moved = () => new PortsMoved(device.address, ['port1'])

  test('once: all begins anew, from what is there now', async () => {
    device.onLine = () => {
      device.onLine = () => {}
      device.running.set('port1', tenant(555))
      throw moved()
    }
    expect(await ensure({ '1': tenant(100) })).toMatchObject([{ before: tenant(555), after: tenant(100) }])
  })

  test('again and again: their state stays, and is not overwritten by the one before', async () => {
    let others = 500
    device.onLine = () => {
      others += 1
      device.running.set('port1', tenant(others))
      throw moved()
    }
    expect((await failure(ensure({ '1': tenant(100) }))).code).toBe('switch-mismatch')
    expect(device.running.get('port1')).toEqual(tenant(503))
  })
})

describe('the lease', () => {
  test('is asked before each write', async () => {
    const held = testLease()
    await ensure({ '1': tenant(100) }, held)
    expect(held.checks).toBeGreaterThanOrEqual(device.writes + device.saves)
  })

  test('lost before: nothing is written', async () => {
    const held = testLease()
    held.lose()
    expect((await failure(ensure({ '1': tenant(100) }, held))).code).toBe('lease-lost')
    expect(device.running.get('port1')).toEqual(pxe)
  })

  test('lost between write and save: no further write, not even to put back', async () => {
    const held = testLease()
    device.onLine = (_port, line) => {
      if (line === 1) held.lose()
    }
    expect((await failure(ensure({ '1': tenant(100) }, held))).code).toBe('lease-lost')
    expect([device.writes, device.saves]).toEqual([1, 0])
  })

  test('of another switch is refused', async () => {
    const other = { ...testLease(), id: 'tor2' }
    await expect(ports.ensurePorts(other, new Map([['1', pxe]]))).rejects.toThrow('tor2')
  })
})

describe('without writing', () => {
  test('plan shows lines and the state before, under the names of the caller', async () => {
    const { changes, before } = await ports.plan(
      new Map([
        ['p1', tenant(100)],
        ['2', pxe],
      ]),
    )
    expect(changes.map((change) => [change.port, change.lines.length])).toEqual([['p1', 2]])
    expect([...before]).toEqual([
      ['p1', pxe],
      ['2', pxe],
    ])
    expect(device.writes).toBe(0)
  })

  test('plan from a state that comes first shows the lines from there', async () => {
    await ensure({ '1': tenant(100) })
    const back = new Map([['p1', tenant(100)]])
    expect((await ports.plan(back)).changes).toEqual([])
    const { changes, before } = await ports.plan(back, new Map([['p1', pxe]]))
    expect(changes.map((change) => [change.port, change.lines.length])).toEqual([['p1', 2]])
    expect([...before]).toEqual([['p1', pxe]])
  })

  test('reads answer under the names of the caller', async () => {
    device.startup.set('port1', tenant(100))
    expect([...(await ports.readPorts(['p1']))]).toEqual([['p1', pxe]])
    expect([...(await ports.readSavedPorts(['p1']))]).toEqual([['p1', tenant(100)]])
    expect(await ports.readFdb('1')).toHaveLength(1)
  })

  test('a fenced port is refused by plan too', async () => {
    await expect(ports.plan(new Map([['9', pxe]]))).rejects.toMatchObject({ code: 'port-fenced' })
  })
})

describe('where VLANs are not to be created', () => {
  const open = (more: Partial<typeof fence> & { createVlans: boolean }, on = device) =>
    openSwitchPorts({
      id: 'tor1',
      driver: driverOf(on),
      endpoint: { address: '192.0.2.1', username: 'u', password: 'p' },
      fence: { ...fence, ...more },
      timeouts: { coalesceMs: 1, readRetryMs: [] },
    })

  test('one that is missing is refused before anything is sent, named with its switch', async () => {
    const given = open({ createVlans: false })
    device.vlans.add(100)
    const wanted = new Map([['1', tenant(100, 300, 200)]])
    for (const refusal of [
      await failure(given.ensurePorts(lease, wanted)),
      await failure(given.plan(wanted)),
    ]) {
      expect(refusal).toMatchObject({ code: 'vlan-missing', details: { switch: 'tor1', vlans: [200, 300] } })
      expect(refusal.message).toBe(
        'Switch tor1 has none of the VLANs 200, 300, and Ferrule is not to create any there',
      )
    }
    expect(await given.missingVlans([100, 200])).toEqual([200])
    expect([device.writes, device.running.get('port1')]).toEqual([0, pxe])
    device.vlans.add(200).add(300)
    await given.ensurePorts(lease, wanted)
    expect(device.running.get('port1')).toEqual(tenant(100, 200, 300))
    await given.close()
  })

  test('it is created elsewhere, and where a VLAN needs no making', async () => {
    expect(await ports.missingVlans([100])).toEqual([])
    await ensure({ '1': tenant(100) })
    const soft = Object.assign(new FakeSwitch(), {
      capabilities: { ...device.capabilities, implicitVlans: true },
    })
    const given = open({ createVlans: false }, soft)
    await given.ensurePorts(lease, new Map([['1', tenant(100)]]))
    expect(soft.running.get('port1')).toEqual(tenant(100))
    await given.close()
  })
})
