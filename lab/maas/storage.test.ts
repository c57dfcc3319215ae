import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type MaasRoom, maasRoom, until } from './test-support/room.ts'

const GIB = 2 ** 30

let room: MaasRoom
beforeEach(async () => {
  room = await maasRoom()
})
afterEach(() => room.stop())

const set = (id: string, fields: Record<string, string>) =>
  room.api.post(`machines/${id}/`, 'set_storage_layout', fields)
const diskOf = (id: string, index: number) => String(room.maas.region.node(id)?.disks[index]?.id)

describe('a storage layout', () => {
  test('shows what the root stands on, survives a release, and goes when it is restored', async () => {
    const id = room.maas.preload('r1-h1', 'Ready')
    const laid = await set(id, { storage_layout: 'lvm', root_size: String(200 * GIB) })
    expect(laid.status).toBe(200)
    expect(laid.body).toMatchObject({
      physicalblockdevice_set: [
        {
          name: 'sda',
          partitions: [{ size: 200 * GIB, filesystem: { fstype: 'lvm-pv', mount_point: '' } }],
        },
        { name: 'sdb', partitions: [], used_for: 'Unused' },
      ],
      virtualblockdevice_set: [{ name: 'vgroot-lvroot', filesystem: { fstype: 'ext4', mount_point: '/' } }],
      volume_groups: [{ name: 'vgroot' }],
    })
    await room.api.post('machines/', 'allocate', { system_id: id })
    const released = await room.api.post(`machines/${id}/`, 'release')
    expect(released.body).toMatchObject({ status_name: 'Ready', volume_groups: [{ name: 'vgroot' }] })
    const restored = await room.api.post(`machines/${id}/`, 'restore_storage_configuration')
    expect(restored.body).toMatchObject({
      physicalblockdevice_set: [{ partitions: [{ filesystem: { mount_point: '/' } }] }, { partitions: [] }],
      virtualblockdevice_set: [],
      volume_groups: [],
    })
  })

  test('bcache takes the other disk as its cache, and its own boot partition', async () => {
    const id = room.maas.preload('r1-h1', 'Ready')
    expect((await set(id, { storage_layout: 'bcache' })).body).toMatchObject({
      physicalblockdevice_set: [
        {
          partitions: [
            { size: GIB, bootable: true, filesystem: { mount_point: '/boot' } },
            { filesystem: { fstype: 'bcache-backing' } },
          ],
        },
        { partitions: [{ filesystem: { fstype: 'bcache-cache' } }] },
      ],
      bcaches: [{ name: 'bcache0', cache_mode: 'writethrough' }],
    })
  })

  test('is what the installer gets, and lies on the disks', async () => {
    const id = room.maas.preload('r1-h1', 'Ready')
    await set(id, { storage_layout: 'flat', root_device: diskOf(id, 1) })
    const second = room.world.machine('r1-h1').disks[1]
    expect(second?.read(512, 8).toString('latin1')).not.toBe('EFI PART')
    await room.api.post(`machines/${id}/`, 'deploy', { distro_series: 'jammy' })
    const curtin = await room.api.get(`machines/${id}/`, { op: 'get_curtin_config' })
    const { storage } = parse(String(curtin.body))
    expect(storage.config).toContainEqual(expect.objectContaining({ id: 'sdb-part1', type: 'partition' }))
    expect(storage.config).toContainEqual(expect.objectContaining({ path: '/', id: 'sdb-part1_mount' }))
    await until(() => second?.read(512, 8).toString('latin1') === 'EFI PART')
  })

  test('is set and restored in Ready only', async () => {
    const id = room.maas.preload('r1-h1', 'Ready')
    await room.api.post('machines/', 'allocate', { system_id: id })
    expect(await set(id, { storage_layout: 'lvm' })).toMatchObject({
      status: 409,
      body: 'Cannot change the storage layout on a machine that is not Ready.',
    })
    expect((await room.api.post(`machines/${id}/`, 'restore_storage_configuration')).status).toBe(409)
  })

  test.each([
    [{}, { storage_layout: ['This field is required.'] }],
    [
      { storage_layout: 'zfs' },
      {
        storage_layout: [
          "'zfs' is not a valid storage_layout.  It should be one of: 'bcache', 'blank', 'custom', 'flat', 'lvm', 'vmfs6', 'vmfs7'.",
        ],
      },
    ],
    [
      { storage_layout: 'lvm', root_size: '1000' },
      { root_size: ['Size is too small. Minimum size is 3221225472.'] },
    ],
    [
      { storage_layout: 'lvm', root_size: String(480e9) },
      { root_size: ['Size is too large. Maximum size is 478926258176.'] },
    ],
    [
      { storage_layout: 'bcache' },
      "Failed to configure storage layout 'bcache': Node doesn't have an available cache device to setup bcache.",
    ],
  ])('%j is refused as MAAS refuses it', async (fields, body) => {
    const id = room.maas.preload('r1-h2', 'Ready')
    expect(await set(id, fields as Record<string, string>)).toMatchObject({ status: 400, body })
  })

  test('a machine without a root file system cannot be deployed', async () => {
    const id = room.maas.preload('r1-h2', 'Ready')
    await set(id, { storage_layout: 'blank' })
    expect(await room.api.post(`machines/${id}/`, 'deploy', { distro_series: 'jammy' })).toMatchObject({
      status: 400,
      body: { storage: ["Mount the root '/' filesystem to be able to deploy this node."] },
    })
  })
})
