import { expect, test } from 'vitest'
import { objectTarget } from './fault-target.ts'

test('sets dials in place, refuses unknown names and other kinds, and resets', async () => {
  const dials = { hang: false, delayMs: 0, hosts: [] as string[] }
  const target = objectTarget(dials)
  await target.set({ hang: true, hosts: ['h1'] })
  expect(dials).toEqual({ hang: true, delayMs: 0, hosts: ['h1'] })
  await expect(target.set({ delayMs: 5, onFire: true })).rejects.toThrow(
    'no dial "onFire"; there are hang, delayMs, hosts',
  )
  await expect(target.set({ hang: 'yes' })).rejects.toThrow('dial "hang" takes a value of kind boolean')
  await expect(target.set({ hosts: 'h1' })).rejects.toThrow('kind list')
  expect(dials.delayMs).toBe(0)
  await target.reset()
  expect(dials).toEqual({ hang: false, delayMs: 0, hosts: [] })
})
