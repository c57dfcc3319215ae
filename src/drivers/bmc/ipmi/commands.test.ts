import { expect, test } from 'vitest'
import { chassisControl, decodeChassisPower, getChassisStatus } from './commands.ts'
import { completionText } from './completion-codes.ts'
import { decodeReply, encodeRequest } from './message.ts'

test('requests carry addresses, network function, request number and checksums', () => {
  // By hand: 20+00 -> e0; 81+(5<<2)+01 -> 81+14+01 = 96 -> 6a.
  expect(encodeRequest(getChassisStatus, 5).toString('hex')).toBe('2000e08114016a')
  // 81+04+02+02 = 89 -> 77.
  expect(encodeRequest(chassisControl.powerCycle, 1).toString('hex')).toBe('2000e08104020277')
})

test('a reply is read by network function, request number and command', () => {
  const reply = Buffer.from('81047b201401000140103e', 'hex')
  expect(decodeReply(reply, getChassisStatus, 5)).toEqual({
    completionCode: 0,
    data: Buffer.from([0x01, 0x40, 0x10]),
  })
  expect(decodeReply(reply, getChassisStatus, 6)).toBeUndefined()
  expect(decodeReply(reply, chassisControl.powerUp, 5)).toBeUndefined()
  expect(decodeReply(reply.subarray(0, 7), getChassisStatus, 5)).toBeUndefined()
  // A request of somebody else that echoes back is no reply.
  expect(decodeReply(encodeRequest(getChassisStatus, 5), getChassisStatus, 5)).toBeUndefined()
})

test('power is bit 0 of the chassis status', () => {
  expect(decodeChassisPower(Buffer.from([0x61, 0, 0]))).toBe('on')
  expect(decodeChassisPower(Buffer.from([0x60, 0, 0]))).toBe('off')
  expect(decodeChassisPower(Buffer.alloc(0))).toBeUndefined()
})

test.each([
  [0xd4, 'insufficient privilege level (0xD4)'],
  [0x80, 'command-specific refusal (0x80)'],
  [0xe0, 'unknown code (0xE0)'],
])('code %i in words', (code, text) => {
  expect(completionText(code)).toBe(text)
})
