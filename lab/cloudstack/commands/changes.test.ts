import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, type CloudRoom, cloudRoom } from '../test-support/room.ts'

let room: CloudRoom
let vm: Answer
beforeEach(async () => {
  room = await cloudRoom()
  vm = await room.deploy('web1', await room.network('blue'))
})
afterEach(() => room.stop())

const shown = async () => (await room.api('listVirtualMachines', { id: vm.id })).virtualmachine[0]
const base64 = (text: string) => Buffer.from(text).toString('base64')
const tagged = { resourceids: '', resourcetype: 'UserVm' }

describe('updateVirtualMachine', () => {
  test("changes what a user calls it, and its router's answer at once", async () => {
    const { virtualmachine } = await room.api('updateVirtualMachine', {
      id: vm.id,
      name: 'web2',
      displayname: 'the web',
      group: 'front',
      userdata: base64('#!/bin/sh\n'),
    })
    expect(virtualmachine).toMatchObject({ name: 'web2', displayname: 'the web', group: 'front' })
    expect(await shown()).toEqual(virtualmachine)
    expect(room.routers.networks()[0]?.nics[0]).toMatchObject({ hostname: 'web2', userData: '#!/bin/sh\n' })
  })

  test('details replace those of a user, and leave those of the extension', async () => {
    const update = (value: string) =>
      room.api('updateVirtualMachine', { id: vm.id, 'details[0].mine': value })
    await update('one')
    const { virtualmachine } = await room.api('updateVirtualMachine', {
      id: vm.id,
      'details[0].other': 'two',
    })
    expect(virtualmachine.details).toMatchObject({ other: 'two', 'External:image': 'ubuntu/jammy' })
    expect(virtualmachine.details).not.toHaveProperty('mine')
  })

  test('a name that is taken, or none of a host, is refused', async () => {
    await room.deploy('web2', await room.network('green'))
    const rename = (name: string) => room.api('updateVirtualMachine', { id: vm.id, name })
    await expect(rename('web2')).rejects.toThrow(/^431 .*already exists/)
    await expect(rename('9lives')).rejects.toThrow(/^431 Invalid name/)
    expect((await shown()).name).toBe('web1')
  })
})

describe('what a stopped instance is', () => {
  const offering = async (name: string) =>
    (await room.api('createServiceOffering', { name, cpunumber: '2', memory: '1024' })).serviceoffering.id

  test('another service offering is a record, which the next start tells', async () => {
    const change = { id: vm.id, serviceofferingid: await offering('m') }
    const asked = () => room.api('changeServiceForVirtualMachine', change)
    await expect(asked()).rejects.toThrow(/^431 Unable to upgrade .* in state Running/)
    await room.job('stopVirtualMachine', { id: vm.id })
    expect((await asked()).virtualmachine).toMatchObject({ serviceofferingname: 'm', cpunumber: 2 })
    await expect(asked()).rejects.toThrow(/^431 Not upgrading vm web1 since it already has/)
    await room.job('startVirtualMachine', { id: vm.id })
    const told = (await room.payload('start'))['cloudstack.vm.details']
    expect(told).toMatchObject({ cpus: 2, minRam: 2 ** 30 })
  })

  test('its size and its SSH key are no matter of an extension', async () => {
    const id = vm.id
    const scaled = room.job('scaleVirtualMachine', { id, serviceofferingid: await offering('m') })
    await expect(scaled).rejects.toThrow('431 Operation not supported for instance: web1')
    const reset = room.job('resetSSHKeyForVirtualMachine', { id, keypair: 'mine' })
    await expect(reset).rejects.toThrow('431 Operation not supported for instance: web1')
  })
})

describe('tags', () => {
  test('come, are told by their thing and by listTags, and go', async () => {
    const about = { ...tagged, resourceids: vm.id }
    await room.job('createTags', { ...about, 'tags[0].key': 'role', 'tags[0].value': 'web' })
    await room.job('createTags', { ...about, 'tags[0].key': 'tier', 'tags[0].value': '1' })
    expect((await shown()).tags).toMatchObject([
      { key: 'role', value: 'web' },
      { key: 'tier', value: '1' },
    ])
    const { tag } = await room.api('listTags', { key: 'tier' })
    expect(tag).toMatchObject([{ resourceid: vm.id, resourcetype: 'UserVm', value: '1' }])
    await room.job('deleteTags', { ...about, 'tags[0].key': 'role', 'tags[0].value': 'web' })
    expect((await shown()).tags).toMatchObject([{ key: 'tier' }])
    await room.job('deleteTags', about)
    expect((await shown()).tags).toEqual([])
  })

  test('a second one of a key, one that is not there, and a stranger are refused', async () => {
    const about = { ...tagged, resourceids: vm.id, 'tags[0].key': 'role', 'tags[0].value': 'web' }
    await room.job('createTags', about)
    await expect(room.job('createTags', about)).rejects.toThrow(/^530 tag role already on UserVm/)
    await expect(room.job('deleteTags', { ...about, 'tags[0].value': 'db' })).rejects.toThrow(/^530 /)
    await expect(room.job('createTags', { ...about, resourceids: 'nobody' })).rejects.toThrow(/^431 /)
    await expect(room.job('createTags', { ...about, resourcetype: 'Moon' })).rejects.toThrow(/^431 /)
  })
})

test('updateNetwork changes the names, and no addresses', async () => {
  const { id, cidr } = (await room.api('listNetworks')).network[0]
  const { network } = await room.job('updateNetwork', { id, name: 'cyan', displaytext: 'the cyan one' })
  expect(network).toMatchObject({ id, cidr, name: 'cyan', displaytext: 'the cyan one' })
  expect((await room.api('listNetworks', { name: 'cyan' })).network).toEqual([network])
})
