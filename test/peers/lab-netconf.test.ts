import { afterAll, beforeAll, expect, test } from 'vitest'
import { type NetconfServer, startNetconf } from '../../lab/switch/netconf/server.ts'
import { runPython } from './support/python.ts'

/** The lab's NETCONF switch, asked by a client that we did not write. */

const user = { name: 'admin', password: 'netconf s3cret' }
let lab: NetconfServer

beforeAll(async () => {
  lab = await startNetconf({
    ...{ address: '127.0.0.1', port: 0, hostname: 'tor1', user },
    ...{ hosts: ['Ethernet1', 'Ethernet2'], uplinks: ['Ethernet49'], pxeVlan: 10, vlans: [20, 30] },
  })
})
afterAll(() => lab?.stop())

test('ncclient: greeting, reading, editing, errors as RFC 6241 has them, and commits that are taken back', async () => {
  const printed = await runPython('ncclient', 'session.py', [
    '127.0.0.1',
    String(lab.port),
    user.name,
    user.password,
  ])
  const { capabilities, ...said } = JSON.parse(printed)
  expect(capabilities).toEqual(
    expect.arrayContaining([
      'urn:ietf:params:netconf:base:1.1',
      'urn:ietf:params:netconf:capability:confirmed-commit:1.1',
      expect.stringMatching(/module=openconfig-vlan&revision=\d/),
    ]),
  )
  const error = (tag: string, type = 'application') =>
    expect.objectContaining({ tag, type, severity: 'error', message: expect.stringMatching(/\w/) })
  expect(said).toEqual({
    chunked: true,
    before: '10',
    state: 'UP',
    locked: expect.objectContaining({ tag: 'lock-denied', info: expect.stringMatching(/session-id>1</) }),
    in_use: error('in-use', 'protocol'),
    candidate: ['20', '10'],
    committed: '20',
    exists: error('data-exists'),
    missing: error('data-missing'),
    unknown: error('unknown-element'),
    invalid: error('invalid-value'),
    no_vlan: error('invalid-value'),
    running: error('operation-not-supported', 'protocol'),
    unconfirmed: ['30', '20'],
    confirmed: '30',
    cancelled: ['20', '30'],
    killed: ['20', '30'],
    stranger: error('invalid-value'),
    persisted: '20',
    startup: ['10', '20'],
  })
  expect(lab.model.membership('Ethernet1')).toEqual({ enabled: true, untagged: 20, tagged: [] })
  await expect.poll(() => lab.open(), { timeout: 10_000 }).toBe(0)
})
