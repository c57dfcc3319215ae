import { expect, test } from 'vitest'
import { otherSize } from './size.ts'

const deployed = { cpuCount: 16, memoryMib: 65_536 }
const vm = { name: 'i-2-3-VM', cpuCount: 16, memoryMib: 65_536, offeredMib: 65_536, offering: null }

test('a machine has the size that it was deployed with, whatever a cluster overcommits', () => {
  expect(otherSize(vm, deployed)).toBeNull()
  expect(otherSize({ ...vm, memoryMib: 32_768 }, deployed)).toBeNull()
  expect(otherSize({ ...vm, memoryMib: 32_768 }, { ...deployed, memoryMib: 32_768 })).toBeNull()
})

test('another size is refused with both, and what to do', () => {
  expect(otherSize({ ...vm, cpuCount: 8, memoryMib: 32_768, offeredMib: 32_768 }, deployed)).toEqual({
    message:
      'i-2-3-VM is a machine with 16 CPUs and 65536 MiB, and its service offering now says 8 CPUs and 32768 MiB: a bare-metal server keeps its machine',
    remedy: 'Give it its first service offering again, or deploy a new server.',
  })
  expect(otherSize({ ...vm, memoryMib: 131_072, offeredMib: 131_072 }, deployed)).not.toBeNull()
})

test("nothing is said of a VM with an offering of Ferrule's, or without figures", () => {
  expect(otherSize({ ...vm, cpuCount: 8, offering: 'bm.large' }, deployed)).toBeNull()
  expect(otherSize({ ...vm, cpuCount: 0, memoryMib: 0, offeredMib: 0 }, deployed)).toBeNull()
})
