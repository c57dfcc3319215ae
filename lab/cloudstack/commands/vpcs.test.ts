import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Answer, type CloudRoom, cloudRoom } from '../test-support/room.ts'

let room: CloudRoom
let tierOffering: string
let vpc: Answer
beforeEach(async () => {
  room = await cloudRoom()
  const offerings = (await room.api('listNetworkOfferings', { forvpc: 'true' })).networkoffering
  tierOffering = offerings[0].id
  vpc = await newVpc()
})
afterEach(() => room.stop())

async function newVpc(params: Record<string, string> = {}): Promise<Answer> {
  const { vpcoffering } = await room.api('listVPCOfferings')
  const asked = { name: 'shop', zoneid: room.ids.zone, vpcofferingid: vpcoffering[0].id, cidr: '10.0.0.0/16' }
  return (await room.job('createVPC', { ...asked, ...params })).vpc
}

const tier = (name: string, gateway: string, params: Record<string, string> = {}) =>
  room.network(name, {
    ...{ networkofferingid: tierOffering, vpcid: vpc.id, gateway, netmask: '255.255.255.0' },
    ...params,
  })

test('offerings for tiers are told apart from others', async () => {
  const names = async (forvpc: string) =>
    (await room.api('listNetworkOfferings', { guestiptype: 'Isolated', forvpc })).networkoffering.map(
      ({ name }: { name: string }) => name,
    )
  expect(await names('false')).toEqual(['DefaultIsolatedNetworkOfferingWithSourceNatService'])
  expect(await names('true')).toEqual([
    'DefaultIsolatedNetworkOfferingForVpcNetworks',
    'DefaultIsolatedNetworkOfferingForVpcNetworksNoLB',
  ])
})

test('a VPC comes with an address of its own, has its tiers in it, and goes when it has none', async () => {
  await tier('web', '10.0.1.1')
  await tier('db', '10.0.2.1')
  await room.network('blue')
  const [shown] = (await room.api('listVPCs')).vpc
  expect(shown).toMatchObject({ id: vpc.id, state: 'Enabled', cidr: '10.0.0.0/16' })
  expect(shown.network.map(({ name, cidr }: Answer) => [name, cidr])).toEqual([
    ['web', '10.0.1.0/24'],
    ['db', '10.0.2.0/24'],
  ])
  expect((await room.api('listPublicIpAddresses', { vpcid: vpc.id })).publicipaddress).toMatchObject([
    { ipaddress: '198.51.100.1', issourcenat: true, vpcid: vpc.id },
  ])
  const { network } = await room.api('listNetworks', { vpcid: vpc.id })
  expect(network).toMatchObject([
    { name: 'web', vpcid: vpc.id, vpcname: 'shop' },
    { name: 'db', vpcid: vpc.id },
  ])
  await expect(room.job('deleteVPC', { id: vpc.id })).rejects.toThrow(
    "431 Can't delete VPC shop as its used by 2 networks",
  )
  for (const { id } of network) await room.job('deleteNetwork', { id })
  expect(await room.job('deleteVPC', { id: vpc.id })).toEqual({ success: true })
  expect(await room.api('listVPCs')).toEqual({})
})

test('a tier that does not fit is refused', async () => {
  await tier('web', '10.0.1.1')
  const refused = async (params: Record<string, string>, message: string) =>
    expect(tier('db', '10.0.2.1', params)).rejects.toThrow(new RegExp(`^${message}`))
  await refused({ gateway: '10.1.0.1' }, '431 Network cidr 10.1.0.0/24 is not within vpc shop cidr')
  await refused({ gateway: '10.0.1.129', netmask: '255.255.255.128' }, '431 .*crosses other network')
  await refused({ gateway: '10.0.0.1', netmask: '255.255.254.0' }, '431 .*crosses other network')
  await refused({ netmask: '' }, '431 Gateway/netmask are required')
  await refused({ gateway: '10.0.9.0' }, '431 Invalid gateway specified')
  await refused({ gateway: '10.0.9.1', networkdomain: 'else.where' }, '431 Network domain of the new')
  await refused({ vpcid: '' }, '431 Network offering can be used for VPC networks only')
  await refused({ vpcid: 'nothing' }, '431 .*entity does not exist')
  await refused(
    { networkofferingid: room.ids.isolated },
    "431 Network offering can't be used for VPC networks",
  )
  for (const number of [2, 3]) await tier(`t${number}`, `10.0.${number}.1`)
  await refused({ gateway: '10.0.4.1' }, '530 Number of networks per VPC cannot surpass .3.')
})

test('a VPC without addresses or without an offering is refused', async () => {
  await expect(newVpc({ cidr: '' })).rejects.toThrow('431 VPC cidr or cidr size must be specified')
  await expect(newVpc({ cidr: '10.0.0.0/33' })).rejects.toThrow('431 Invalid CIDR specified 10.0.0.0/33')
  await expect(newVpc({ vpcofferingid: 'nothing' })).rejects.toThrow(/^431 .*entity does not exist/)
})

test('one router answers in the VLANs of all tiers, and payloads name the VPC in the segments', async () => {
  const [web, db] = [await tier('web', '10.0.1.1'), await tier('db', '10.0.2.254')]
  const { nic } = await room.deploy('web1', `${web},${db}`)
  expect(nic).toMatchObject([
    { networkid: web, vpcid: vpc.id, isdefault: true, gateway: '10.0.1.1', ipaddress: '10.0.1.2' },
    { networkid: db, vpcname: 'shop', isdefault: false, gateway: '10.0.2.254', ipaddress: '10.0.2.2' },
  ])
  for (const { vlanid, macaddress, ipaddress } of nic) {
    expect(room.dhcp.get(vlanid)?.name).toBe('router-shop')
    expect(room.dhcp.get(vlanid)?.offer(macaddress)).toEqual({ ip: ipaddress })
  }
  expect(room.routers.networks()).toMatchObject([
    { name: 'web', router: 'shop', gateway: '10.0.1.1' },
    { name: 'db', router: 'shop', gateway: '10.0.2.254' },
  ])
  const told = (await room.payload('create'))['cloudstack.vm.details']
  expect(told.nics.map((one: Answer) => one.networkSegmentName)).toEqual([
    'D1-A2-Z1-V1-S204',
    'D1-A2-Z1-V1-S205',
  ])
  expect(told.networkIdToNetworkNameMap).toEqual({ 204: 'D1-A2-Z1-V1-S204', 205: 'D1-A2-Z1-V1-S205' })
})

test("a gateway that is not the first address is nobody else's", async () => {
  const tiny = await tier('tiny', '10.0.1.2', { netmask: '255.255.255.248' })
  expect((await room.deploy('web1', tiny)).nic[0].ipaddress).toBe('10.0.1.3')
})

test('names and tags of a VPC change', async () => {
  const { id } = vpc
  await room.job('updateVPC', { id, name: 'mall' })
  const about = { resourceids: id, resourcetype: 'Vpc', 'tags[0].key': 'of', 'tags[0].value': 'us' }
  await room.job('createTags', about)
  expect((await room.api('listVPCs', { id })).vpc).toMatchObject([
    { name: 'mall', displaytext: 'shop', tags: [{ key: 'of', value: 'us', resourcetype: 'Vpc' }] },
  ])
})
