import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CloudRoom, cloudRoom } from '../test-support/room.ts'

let room: CloudRoom
let files: Server
beforeEach(async () => {
  room = await cloudRoom()
  files = createServer((request, response) =>
    response.end(request.url === '/rack.json' ? '{"racks":[]}' : 'racks: none'),
  )
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  files.close()
  await room.stop()
})

const at = (path: string) => `http://127.0.0.1:${(files.address() as AddressInfo).port}/${path}`

test('there is one rack configuration at a time, and it must be JSON', async () => {
  await expect(room.job('addBaremetalRct', { baremetalrcturl: at('rack.yaml') })).rejects.toThrow(
    /^530 .*is illegal/,
  )
  expect(await room.api('listBaremetalRct')).toEqual({})
  const { baremetalrct } = await room.job('addBaremetalRct', { baremetalrcturl: at('rack.json') })
  expect(await room.api('listBaremetalRct')).toEqual({ count: 1, baremetalrct: [baremetalrct] })
  await expect(room.job('addBaremetalRct', { baremetalrcturl: at('rack.json') })).rejects.toThrow(
    /A RCT per deployment/,
  )
  await room.job('deleteBaremetalRct', { id: baremetalrct.id })
  expect(await room.api('listBaremetalRct')).toEqual({})
  await room.job('addBaremetalRct', { baremetalrcturl: at('rack.json') })
})

test('a baremetal host has the capacity that it is added with, in a cluster of its hypervisor only', async () => {
  const zoneid = room.ids.zone
  const podid = (await room.api('listPods')).pod[0].id
  const { cluster } = await room.api('addCluster', {
    ...{ zoneid, podid, clustername: 'old', clustertype: 'CloudManaged', hypervisor: 'BareMetal' },
  })
  const host = {
    ...{ zoneid, podid, hypervisor: 'BareMetal', url: 'http://10.0.0.7', username: 'root', password: 'p' },
    ...{ cpunumber: '16', cpuspeed: '2400', memory: '65536', hostmac: '52:54:00:00:00:07' },
  }
  const { host: added } = await room.api('addBaremetalHost', { ...host, clusterid: cluster[0].id })
  expect(added[0]).toMatchObject({ hypervisor: 'BareMetal', cpunumber: 16, memorytotal: 65536 * 2 ** 20 })
  expect(JSON.stringify(added)).not.toContain('"p"')
  await expect(room.api('addBaremetalHost', { ...host, clusterid: cluster[0].id })).rejects.toThrow(
    /there is one at/,
  )
  await expect(
    room.api('addBaremetalHost', { ...host, url: 'http://10.0.0.8', clustername: 'metal' }),
  ).rejects.toThrow(/Hypervisor type of the cluster metal is External/)
  await expect(room.api('deleteHost', { id: added[0].id })).rejects.toThrow(/not in maintenance mode/)
  await room.job('prepareHostForMaintenance', { id: added[0].id })
  await room.api('deleteHost', { id: added[0].id })
  expect((await room.api('listHosts', { hypervisor: 'BareMetal' })).host).toBeUndefined()
})
