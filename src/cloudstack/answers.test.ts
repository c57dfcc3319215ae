import { describe, expect, test } from 'vitest'
import { FerruleError } from '../domain/errors.ts'
import { done, refused, withReference } from './answers.ts'

const textOf = (answer: { body: unknown }) => (answer.body as { message: string; error: string }).message

describe('the one line that a cloud user sees', () => {
  test('what failed, what to do, and what to look up', () => {
    const error = new FerruleError('no-host', 'no host fits', 'Choose a smaller offering')
    expect(textOf(withReference(refused(error, 12), '7f'))).toBe(
      'no host fits. Choose a smaller offering. [operation 12]',
    )
    expect(textOf(withReference(refused(error), '7f'))).toBe(
      'no host fits. Choose a smaller offering. [call 7f]',
    )
    expect(textOf(withReference(refused('web1 is stopping.', 3), '7f'))).toBe(
      'web1 is stopping. [operation 3]',
    )
  })

  test('of a text of many lines, or one that is too long, what to do and the reference are whole', () => {
    const reasons = Array.from({ length: 900 }, (_, at) => `r1-h${at} is\nin use`).join('\r\n\t')
    const answer = withReference(refused({ message: reasons, remedy: 'Add hosts.' }, 12), '7f')
    expect(textOf(answer)).toMatch(/^r1-h0 is in use r1-h1 is in use .*… Add hosts\. \[operation 12\]$/)
    // twice in the JSON, and CloudStack's own words beside it, in 1024 characters
    expect(JSON.stringify(answer.body).length).toBeLessThan(850)
  })

  test('a remedy that is too long is cut, its reference is not', () => {
    const long = 'Look at the switch again. '.repeat(60)
    const text = textOf(withReference(refused({ message: 'it failed', remedy: long }, 12), '7f'))
    expect(text).toMatch(/^it failed\. Look .*… \[operation 12\]$/)
    expect(text.length).toBeLessThanOrEqual(380)
  })

  test('what succeeded, or is silent, stays as it is', () => {
    expect(withReference(done({ power_state: 'PowerOn' }), '7f').body).toEqual({ power_state: 'PowerOn' })
    expect(withReference({ exit: 1, body: null }, '7f')).toEqual({ exit: 1, body: null })
  })
})
