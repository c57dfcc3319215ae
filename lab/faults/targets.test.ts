import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SwitchServer } from '../switch/server.ts'
import { ask, startTestSwitch } from '../switch/test-switch.ts'
import type { Disk } from '../world/types.ts'
import { machineTarget, switchTarget } from './targets.ts'

let tor: SwitchServer
beforeEach(async () => {
  tor = await startTestSwitch()
})
afterEach(() => tor.stop())

test('a switch: dials act at once, wrong ones are refused, reset brings it back', async () => {
  const target = switchTarget(tor)
  await target.set({ rejectPassword: true })
  expect((await ask(tor, 'GET', '')).status).toBe(401)
  await expect(target.set({ delayMs: 'long' })).rejects.toThrow('delayMs')
  await target.set({ down: true })
  await expect(ask(tor, 'GET', '')).rejects.toThrow()
  await target.reset()
  expect((await ask(tor, 'GET', '')).status).toBe(200)
})

test('a machine: its own dials and its disks', async () => {
  const dials = { bootHang: false }
  const disks = [
    { name: 'sda', readOnly: false },
    { name: 'sdb', readOnly: false },
  ] as Disk[]
  let changes = 0
  const target = machineTarget({ dials, disks }, () => {
    changes += 1
  })
  await target.set({ bootHang: true, readOnlyDisks: ['sdb'] })
  expect(dials.bootHang).toBe(true)
  expect(disks.map(({ readOnly }) => readOnly)).toEqual([false, true])
  await expect(target.set({ readOnlyDisks: ['sdz'] })).rejects.toThrow('no disk "sdz"')
  await target.reset()
  expect(target.get()).toEqual({ bootHang: false, readOnlyDisks: [] })
  expect(changes).toBe(2)
})
