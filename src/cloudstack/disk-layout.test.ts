import { expect, test } from 'vitest'
import { diskLayoutOf } from './catalogue.ts'

test('the detail External:disk_layout is a layout, or nothing at all', () => {
  expect(diskLayoutOf({ diskLayout: null, offering: null })).toBeUndefined()
  expect(diskLayoutOf({ diskLayout: null, offering: 'fast' })).toBeUndefined()
  expect(diskLayoutOf({ diskLayout: 'lvm', offering: null })).toMatchObject({ name: 'lvm' })
})

test('it is refused when it is none that is offered, or contradicts an offering', () => {
  expect(() => diskLayoutOf({ diskLayout: 'zfs', offering: null })).toThrow(/"zfs" is unknown/)
  expect(() => diskLayoutOf({ diskLayout: 'lvm', offering: 'fast' })).toThrow(/both given/)
})
