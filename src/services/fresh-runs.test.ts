import { expect, test } from 'vitest'
import { FreshRuns } from './fresh-runs.ts'

/** Work that ends when it is told to, and remembers what it had read when it began. */
function heldWork() {
  const world = { value: 'before' }
  const seen: string[] = []
  const ends: { good(): void; bad(error: Error): void }[] = []
  const runs = new FreshRuns(() => {
    seen.push(world.value)
    return new Promise((good, bad) => ends.push({ good, bad }))
  })
  return { world, seen, ends, runs }
}

test('who asks while a run is under way gets one that saw what was done before the call', async () => {
  const { world, seen, ends, runs } = heldWork()
  const first = runs.run()
  world.value = 'after'
  const second = runs.run()
  ends[0]?.good()
  await first
  expect(seen).toEqual(['before', 'after'])
  ends[1]?.good()
  await second
})

test('those who wait share the next run, and none runs beside another', async () => {
  let count = 0
  let now = 0
  let most = 0
  const runs = new FreshRuns(async () => {
    count += 1
    now += 1
    most = Math.max(most, now)
    await new Promise((resolve) => setImmediate(resolve))
    now -= 1
  })
  const asked = [runs.run(), runs.run(), runs.run(), runs.run()]
  await asked[0]
  asked.push(runs.run(), runs.run())
  await Promise.all(asked)
  expect({ count, most }).toEqual({ count: 3, most: 1 })
  await runs.idle()
  await runs.run()
  expect(count).toBe(4)
})

test('a run that failed is told to its own callers only', async () => {
  const { ends, runs } = heldWork()
  const first = runs.run()
  const second = runs.run()
  ends[0]?.bad(new Error('the world is on fire'))
  await expect(first).rejects.toThrow('the world is on fire')
  ends[1]?.good()
  await second
  await runs.idle()
  const third = runs.run()
  ends[2]?.good()
  await third
})
