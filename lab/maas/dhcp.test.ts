import { afterEach, beforeEach, expect, test } from 'vitest'
import { type MaasRoom, maasRoom } from './test-support/room.ts'

let room: MaasRoom
beforeEach(async () => {
  room = await maasRoom()
  await room.api.send('PUT', 'ipranges/1/', {}, { start_ip: '10.10.0.100', end_ip: '10.10.0.101' })
})
afterEach(() => room.stop())

test('the range runs out, and a lease that ended is given to the next', async () => {
  const { dhcp } = room.maas
  expect(dhcp.offer('06:00:00:00:00:01')).toEqual({ ip: '10.10.0.100' })
  expect(dhcp.offer('06:00:00:00:00:02')).toEqual({ ip: '10.10.0.101' })
  expect(dhcp.offer('06:00:00:00:00:01')).toEqual({ ip: '10.10.0.100' })
  expect(dhcp.offer('06:00:00:00:00:03')).toBeNull()
  expect((await room.api.get('subnets/3/', { op: 'ip_addresses' })).body).toHaveLength(2)

  await room.world.clock.sleep(11 * 60_000)
  expect((await room.api.get('subnets/3/', { op: 'ip_addresses' })).body).toEqual([])
  expect(dhcp.offer('06:00:00:00:00:03')).not.toBeNull()
  expect(Object.keys(room.maas.region.state.leases)).toHaveLength(2)
})
