import { describe, expect, test } from 'vitest'
import { CommonReading } from './common-reading.ts'

/** A device whose answers come when the test says so. */
function slowDevice() {
  const answers: ((value: string) => void)[] = []
  const reading = new CommonReading(() => new Promise<string>((resolve) => answers.push(resolve)))
  return { answers, reading }
}

describe('a shared reading', () => {
  test('is one question for readers at the same moment, and a new one for who comes after its answer', async () => {
    const { answers, reading } = slowDevice()
    const both = Promise.all([reading.get(), reading.get()])
    expect(answers).toHaveLength(1)
    answers[0]?.('first')
    expect(await both).toEqual(['first', 'first'])
    const next = reading.get()
    answers[1]?.('second')
    expect(await next).toBe('second')
  })

  test('that began before a write is not the read-back, and its late end does not end the one after', async () => {
    const { answers, reading } = slowDevice()
    const before = reading.get()
    reading.forget()
    const after = reading.get()
    expect(answers).toHaveLength(2)
    answers[0]?.('before')
    expect(await before).toBe('before')
    const along = reading.get()
    expect(answers).toHaveLength(2)
    answers[1]?.('after')
    expect(await Promise.all([after, along])).toEqual(['after', 'after'])
  })

  test('that fails fails for all who share it, and is not kept', async () => {
    let fails = true
    const reading = new CommonReading(async () => {
      if (fails) throw new Error('no answer')
      return 'state'
    })
    const seen = await Promise.allSettled([reading.get(), reading.get()])
    expect(seen.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fails = false
    expect(await reading.get()).toBe('state')
  })
})
