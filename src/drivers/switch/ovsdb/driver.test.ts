import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { openSwitchPorts } from '../engine.ts'
import { fence, tenant, testLease } from '../test-support/fake-switch.ts'
import {
  isRead,
  type Request,
  recordedRows,
  result,
  type ScriptedServer,
  scriptedServer,
} from '../test-support/ovsdb-server.ts'
import type { SwitchPorts } from '../types.ts'
import { ovsdb } from './driver.ts'

let server: ScriptedServer
let ports: SwitchPorts

async function against(
  write: (request: Request, socket: Socket) => void,
  rows = () => recordedRows,
): Promise<void> {
  server = await scriptedServer((request, socket) => {
    if (isRead(request)) socket.write(result(request, rows()))
    else write(request, socket)
  })
  ports = openSwitchPorts({
    id: 'tor1',
    driver: ovsdb,
    endpoint: { address: server.address, username: 'none', password: 'none' },
    fence: { ...fence, ports: new Set(['swp1', 'swp2']) },
    timeouts: { coalesceMs: 0, requestMs: 300, readRetryMs: [] },
  })
}

afterEach(async () => {
  await ports.close()
  await server.stop()
})

test('recorded rows are read; nothing is asked twice at the same moment', async () => {
  await against(() => undefined)
  const read = await ports.readPorts(['swp1', 'swp2', 'up1', 'bond0'])
  expect(read.get('swp1')).toEqual(tenant(200))
  expect(read.get('swp2')).toEqual(tenant(201, 300, 301))
  expect(read.get('up1')).toMatchObject({ mode: 'trunk', untagged: 0, enabled: true })
  expect(read.get('bond0')).toMatchObject({ enabled: false })
  expect(server.requests).toHaveLength(1)
})

test('the write demands what was read, writes that port and counts, and waits until it is in force', async () => {
  const rows = [recordedRows, recordedRows.replace('"tag": 200', '"tag": 202')]
  await against(
    (request, socket) =>
      socket.write(result(request, '[{},{"count":1},{"count":1},{"rows":[{"next_cfg":6}]}]')),
    () => rows.shift() ?? recordedRows,
  )
  await ports.ensurePorts(testLease(), new Map([['swp1', tenant(202)]]))
  const [, write, wait] = server.requests
  const row = ['_uuid', '==', ['uuid', '034524c9-0973-4d69-9df1-c316a4dfa742']]
  expect(write?.params).toEqual([
    'Open_vSwitch',
    {
      op: 'wait',
      timeout: 0,
      table: 'Port',
      where: [row],
      columns: ['name', 'vlan_mode', 'tag', 'trunks'],
      until: '==',
      rows: [{ name: 'swp1', vlan_mode: 'access', tag: 200, trunks: ['set', []] }],
    },
    {
      op: 'update',
      table: 'Port',
      where: [row],
      row: { vlan_mode: 'access', tag: 202, trunks: ['set', []] },
    },
    { op: 'mutate', table: 'Open_vSwitch', where: [], mutations: [['next_cfg', '+=', 1]] },
    { op: 'select', table: 'Open_vSwitch', where: [], columns: ['next_cfg'] },
  ])
  expect(wait?.params).toMatchObject(['Open_vSwitch', { op: 'wait', where: [['cur_cfg', '<', 6]] }])
})

test('the connection ends under a write that was done: what came of it is read, nothing is sent twice', async () => {
  let done = false
  await against(
    (_request, socket) => {
      done = true
      socket.destroy()
    },
    () => (done ? recordedRows.replace('"tag": 200', '"tag": 202') : recordedRows),
  )
  const results = await ports.ensurePorts(testLease(), new Map([['swp1', tenant(202)]]))
  expect(results).toMatchObject([{ changed: true, after: tenant(202) }])
  expect(server.requests.filter((request) => !isRead(request))).toHaveLength(1)
})

test('the same, and it was not done: the error says that nothing had been changed', async () => {
  await against((_request, socket) => socket.destroy())
  await expect(ports.ensurePorts(testLease(), new Map([['swp1', tenant(202)]]))).rejects.toMatchObject({
    code: 'switch-unreachable',
    details: { seen: { swp1: tenant(200) }, restored: { ok: true } },
  })
})

test('a lost lease writes nothing', async () => {
  await against(() => undefined)
  const lease = testLease()
  const check = lease.check
  lease.check = async () => {
    if (lease.checks === 1) lease.lose()
    await check.call(lease)
  }
  await expect(ports.ensurePorts(lease, new Map([['swp1', tenant(202)]]))).rejects.toMatchObject({
    code: 'lease-lost',
  })
  expect(server.requests.filter((request) => !isRead(request))).toEqual([])
})

test('rows of another schema are refused', async () => {
  await against(
    () => undefined,
    () => recordedRows.replace('"vlan_mode": "access"', '"vlan_mode": 5'),
  )
  await expect(ports.readPorts(['swp1'])).rejects.toMatchObject({ code: 'switch-refused' })
})
