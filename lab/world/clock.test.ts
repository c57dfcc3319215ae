import { describe, expect, test } from 'vitest'
import { createClock } from './clock.ts'

describe.each([Number.POSITIVE_INFINITY, 10_000])('a clock of scale %d', (scale) => {
  test('wakes sleepers in the order of their virtual times, whoever slept first', async () => {
    const clock = createClock({ scale, startAt: 1_000 })
    const woken: string[] = []
    const sleep = (ms: number, name: string) => clock.sleep(ms).then(() => woken.push(name))
    await Promise.all([
      sleep(1_800_000, 'time-out'),
      sleep(60_000, 'POST').then(() => sleep(1_200_000, 'late')),
      sleep(20_000, 'PXE'),
    ])
    expect(woken).toEqual(['PXE', 'POST', 'late', 'time-out'])
    expect(clock.now()).toBeGreaterThanOrEqual(1_801_000)
  })

  test('a sleep that is aborted rejects with the reason, at once', async () => {
    const clock = createClock({ scale, startAt: 0 })
    const power = new AbortController()
    const sleeping = clock.sleep(1e12, power.signal)
    power.abort(new Error('power lost'))
    await expect(sleeping).rejects.toThrow('power lost')
    await expect(clock.sleep(1, power.signal)).rejects.toThrow('power lost')
    expect(clock.now()).toBeLessThan(1e11)
  })
})

test('without waiting, time stands still while real work is under way', async () => {
  const clock = createClock({ scale: Number.POSITIVE_INFINITY, startAt: 0 })
  let late = false
  const timeOut = clock.sleep(1_800_000).then(() => {
    late = true
  })
  await clock.hold(new Promise((resolve) => setTimeout(resolve, 30)))
  expect(late).toBe(false)
  await timeOut
  expect(clock.now()).toBe(1_800_000)
})

test('a process that stood still for a while loses no order: what takes two sleeps ends before a time-out', async () => {
  const clock = createClock({ scale: 10_000, startAt: 0 })
  const ended: string[] = []
  const work = clock
    .sleep(1_000_000)
    .then(() => clock.sleep(1_000_000))
    .then(() => {
      ended.push('work')
      expect(clock.now()).toBeLessThan(2_100_000)
    })
  const timeOut = clock.sleep(2_500_000).then(() => ended.push('time-out'))
  for (const until = performance.now() + 400; performance.now() < until; );
  await Promise.all([work, timeOut])
  expect(ended).toEqual(['work', 'time-out'])
})

test('a program that a busy machine keeps waiting takes no longer by the clock than on an idle one', async () => {
  const clock = createClock({ scale: 1000, startAt: 0 })
  const ended: string[] = []
  const timeOut = clock.sleep(800_000).then(() => ended.push('time-out'))
  const program = new Promise((resolve) => setTimeout(resolve, 1_200)).then(() => ended.push('program'))
  await clock.hold(program, { still: true })
  await timeOut
  expect(ended).toEqual(['program', 'time-out'])
})

test('a clock continues from a stored time and never goes back', () => {
  const clock = createClock({ scale: 1, startAt: 5_000 })
  clock.continueFrom(90_000)
  expect(clock.now()).toBeGreaterThanOrEqual(90_000)
  clock.continueFrom(10)
  expect(clock.now()).toBeGreaterThanOrEqual(90_000)
})

test('another speed holds from now on, for sleepers that sleep already too', async () => {
  const clock = createClock({ scale: 1, startAt: 0 })
  const before = clock.now()
  const slept = clock.sleep(3_600_000)
  clock.setScale(100_000)
  await slept
  expect(clock.scale).toBe(100_000)
  expect(clock.now() - before).toBeGreaterThanOrEqual(3_600_000)
  expect(() => clock.setScale(0)).toThrow('above 0')
  expect(() => clock.setScale(Number.POSITIVE_INFINITY)).toThrow('jumps')
})
