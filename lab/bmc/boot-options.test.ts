import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { BootOptions } from './boot-options.ts'
import { defaultDials } from './dials.ts'
import { COMPLETION } from './message.ts'
import { stubMachine } from './test-support/stub-machine.ts'

const TIMEOUT_MS = 30
const PAST_TIMEOUT_MS = 120

function bench() {
  const machine = stubMachine()
  const options = new BootOptions(machine, defaultDials(), TIMEOUT_MS)
  return {
    machine,
    options,
    set: (...bytes: number[]) => options.set(Buffer.from(bytes)).completion,
    get: (parameter: number, selector = 0) =>
      options.get(Buffer.from([parameter, selector, 0])).data.toString('hex'),
  }
}

describe('boot flags', () => {
  test.each([
    [[0xa0, 0x04], { valid: true, persistent: false, efi: true, device: 'network' }],
    [[0xe0, 0x08], { valid: true, persistent: true, efi: true, device: 'disk' }],
    [[0xc0, 0x14], { valid: true, persistent: true, efi: false, device: 'cdrom' }],
    [[0x80, 0x18], { valid: true, persistent: false, efi: false, device: 'bios' }],
    [[0x00, 0x00], { valid: false, persistent: false, efi: false, device: 'none' }],
    [[0x80, 0x0c], { valid: true, persistent: false, efi: false, device: 'disk' }],
  ])('%j is kept and read back', (bytes, flags) => {
    const { machine, options, set, get } = bench()
    expect(set(5, ...bytes, 0x20, 0, 0)).toBe(COMPLETION.ok)
    expect(machine.bootFlags).toEqual(flags)
    expect(get(5)).toBe(`0105${Buffer.from([...bytes, 0x20, 0, 0]).toString('hex')}`)
    options.stopTimer()
  })

  test('read back as the machine has them after a boot used them up', () => {
    const { machine, set, get, options } = bench()
    set(5, 0x80, 0x04, 0, 0, 0)
    machine.powerOn()
    expect(get(5)).toBe('01050004000000')
    machine.bootFlags = { valid: true, persistent: true, efi: false, device: 'disk' }
    expect(get(5)).toBe('0105c008000000')
    options.stopTimer()
  })

  test('an unknown device, short data and unknown parameters are refused and change nothing', () => {
    const { machine, set, options } = bench()
    expect(set(5, 0x80, 0x3c, 0, 0, 0)).toBe(COMPLETION.invalidField)
    expect(set(5, 0x80)).toBe(COMPLETION.lengthInvalid)
    expect(set(8, 1)).toBe(COMPLETION.parameterNotSupported)
    expect(set(0x7f)).toBe(COMPLETION.parameterNotSupported)
    expect(options.get(Buffer.from([8, 0, 0])).completion).toBe(COMPLETION.parameterNotSupported)
    expect(options.get(Buffer.from([7, 5, 0])).completion).toBe(COMPLETION.parameterNotSupported)
    expect(set(6, 1, 2, 3)).toBe(COMPLETION.lengthInvalid)
    expect(set(7, 5, 1)).toBe(COMPLETION.invalidField)
    expect(machine.acts).toEqual([])
  })
})

test('the small parameters are kept', () => {
  const { set, get } = bench()
  set(0, 1)
  expect(get(0)).toBe('010001')
  set(0, 2)
  expect(get(0)).toBe('010000')
  set(3, 0x08)
  expect(get(3)).toBe('010308')
  set(4, 0x03, 0x01)
  set(4, 0x02, 0x02)
  expect(get(4)).toBe('01040003')
  expect(get(6)).toBe('0106000000000000000000')
  set(6, 1, 2, 3, 4, 5, 6, 7, 8, 9)
  expect(get(6)).toBe('0106010203040506070809')
  set(1, 7)
  set(2, 3)
  expect([get(1), get(2)]).toEqual(['010107', '010203'])
  set(7, 1, 0xaa, 0xbb)
  expect(get(7, 1)).toBe(`010701aabb${'00'.repeat(14)}`)
  expect(get(7, 0)).toBe(`010700${'00'.repeat(16)}`)
})

test('a parameter can be marked as invalid, with or without a value', () => {
  const { set, get } = bench()
  set(0x80 | 3, 0x08)
  expect(get(3)).toBe('018308')
  set(3)
  expect(get(3)).toBe('010308')
  set(0x85)
  expect(get(5)).toBe('01850000000000')
})

describe('a button at the front panel', () => {
  test.each([
    ['power', 0x00, false],
    ['power', 0x01, true],
    ['power', 0x02, false],
    ['reset', 0x02, true],
    ['reset', 0x01, false],
    ['reset', 0x1f, true],
  ] as const)('%s with parameter 3 = %i: valid stays %s', (button, keep, valid) => {
    const { machine, options, set } = bench()
    set(3, keep)
    set(5, 0xc0, 0x04, 0, 0, 0)
    options.buttonPressed(button)
    expect(machine.bootFlags).toMatchObject({ valid, device: 'network', persistent: true })
  })
})

describe('a once flag that no boot uses', () => {
  test('loses its valid bit after the timeout', async () => {
    const { machine, set, get } = bench()
    set(5, 0x80, 0x04, 0, 0, 0)
    await sleep(PAST_TIMEOUT_MS)
    expect(machine.bootFlags).toEqual({ valid: false, persistent: false, efi: false, device: 'network' })
    expect(get(5)).toBe('01050004000000')
  })

  test.each([
    ['parameter 3 was set before', [3, 0x08], [5, 0x80, 0x04, 0, 0, 0]],
    ['parameter 3 is set after, as FreeIPMI does', [5, 0x80, 0x04, 0, 0, 0], [3, 0x1f]],
    ['it is persistent', [0, 0], [5, 0xc0, 0x04, 0, 0, 0]],
  ])('keeps it when %s', async (_, first, second) => {
    const { machine, set } = bench()
    set(...first)
    set(...second)
    await sleep(PAST_TIMEOUT_MS)
    expect(machine.bootFlags.valid).toBe(true)
  })

  test('is left to the machine once a boot was ordered', async () => {
    const { machine, options, set } = bench()
    set(5, 0x80, 0x04, 0, 0, 0)
    options.bootOrdered()
    await sleep(PAST_TIMEOUT_MS)
    expect(machine.bootFlags.valid).toBe(true)
  })
})
