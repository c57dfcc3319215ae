import { expect, test } from 'vitest'
import { oneAtATime } from './one-at-a-time.ts'

/** Work that ends when it is told to, and counts how often it was begun. */
function workshop() {
  const rounds: { end: (fail?: Error) => void }[] = []
  let atOnce = 0
  let most = 0
  let clock = 0
  const ask = oneAtATime(
    async () => {
      const round = rounds.length + 1
      most = Math.max(most, ++atOnce)
      await new Promise<void>((resolve, reject) => {
        rounds.push({ end: (fail) => (fail ? reject(fail) : resolve()) })
      }).finally(() => atOnce--)
      return round
    },
    () => clock,
  )
  const pass = (ms: number) => {
    clock += ms
  }
  return { ask, rounds, pass, most: () => most }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('who comes while it is under way shares the next round, and is never given the one that was begun before', async () => {
  const { ask, rounds, most } = workshop()
  const first = ask()
  const later = [ask(), ask(), ask()]
  rounds[0]?.end()
  expect(await first).toBe(1)
  await turn()
  rounds[1]?.end()
  expect(await Promise.all(later)).toEqual([2, 2, 2])
  expect(rounds.length).toBe(2)
  expect(most()).toBe(1)
  const again = ask()
  rounds[2]?.end()
  expect(await again).toBe(3)
})

test('a failure is told to those who asked for that round alone', async () => {
  const { ask, rounds } = workshop()
  const first = ask()
  const second = ask()
  rounds[0]?.end(new Error('no database'))
  await expect(first).rejects.toThrow('no database')
  await turn()
  rounds[1]?.end()
  expect(await second).toBe(2)
})

test('what took long serves for four times as long, and is then made anew', async () => {
  const { ask, rounds, pass } = workshop()
  const first = ask()
  pass(1_000)
  rounds[0]?.end()
  expect(await first).toBe(1)
  pass(3_999)
  expect(await ask()).toBe(1)
  pass(1)
  const second = ask()
  expect(rounds.length).toBe(2)
  rounds[1]?.end()
  expect(await second).toBe(2)
})
