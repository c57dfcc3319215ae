import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FerruleError } from '../../../domain/errors.ts'
import { openSwitchPorts } from '../engine.ts'
import { switchDriver } from '../registry.ts'
import { fence, pxe, tenant, testLease } from '../test-support/fake-switch.ts'
import { end, type Os9Server, startOs9Server } from '../test-support/os9-server.ts'
import type { SwitchDevice, SwitchTimeouts } from '../types.ts'
import { force10 } from './driver.ts'

const te = (n: number) => `TenGigabitEthernet 1/${n}`
const password = 's3cret'
let os9: Os9Server
let device: SwitchDevice

function open(address: string, timeouts?: Partial<SwitchTimeouts>, secret = password): SwitchDevice {
  return force10.open({ address, username: 'admin', password: secret }, timeouts)
}

beforeEach(async () => {
  os9 = await startOs9Server(
    new Map([
      [te(1), { ...pxe, prepared: false }],
      [te(2), pxe],
      [te(3), pxe],
    ]),
  )
  device = open(os9.address)
})

afterEach(async () => {
  await device.close()
  await os9.stop()
})

async function failure(work: Promise<unknown>): Promise<FerruleError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof FerruleError)) throw new Error(`expected a coded error, got ${String(error)}`)
  const everything = JSON.stringify([error.message, error.remedy, error.details])
  expect(everything).not.toContain(password)
  expect(everything).not.toContain(btoa(`admin:${password}`))
  return error
}

describe('the switch is reached', () => {
  test.each(['dell', 'ftos'])('under the root %s, which is asked for once', async (root) => {
    const other = await startOs9Server(new Map([[te(1), pxe]]), root)
    const opened = open(other.address)
    try {
      await opened.readPorts(['1/1'])
      await opened.readPorts(['1/1'])
      expect((await opened.readPorts(['tengigabitethernet:1/1'])).get(te(1))).toMatchObject({ untagged: 10 })
      const probes = other.requests.filter((request) => request.startsWith('GET'))
      expect(probes.at(-1)).toBe(`GET /api/running/${root}`)
      expect(probes.length).toBeLessThanOrEqual(2)
    } finally {
      await opened.close()
      await other.stop()
    }
  })

  test('reading ports and VLANs at once is one command', async () => {
    await Promise.all([device.readPorts([te(1), te(2)]), device.readVlans()])
    expect(os9.requests.filter((request) => request.includes('running-config'))).toHaveLength(1)
  })

  test('a read-back does not share a read that began before the write', async () => {
    await device.readVlans()
    let early = true
    let release = () => {}
    os9.intercept = (_request, body, response) => {
      if (!early || !body.includes('running-config')) return false
      early = false
      release = () => end(response, 200, '<output><command>stale</command></output>')
      return true
    }
    const stale = open(os9.address)
    const old = stale.readVlans()
    while (early) await new Promise((resolve) => setTimeout(resolve, 1))
    setTimeout(() => release(), 20)
    await stale.apply(testLease(), [{ port: te(2), lines: [`interface ${te(2)}`, ' shutdown'] }])
    expect((await stale.readPorts([te(2)])).get(te(2))?.enabled).toBe(false)
    expect(await old).toEqual([])
    await stale.close()
  })

  test('a port that the switch has not', async () => {
    expect((await failure(device.readPorts(['1/48']))).code).toBe('not-found')
  })
})

describe('the switch is not reached', () => {
  test('nobody listens', async () => {
    const { address } = os9
    await os9.stop()
    const error = await failure(device.readPorts([te(1)]))
    expect(error.code).toBe('switch-unreachable')
    expect(error.message).toContain(address)
  })

  test('no answer within the time', async () => {
    const silent = createServer((socket) => void socket.resume())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const at = silent.address()
    const slow = open(`127.0.0.1:${typeof at === 'object' ? at?.port : 0}`, { requestMs: 60 })
    const error = await failure(slow.readPorts([te(1)]))
    expect(error.code).toBe('switch-unreachable')
    expect(error.message).toContain('within 0.06 s')
    await slow.close()
    await new Promise((resolve) => silent.close(resolve))
  })

  test('a wrong password', async () => {
    const wrong = open(os9.address, {}, 'other')
    expect((await failure(wrong.readPorts([te(1)]))).code).toBe('switch-auth')
    await wrong.close()
  })

  test('neither root is there', async () => {
    os9.intercept = (_request, _body, response) => {
      end(response, 404, '')
      return true
    }
    const error = await failure(device.readPorts([te(1)]))
    expect(error.code).toBe('switch-refused')
    expect(error.message).toContain('/api/running/dell: HTTP 404, /api/running/ftos: HTTP 404')
  })

  test('busy is out of reach, 500 is a refusal with its text', async () => {
    let status = 503
    os9.intercept = (_request, _body, response) => {
      end(response, status, '<error><message>disk on fire</message></error>')
      return true
    }
    expect((await failure(device.readPorts([te(1)]))).code).toBe('switch-unreachable')
    status = 500
    const error = await failure(device.readPorts([te(1)]))
    expect(error.code).toBe('switch-refused')
    expect(error.message).toContain('disk on fire')
    expect(error.details.httpStatus).toBe(500)
  })

  test('an answer that is cut short is no configuration', async () => {
    os9.intercept = (request, _body, response) => {
      if (request.method === 'GET') return false
      end(response, 200, '<output><command>interface TenGigabitEthernet 1/1\n no shutdo')
      return true
    }
    expect((await failure(device.readPorts([te(1)]))).code).toBe('switch-refused')
  })
})

