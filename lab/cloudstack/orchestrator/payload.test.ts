import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CloudRoom, cloudRoom } from '../test-support/room.ts'

let room: CloudRoom
beforeEach(async () => {
  room = await cloudRoom()
})
afterEach(() => room.stop())

/** Details are the test's own in both; everything else has the recorded names and kinds of values. */
function shape(value: unknown, name = ''): unknown {
  if (['details', 'extension', 'host', 'resourcemap', 'action', 'networkIdToNetworkNameMap'].includes(name))
    return typeof value
  if (Array.isArray(value)) return value.map((one) => shape(one))
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, part]): [string, unknown] => [key, name === 'virtualmachine' ? '' : shape(part, key)])
      .filter(([key]) => name !== 'virtualmachine' || key === 'cloudstack.vlan')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function recorded(name: string): unknown {
  const file = new URL(`../../../test/fixtures/cloudstack/${name}.json`, import.meta.url)
  return shape(JSON.parse(readFileSync(file, 'utf8')))
}

test('payloads have the parts that a real CloudStack was recorded with, action by action', async () => {
  const l2 = await room.network('l2', { networkofferingid: room.ids.l2, vlan: '900' })
  const { id } = await room.deploy('web1', l2)
  for (const action of ['stop', 'start', 'reboot']) await room.job(`${action}VirtualMachine`, { id })
  room.cloudstack.dials.pingMs = 10
  await expect.poll(async () => (await room.calls()).includes('status 1800'), { timeout: 5_000 }).toBe(true)
  room.cloudstack.dials.pingMs = 0
  await room.job('destroyVirtualMachine', { id, expunge: 'true' })
  for (const action of ['prepare', 'create', 'stop', 'start', 'reboot', 'status', 'delete'])
    expect([action, shape(await room.payload(action))]).toEqual([action, recorded(action)])
})

test('in an isolated network a NIC has addresses, and no VLAN yet when it is prepared', async () => {
  await room.deploy('web1', await room.network('blue'))
  expect(shape(await room.payload('create'))).toEqual(recorded('create-isolated-vr'))
  const { nics } = (await room.payload('prepare'))['cloudstack.vm.details']
  expect(nics[0]).toMatchObject({ ip: '10.1.1.2', mac: '02:01:00:cc:00:01' })
  expect(nics[0]).not.toHaveProperty('broadcastUri')
})
