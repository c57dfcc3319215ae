import { describe, expect, test } from 'vitest'
import { EscapeReader } from './escape.ts'

const read = (...texts: string[]) => {
  const reader = new EscapeReader()
  return texts.flatMap((text) => reader.read(text))
}

describe('keys typed into a console', () => {
  test.each([
    ['plain text passes', ['ls -l\r'], ['ls -l\r']],
    ['~. at once ends', ['~.'], [{ command: 'end' }]],
    ['~. after Enter ends', ['ls\r~.'], ['ls\r', { command: 'end' }]],
    ['key by key', ['x', '\r', '~', '.'], ['x', '\r', { command: 'end' }]],
    ['amid a line it is text', ['cd ~.'], ['cd ~.']],
    ['~~ is one ~', ['\r~~/bin\r'], ['\r~/bin\r']],
    ['~ and another key are both text', ['\r~x'], ['\r~x']],
    ['~t takes, and what follows is for the machine', ['~tls\r'], [{ command: 'take' }, 'ls\r']],
    ['~? asks, twice', ['~?~?'], [{ command: 'help' }, { command: 'help' }]],
  ])('%s', (_name, typed, parts) => {
    expect(read(...typed)).toEqual(parts)
  })

  test('a ~ that is held back is not lost', () => {
    expect(read('\r', '~', 'a')).toEqual(['\r', '~a'])
  })
})