describe('writing', () => {
  const shut = [{ port: te(2), lines: [`interface ${te(2)}`, ' shutdown'] }]

  test('"% Error" under HTTP 200 is a refusal in the words of the switch', async () => {
    const hybrid = [{ port: te(2), lines: [`interface ${te(2)}`, ' portmode hybrid'] }]
    const error = await failure(device.apply(testLease(), hybrid))
    expect(error.code).toBe('switch-refused')
    expect(error.message).toContain('% Error: Port is in Layer-2 mode.')
    expect(error.message).toContain(`interface ${te(2)} / portmode hybrid`)
  })

  test('a lost lease sends nothing', async () => {
    const lease = testLease()
    lease.lose()
    expect((await failure(device.apply(lease, shut))).code).toBe('lease-lost')
    expect((await failure(device.save(lease))).code).toBe('lease-lost')
    expect(os9.requests).toEqual([])
  })

  test('a lease lost during a request ends it at once', async () => {
    const lease = testLease()
    os9.intercept = (request) => {
      if (request.method === 'POST') lease.lose()
      return request.method === 'POST'
    }
    const began = Date.now()
    expect((await failure(device.apply(lease, shut))).code).toBe('lease-lost')
    expect(Date.now() - began).toBeLessThan(5_000)
  })

  test('saving makes the start-up configuration follow', async () => {
    await device.apply(testLease(), shut)
    expect((await device.readSavedPorts([te(2)])).get(te(2))?.enabled).toBe(true)
    await device.save(testLease())
    expect((await device.readSavedPorts([te(2)])).get(te(2))?.enabled).toBe(false)
  })

  test('a port that the start-up configuration does not know boots shut down', async () => {
    expect((await device.readSavedPorts(['1/48'])).get('TenGigabitEthernet 1/48')).toMatchObject({
      untagged: null,
      enabled: false,
    })
  })
})

test('the whole life of a port through the engine: prepared at rest, given to a tenant, back to PXE', async () => {
  const ports = openSwitchPorts({
    id: 'tor1',
    driver: switchDriver('FORCE10'),
    endpoint: { address: os9.address, username: 'admin', password },
    fence: { ...fence, ports: new Set(['1/1', 'tengigabitethernet:1/2']) },
    timeouts: { coalesceMs: 1 },
  })
  const lease = testLease()
  try {
    const [rest] = await ports.ensurePorts(lease, new Map([['1/1', pxe]]))
    expect(rest).toMatchObject({ changed: true, before: { prepared: false }, after: pxe })
    expect(rest?.after).not.toHaveProperty('prepared')
    const wanted = new Map([
      ['1/1', tenant(100, 200, 201)],
      ['Te 1/2', tenant(100, 200, 201)],
    ])
    const planned = await ports.plan(wanted)
    expect(planned.changes.map((change) => change.port)).toEqual(['1/1', 'Te 1/2'])
    await ports.ensurePorts(lease, wanted)
    expect(os9.terminal.carried(te(2))).toEqual(new Set([100, 200, 201]))
    expect(os9.terminal.vlans.get(200)).toBe('ferrule')
    expect((await ports.readSavedPorts(['1/1'])).get('1/1')).toMatchObject(tenant(100, 200, 201))
    await ports.ensurePorts(lease, new Map([['1/1', pxe]]))
    expect(os9.terminal.carried(te(1))).toEqual(new Set([10]))
    expect(os9.terminal.carried(te(3))).toEqual(new Set([10]))
  } finally {
    await ports.close()
  }
})

test('a type that no driver has', () => {
  expect(() => switchDriver('Netgear')).toThrow(expect.objectContaining({ code: 'invalid-input' }))
})
