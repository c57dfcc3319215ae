import { expect, test } from 'vitest'
import { SwitchBreaker } from './breaker.ts'
import { guardedDevice } from './guarded-device.ts'
import { FakeSwitch } from './test-support/fake-switch.ts'

test('what a switch can do is asked when it matters, and not remembered from before it was met', () => {
  let met = false
  const device = new Proxy(new FakeSwitch(), {
    get: (fake, name) =>
      name === 'capabilities' ? { ...fake.capabilities, saveSeparate: met } : Reflect.get(fake, name),
  })
  const guarded = guardedDevice(device, new SwitchBreaker('tor1'))
  expect(guarded.capabilities.saveSeparate).toBe(false)
  met = true
  expect(guarded.capabilities.saveSeparate).toBe(true)
})
