import { expect, test } from 'vitest'
import { createClock } from './clock.ts'
import { SerialLine } from './serial.ts'

const instant = () => createClock({ scale: Number.POSITIVE_INFINITY, startAt: 0 })
const said = (line: SerialLine) => line.history().toString()
const never = new AbortController().signal

test('writes lines as a terminal driver, keeps the last 64 KiB, and tells who listens', () => {
  const line = new SerialLine(instant())
  const heard: string[] = []
  const stop = line.onOutput((bytes) => heard.push(bytes.toString()))
  line.print('one', 'two')
  stop()
  line.print('three')
  expect(said(line)).toBe('one\r\ntwo\r\nthree\r\n')
  expect(heard.join('')).toBe('one\r\ntwo\r\n')
  for (let n = 0; n < 2_000; n += 1) line.print(`${n}`.padEnd(98, '.'))
  expect(said(line).length).toBeLessThanOrEqual(64 * 1024)
  expect(said(line)).toMatch(/1999\.+\r\n$/)
})

test('a narration takes its time and nobody else’s; what is written before its end comes after it', async () => {
  const clock = instant()
  const line = new SerialLine(clock)
  const at: number[] = []
  line.onOutput(() => at.push(clock.now()))
  line.narrate(300, ['a', 'b', () => `c at ${clock.now()}`], never)
  await clock.sleep(300)
  expect(at).toEqual([0, 100, 200])
  line.narrate(300, ['d', 'e', 'f'], never)
  await clock.sleep(150)
  line.print('g')
  await clock.sleep(500)
  expect(said(line).split('\r\n')).toEqual(['a', 'b', 'c at 200', 'd', 'e', 'f', 'g', ''])
})

test('power that goes takes the rest of a narration and the reader with it', async () => {
  const clock = instant()
  const line = new SerialLine(clock)
  const keys: string[] = []
  line.readBy({ type: (bytes) => keys.push(bytes.toString()), break: () => keys.push('break') })
  line.type(Buffer.from('ls'))
  line.sendBreak()
  const power = new AbortController()
  line.narrate(100, ['a', 'b'], power.signal)
  power.abort(new Error('power lost'))
  line.cut()
  line.type(Buffer.from('rm'))
  await clock.sleep(500)
  expect(said(line)).toBe('a\r\n')
  expect(keys).toEqual(['ls', 'break'])
})
