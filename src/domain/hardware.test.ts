import { describe, expect, test } from 'vitest'
import { hardwareDifferences } from './hardware.ts'

const machine = {
  serial: 'CZJ0410XQ7',
  uuid: '4c4c4544-0051-3010-8052-b4c04f423132',
  disks: [{ name: 'sda', serial: 'S3Z1NB0K' }],
}

test('the same machine has no differences, however each side writes it', () => {
  expect(hardwareDifferences(machine, machine)).toEqual([])
  const bmc = {
    serial: ' czj0410xq7 ',
    uuid: '44454C4C-5100-1030-8052-B4C04F423132',
    disks: [{ name: 'Bay 1', serial: 'Samsung_SSD_S3Z1NB0K' }],
  }
  expect(hardwareDifferences(bmc, machine)).toEqual([])
})

test.each([
  null,
  '',
  'To Be Filled By O.E.M.',
  'Default string',
  '0123456789',
  'System Serial Number',
  '000000',
])('the serial number %j says nothing', (serial) => {
  expect(hardwareDifferences({ ...machine, serial }, machine)).toEqual([])
})

test.each(['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'])(
  'the UUID %s says nothing',
  (uuid) => {
    expect(hardwareDifferences({ ...machine, uuid }, machine)).toEqual([])
  },
)

describe('another machine', () => {
  test('by its serial number and UUID', () => {
    const bmc = { ...machine, serial: 'CZJ0410XQ8', uuid: '4c4c4544-0051-3010-8052-b4c04f423133' }
    expect(hardwareDifferences(bmc, machine)).toEqual([
      'serial number: CZJ0410XQ8 by its BMC, CZJ0410XQ7 by its commissioning',
      'UUID: 4c4c4544-0051-3010-8052-b4c04f423133 by its BMC, 4c4c4544-0051-3010-8052-b4c04f423132 by its commissioning',
    ])
  })

  test('by its disks: one that is gone, and one that came', () => {
    const bmc = { ...machine, disks: [{ name: 'Bay 1', serial: 'NEW1' }] }
    expect(hardwareDifferences(bmc, machine)).toEqual([
      'disk sda (S3Z1NB0K) is none of those that the BMC sees',
      'disk Bay 1 (NEW1) of the BMC was not there at the commissioning',
    ])
  })

  test('a BMC that sees no disks, or not their serial numbers, proves nothing', () => {
    expect(hardwareDifferences({ ...machine, disks: [] }, machine)).toEqual([])
    expect(hardwareDifferences({ ...machine, disks: [{ name: 'Bay 1', serial: null }] }, machine)).toEqual([])
  })
})
