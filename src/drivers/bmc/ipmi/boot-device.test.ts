import { expect, test } from 'vitest'
import { scripted } from './testing/fixture.ts'

test.each([
  { device: 'network' as const, persistent: false, efi: true, bytes: 'a004000000' },
  { device: 'network' as const, persistent: false, efi: false, bytes: '8004000000' },
  { device: 'disk' as const, persistent: true, efi: true, bytes: 'e008000000' },
  { device: 'disk' as const, persistent: true, efi: false, bytes: 'c008000000' },
])('$device, persistent $persistent, EFI $efi', async ({ device, persistent, efi, bytes }) => {
  const { bmc, client, lease } = await scripted()
  await client.setBootDevice(lease, device, { persistent, efi })
  expect(bmc.bootFlags.toString('hex')).toBe(bytes)
  expect(await client.bootDevice()).toEqual({ device, persistent, valid: true })
})

test('parameter 3 goes first, so that the flags outlive the 60 second timer', async () => {
  const { bmc, client, lease } = await scripted()
  await client.setBootDevice(lease, 'network', { persistent: false, efi: true })
  const sets = bmc.commands.filter((command) => command.number === 0x08)
  const distinct = new Map(sets.map((command) => [command.requestSequence, command.data.toString('hex')]))
  expect([...distinct.values()]).toEqual(['0308', '05a004000000'])
})

test('a BMC without parameter 3 gets its boot device all the same', async () => {
  const { bmc, client, lease } = await scripted()
  bmc.fate = ({ number, data }) => (number === 0x08 && data[0] === 3 ? { code: 0x80 } : 'run')
  await client.setBootDevice(lease, 'network', { persistent: false, efi: true })
  expect((await client.bootDevice()).device).toBe('network')
})

test.each([
  ['the valid bit missing', (set: Buffer) => Buffer.from([(set[0] ?? 0) & 0x7f, ...set.subarray(1)])],
  ['another device', (set: Buffer) => Buffer.from([set[0] ?? 0, 0x14, 0, 0, 0])],
])('%s in the read-back is boot-device-unset', async (_, readBack) => {
  const { bmc, client, lease } = await scripted()
  bmc.readBack = readBack
  await expect(client.setBootDevice(lease, 'disk', { persistent: false, efi: true })).rejects.toMatchObject({
    code: 'boot-device-unset',
  })
})

test('flags that the BMC stores a moment later count', async () => {
  const { bmc, client, lease } = await scripted()
  let reads = 0
  bmc.readBack = (set) => (reads++ === 0 ? Buffer.alloc(5) : set)
  await client.setBootDevice(lease, 'disk', { persistent: false, efi: true })
  expect(await client.bootDevice()).toEqual({ device: 'disk', persistent: false, valid: true })
})

test('a persistent bit that the BMC ignores is let pass, and can be seen', async () => {
  const { bmc, client, lease } = await scripted()
  bmc.readBack = (set) => Buffer.from([(set[0] ?? 0) & ~0x40, ...set.subarray(1)])
  await client.setBootDevice(lease, 'disk', { persistent: true, efi: true })
  expect(await client.bootDevice()).toEqual({ device: 'disk', persistent: false, valid: true })
})

test.each([
  ['8024000000', 'disk'],
  ['8014000000', 'other'],
  ['8000000000', 'none'],
])('flags %s are %s', async (bytes, device) => {
  const { bmc, client } = await scripted()
  bmc.readBack = () => Buffer.from(bytes, 'hex')
  expect(await client.bootDevice()).toEqual({ device, persistent: false, valid: true })
})

test('taking it back clears the valid bit, and is read back', async () => {
  const { bmc, client, lease } = await scripted()
  await client.setBootDevice(lease, 'network', { persistent: true, efi: true })
  await client.clearBootDevice?.(lease)
  expect(bmc.bootFlags.toString('hex')).toBe('0000000000')
  expect(await client.bootDevice()).toEqual({ device: 'none', persistent: false, valid: false })
})

test('a BMC that still says "valid" after that is boot-device-unset', async () => {
  const { bmc, client, lease } = await scripted()
  bmc.readBack = () => Buffer.from('a004000000', 'hex')
  await expect(client.clearBootDevice?.(lease)).rejects.toMatchObject({ code: 'boot-device-unset' })
})
