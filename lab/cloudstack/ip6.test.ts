import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Answer, type CloudRoom, cloudRoom } from './test-support/room.ts'

let room: CloudRoom
let dual: string
beforeEach(async () => {
  room = await cloudRoom()
  dual = await offering('dual')
})
afterEach(() => room.stop())

async function offering(name: string, params: Record<string, string> = {}): Promise<string> {
  const asked = { name, guestiptype: 'Isolated', traffictype: 'GUEST', internetprotocol: 'dualstack' }
  const services = { supportedservices: 'Dhcp', 'serviceproviderlist[0].service': 'Dhcp' }
  const provider = { 'serviceproviderlist[0].provider': 'VirtualRouter' }
  const made = await room.api('createNetworkOffering', { ...asked, ...services, ...provider, ...params })
  return made.networkoffering.id
}

const shared = (params: Record<string, string>) => {
  const networkofferingid = room.cloudstack.state.networkOfferings.find(
    ({ guestType }) => guestType === 'Shared',
  )?.id
  const addresses = { gateway: '192.0.2.1', netmask: '255.255.255.0', vlan: '700' }
  return room.network('lan', { networkofferingid: networkofferingid ?? '', ...addresses, ...params })
}
const networks = async () => (await room.api('listNetworks')).network

test('isolated networks of a dual-stack offering have a /64 each, which goes on when one ends', async () => {
  const blue = await room.network('blue', { networkofferingid: dual })
  await room.network('green', { networkofferingid: dual })
  expect((await networks()).map(({ ip6cidr, ip6gateway }: Answer) => [ip6cidr, ip6gateway])).toEqual([
    ['2001:db8:1:1::/64', '2001:db8:1:1::1'],
    ['2001:db8:1:2::/64', '2001:db8:1:2::1'],
  ])
  await room.job('deleteNetwork', { id: blue })
  await room.network('teal', { networkofferingid: dual })
  expect((await networks()).at(-1).ip6cidr).toBe('2001:db8:1:1::/64')
})

test("a NIC's address is made of its MAC, is told in payloads, and is what its router advertises", async () => {
  const vm = await room.deploy('web1', await room.network('blue', { networkofferingid: dual }))
  const address = { ip6address: '2001:db8:1:1:1:ff:fecc:1', ip6gateway: '2001:db8:1:1::1' }
  const told = { ...address, ip6cidr: '2001:db8:1:1::/64' }
  expect(vm.nic).toMatchObject([{ macaddress: '02:01:00:cc:00:01', ...told }])
  const { nics } = (await room.payload('create'))['cloudstack.vm.details']
  expect(nics).toMatchObject([{ ...told, ip6Dns1: '2001:db8::53' }])
  const plain = await room.deploy('web2', await room.network('green'))
  expect(Object.keys(plain.nic[0]).filter((name) => name.startsWith('ip6'))).toEqual([])
  expect(room.dhcp.get(301)?.advertises?.()).toBeNull()
  expect(room.dhcp.get(300)?.advertises?.()).toEqual({ cidr: '2001:db8:1:1::/64', router: 'router-blue' })
})

test('prepare may change an address with its MAC', async () => {
  const network = await room.network('blue', { networkofferingid: dual })
  const change = '"mac":"52:54:00:00:00:01","ip6address":"2001:db8:1:1:5054:ff:fe00:1"'
  await room.when(
    'prepare',
    `id=$(sed -n 's/.*"nicUuid": "\\(.*\\)",/\\1/p' "$2"); echo '{"nics":[{"nicUuid":"'"$id"'",${change}}]}'`,
  )
  const { nic } = await room.deploy('web1', network)
  expect(nic).toMatchObject([{ macaddress: '52:54:00:00:00:01', ip6address: '2001:db8:1:1:5054:ff:fe00:1' }])
})

test("a shared network's prefix is its maker's, and advertised by no virtual router", async () => {
  const lan = await shared({ ip6gateway: '2001:db8:7::1', ip6cidr: '2001:db8:7::/64' })
  const { nic } = await room.deploy('web1', lan)
  expect(nic).toMatchObject([{ ip6address: '2001:db8:7:0:1:ff:fecc:1', ipaddress: '192.0.2.2' }])
  expect(room.dhcp.get(700)?.advertises?.()).toEqual({ cidr: '2001:db8:7::/64', router: 'upstream-lan' })
})

test('a shared network with half an IPv6 is refused', async () => {
  const refused = async (ip6gateway: string, ip6cidr: string, message: string) =>
    expect(shared({ ip6gateway, ip6cidr })).rejects.toThrow(message)
  await refused('2001:db8:7::1', '', 'ip6Gateway and ip6Cidr should be defined')
  await refused('2001:db8:7::1', '2001:db8:7::/56', 'exactly 64-bits in size')
  await refused('2001:db8:8::1', '2001:db8:7::/64', 'is not in ip6cidr indicated network')
  await refused('10.0.0.1', '2001:db8:7::/64', 'Invalid ip6Gateway')
})
