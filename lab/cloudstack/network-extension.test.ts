import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CloudRoom, cloudRoom } from './test-support/room.ts'

/** The extension is a program that the test writes; it is called as NetworkExtensionElement of CloudStack 4.23 calls it. */
describe('a NetworkOrchestrator in the lab', () => {
  let room: CloudRoom
  let network: string
  let vm: string
  beforeAll(async () => {
    room = await cloudRoom()
    const { extension } = await room.api('createExtension', {
      ...{ name: 'metal-network', type: 'NetworkOrchestrator', path: 'metal-network/metal.sh' },
      'details[0].network.services': 'UserData',
    })
    const { physicalnetwork } = await room.api('listPhysicalNetworks')
    await room.api('registerExtension', {
      ...{ extensionid: extension.id, resourceid: physicalnetwork[0].id, resourcetype: 'PhysicalNetwork' },
    })
    const asked = {
      ...{ name: 'flat', guestiptype: 'L2', traffictype: 'GUEST', supportedservices: 'UserData' },
      'serviceproviderlist[0].service': 'UserData',
    }
    // a provider that is none of them
    const wrong = room.api('createNetworkOffering', { ...asked, 'serviceproviderlist[0].provider': 'metal' })
    await expect(wrong).rejects.toThrow(/is not there for UserData/)
    const provider = { 'serviceproviderlist[0].provider': 'metal-network' }
    const dhcp = { supportedservices: 'Dhcp', 'serviceproviderlist[0].service': 'Dhcp' }
    await expect(room.api('createNetworkOffering', { ...asked, ...provider, ...dhcp })).rejects.toThrow(
      /doesn't support service Dhcp/,
    )
    const { networkoffering } = await room.api('createNetworkOffering', { ...asked, ...provider })
    network = await room.network('flat', { networkofferingid: networkoffering.id })
    await room.when('ensure-network-device', `echo '{"device":"d1"}'`)
  })
  afterAll(() => room?.stop())

  const commands = async () => (await room.calls()).map((line) => line.replace(/ \d+$/, ''))

  test('a start: the network, then each NIC and its metadata, each after a question for the device', async () => {
    vm = (await room.deploy('web1', network)).id
    expect(await room.calls()).toEqual([
      ...['prepare 1800', 'ensure-network-device 60', 'implement-network 60'],
      ...['ensure-network-device 60', 'prepare-nic 60', 'ensure-network-device 60', 'save-vm-data 60'],
      'create 1800',
    ])
    const { payload, ...around } = await room.payload('save-vm-data')
    expect(around).toMatchObject({
      'network-extension-details': { device: 'd1' },
      'physical-network-extension-details': { physicalnetworkname: 'guest' },
    })
    expect(payload).toMatchObject({ guest_type: 'l2', vlan: '300', ip: '', default_nic: 'true' })
    expect(payload.vm_data).toContainEqual({ dir: 'meta-data', file: 'vm-id', content: vm })
    expect((await room.payload('ensure-network-device')).payload.current_details).toBe('{"device":"d1"}')
  })

  test('a stop releases the NICs; a start whose metadata cannot be saved is tried anew', async () => {
    await room.job('stopVirtualMachine', { id: vm })
    expect(await commands()).toEqual(['stop', 'ensure-network-device', 'release-nic'])
    await room.when('save-vm-data', '[ -f failed ] || { touch failed; exit 1; }')
    await room.job('startVirtualMachine', { id: vm })
    expect((await commands()).filter((one) => one !== 'ensure-network-device')).toEqual([
      ...['prepare-nic', 'save-vm-data', 'stop', 'release-nic'],
      ...['prepare-nic', 'save-vm-data', 'start'],
    ])
  })

  test('an NIC for a running server is reserved, plugged in vain, and released', async () => {
    const { id } = (await room.api('listNetworkOfferings')).networkoffering.at(-1)
    const other = await room.network('other', { networkofferingid: id })
    const added = room.job('addNicToVirtualMachine', { virtualmachineid: vm, networkid: other })
    await expect(added).rejects.toThrow(/failed to plug it/)
    expect((await commands()).filter((one) => one !== 'ensure-network-device')).toEqual([
      ...['prepare-nic', 'save-vm-data', 'com.cloud.agent.api.PlugNicCommand', 'release-nic'],
    ])
    await room.job('deleteNetwork', { id: other })
    expect(await commands()).toEqual(['ensure-network-device', 'destroy-network'])
  })
})
