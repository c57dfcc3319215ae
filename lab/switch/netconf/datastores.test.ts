import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SwitchportModel } from '../switchport/model.ts'
import { type CommitOptions, Datastores } from './datastores.ts'
import { edit, NETCONF } from './edit.ts'
import { parseMessage } from './element.ts'
import type { RpcError } from './rpc-error.ts'
import { OC_ETHERNET, OC_INTERFACES, OC_VLAN } from './schema.ts'

let model: SwitchportModel
let stores: Datastores

beforeEach(() => {
  vi.useFakeTimers()
  const hosts = ['Ethernet1', 'Ethernet2']
  model = new SwitchportModel({ hosts, uplinks: [], pxeVlan: 10, vlans: [20, 30] })
  stores = new Datastores(model, [])
})
afterEach(() => vi.useRealTimers())

/** Session 1 writes the port into this VLAN, and does not commit. */
function wish(port: string, vlan: number, session = 1): void {
  const config = parseMessage(
    `<config xmlns="${NETCONF}"><interfaces xmlns="${OC_INTERFACES}"><interface><name>${port}</name><ethernet xmlns="${OC_ETHERNET}"><switched-vlan xmlns="${OC_VLAN}"><config><access-vlan>${vlan}</access-vlan></config></switched-vlan></ethernet></interface></interfaces></config>`,
  )
  if (config === null) throw new Error('no XML')
  const data = stores.read('candidate')
  edit(data, config, 'merge')
  stores.putCandidate(data, session)
}

const vlan = (port = 'Ethernet1') => model.membership(port).untagged
const commit = (more: Partial<CommitOptions> = {}, session = 1) =>
  stores.commit(session, { confirmed: false, timeoutSeconds: 30, persist: null, persistId: null, ...more })
const refusal = (work: () => void): string => {
  try {
    work()
  } catch (error) {
    return (error as RpcError).xml
  }
  return 'done'
}

describe('locks', () => {
  test('one session at a time, and who has it is told', () => {
    stores.lock('candidate', 1)
    expect(refusal(() => stores.lock('candidate', 2))).toMatch(/lock-denied.*<session-id>1<\/session-id>/)
    expect(refusal(() => wish('Ethernet1', 20, 2))).toContain('in-use')
    expect(refusal(() => stores.unlock('candidate', 2))).toContain('operation-failed')
    stores.unlock('candidate', 1)
    stores.lock('candidate', 2)
  })

  test('none of a candidate that somebody has changed and not committed, until that is discarded', () => {
    wish('Ethernet1', 20)
    expect(refusal(() => stores.lock('candidate', 2))).toMatch(/lock-denied.*<session-id>0</)
    stores.discard(2)
    stores.lock('candidate', 2)
  })

  test('a lock of running keeps commits of others out', () => {
    stores.lock('running', 2)
    wish('Ethernet1', 20)
    expect(refusal(() => commit())).toContain('in-use')
    expect(vlan()).toBe(10)
  })

  test('they end with their session, and so does what was not committed under one', () => {
    stores.lock('candidate', 1)
    wish('Ethernet1', 20)
    stores.sessionOver(1)
    stores.lock('candidate', 2)
    commit({}, 2)
    expect(vlan()).toBe(10)
  })
})

describe('a confirmed commit', () => {
  beforeEach(() => {
    wish('Ethernet1', 20)
    commit({ confirmed: true })
    expect(vlan()).toBe(20)
  })

  test('that is confirmed stays', () => {
    commit()
    vi.advanceTimersByTime(3_600_000)
    stores.sessionOver(1)
    expect(vlan()).toBe(20)
  })

  test('that nobody confirms is taken back when its time is over, and not before', () => {
    vi.advanceTimersByTime(29_999)
    expect(vlan()).toBe(20)
    vi.advanceTimersByTime(1)
    expect(vlan()).toBe(10)
  })

  test('is taken back with its session, and when it is cancelled', () => {
    stores.sessionOver(2)
    expect(vlan()).toBe(20)
    stores.sessionOver(1)
    expect(vlan()).toBe(10)
    wish('Ethernet1', 20)
    commit({ confirmed: true })
    stores.cancelCommit(1, null)
    expect(vlan()).toBe(10)
    expect(refusal(() => stores.cancelCommit(1, null))).toContain('operation-failed')
  })

  test('that is followed by another begins its time anew, and goes back to the state before the first', () => {
    vi.advanceTimersByTime(20_000)
    wish('Ethernet2', 30)
    commit({ confirmed: true })
    vi.advanceTimersByTime(20_000)
    expect([vlan(), vlan('Ethernet2')]).toEqual([20, 30])
    vi.advanceTimersByTime(10_000)
    expect([vlan(), vlan('Ethernet2')]).toEqual([10, 10])
  })

  test('is nobody else’s to confirm or to cancel, and nobody else may lock running', () => {
    expect(refusal(() => commit({}, 2))).toContain('invalid-value')
    expect(refusal(() => stores.cancelCommit(2, null))).toContain('invalid-value')
    expect(refusal(() => stores.lock('running', 2))).toMatch(/lock-denied.*<session-id>1</)
  })

  test('with a name outlives its session, and is confirmed by who knows the name', () => {
    commit({ confirmed: true, persist: 'night' })
    stores.sessionOver(1)
    expect(vlan()).toBe(20)
    expect(refusal(() => commit({}, 2))).toContain('persist-id')
    commit({ persistId: 'night' }, 2)
    vi.advanceTimersByTime(3_600_000)
    expect(vlan()).toBe(20)
  })

  test('is gone after a reboot, as all is that was not saved', () => {
    stores.reboot()
    expect([vlan(), stores.unconfirmed]).toEqual([10, false])
    vi.advanceTimersByTime(3_600_000)
    expect(vlan()).toBe(10)
  })
})

test('startup is what was saved, and no commit', () => {
  wish('Ethernet1', 20)
  commit()
  stores.reboot()
  expect(vlan()).toBe(10)
  wish('Ethernet1', 20)
  commit()
  stores.save(1, false)
  stores.reboot()
  expect(vlan()).toBe(20)
})

test('a half commit changes the first port alone', () => {
  wish('Ethernet1', 20)
  wish('Ethernet2', 30)
  stores.commit(1, { confirmed: true, timeoutSeconds: 5, persist: null, persistId: null }, true)
  expect([vlan(), vlan('Ethernet2')]).toEqual([20, 10])
  stores.sessionOver(1)
  expect(vlan()).toBe(10)
})
