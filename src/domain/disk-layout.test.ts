import { describe, expect, test } from 'vitest'
import {
  type DiskLayout,
  diskLayoutFault,
  formatDiskLayout,
  parseDiskLayout,
  unlikeLayout,
} from './disk-layout.ts'

const GB = 1e9
const disk = (name: string, size: number) => ({ name, size, serial: name, model: 'SSD' })

describe('a disk layout as it is written', () => {
  test.each<[string, DiskLayout]>([
    ['flat', { name: 'flat', rootDisk: null, rootSize: null }],
    ['bcache', { name: 'bcache', rootDisk: null, rootSize: null }],
    ['lvm,root_size=200G', { name: 'lvm', rootDisk: null, rootSize: 200 * GB }],
    ['lvm,root_disk=nvme0n1,root_size=1500G', { name: 'lvm', rootDisk: 'nvme0n1', rootSize: 1500 * GB }],
  ])('%s is read, and written the same', (text, layout) => {
    expect(parseDiskLayout(text)).toEqual(layout)
    expect(formatDiskLayout(layout)).toBe(text)
  })

  test('has one spelling, however it was written', () => {
    expect(formatDiskLayout(parseDiskLayout('lvm, root_size=1.5T , root_disk=sda'))).toBe(
      'lvm,root_disk=sda,root_size=1500G',
    )
  })

  test.each([
    ['zfs', /"zfs" is unknown/],
    ['', /"" is unknown/],
    ['blank', /blank leaves the disks without a root file system/],
    ['vmfs7', /vmfs7 is for VMware ESXi/],
    ['custom', /commissioning script/],
    ['lvm,vg_name=x', /"vg_name=x" is no option/],
    ['lvm,root_disk=/dev/sda', /"root_disk=\/dev\/sda" is no option/],
    ['lvm,root_size=200', /"200" is no size/],
    ['lvm,root_size=2G', /a root of 2G is too small/],
    ['bcache,root_disk=sdb', /takes no root_disk/],
  ])('"%s" is refused', (text, message) => {
    expect(() => parseDiskLayout(text)).toThrow(message)
  })
})

describe('a host', () => {
  const one = [disk('sda', 480 * GB)]
  const two = [...one, disk('sdb', 960 * GB)]

  test.each([
    ['flat', one],
    ['lvm,root_size=400G', one],
    ['bcache', two],
    ['flat,root_disk=sdb', two],
    // before MAAS has looked nothing is known against it
    ['bcache', []],
  ])('carries %s', (text, disks) => {
    expect(diskLayoutFault(parseDiskLayout(text), disks)).toBeNull()
  })

  test.each([
    ['bcache', one, 'disk layout bcache needs two disks or more, and it has one'],
    ['flat,root_disk=sdc', two, 'has no disk sdc for its root; it has sda, sdb'],
    ['flat,root_size=480G', one, 'its disk sda of 480G is too small for a root of 480G'],
    ['flat,root_disk=sdb,root_size=600G', two, 'its disk sda of 480G is too small for a root of 600G'],
  ])('refuses %s, and says why', (text, disks, why) => {
    expect(diskLayoutFault(parseDiskLayout(text), disks)).toBe(why)
  })
})

describe('what MAAS says of a machine', () => {
  const whole = { name: 'lvm', disk: 'sda', diskSize: 480 * GB, rootSize: 479.99 * GB } as const
  const half = { ...whole, rootSize: 200 * GB - 2 ** 21 }

  test.each([
    ['lvm', whole],
    ['lvm,root_size=200G', half],
    ['lvm,root_disk=sda', whole],
  ])('is %s', (text, seen) => {
    expect(unlikeLayout(parseDiskLayout(text), seen, 'sda')).toBeNull()
  })

  test.each([
    ['lvm', null, /no root file system/],
    ['flat', whole, /MAAS has it as lvm/],
    ['lvm', half, /a root of 199997902848 bytes/],
    ['lvm,root_size=100G', half, /a root of 199997902848 bytes/],
    ['lvm,root_disk=sdb', whole, /its root on sda/],
    ['lvm', { ...whole, disk: 'sdb' }, /its root on sdb/],
  ])('is not %s', (text, seen, why) => {
    expect(unlikeLayout(parseDiskLayout(text), seen, 'sda')).toMatch(why)
  })
})
