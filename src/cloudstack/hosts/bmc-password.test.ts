import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bmcPassword } from './bmc-password.ts'

describe('where the password of a BMC may be', () => {
  let root: string
  let folder: string
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'bmc-password-'))
    folder = join(root, 'bmc')
    mkdirSync(folder)
    writeFileSync(join(root, 'outside'), 'secret of somebody else', { mode: 0o600 })
    writeFileSync(join(folder, 'r1-h1'), 'calvin\n', { mode: 0o600 })
    writeFileSync(join(folder, '.hidden'), 'hidden', { mode: 0o600 })
    writeFileSync(join(folder, 'open'), 'open', { mode: 0o644 })
    writeFileSync(join(folder, 'empty'), '', { mode: 0o600 })
  })
  afterAll(() => rmSync(root, { recursive: true }))

  const environment = { ALLOWED: 'from the environment', AWS_SECRET: 'not for this' }
  const read = (reference: string, places: { folder?: string | null; env?: string[] } = {}) =>
    bmcPassword(reference, 'r1-h1', { folder: folder, env: ['ALLOWED', 'UNSET'], ...places }, environment)

  test('a file of the folder, by its plain name; a variable of the list', () => {
    expect(read('r1-h1')).toBe('calvin')
    expect(read('env:ALLOWED')).toBe('from the environment')
  })

  test.each([
    ['../outside', /no plain name/],
    ['/etc/shadow', /no plain name/],
    ['file:/etc/shadow', /no plain name/],
    ['..', /no plain name/],
    ['.hidden', /no plain name/],
    ['a/../../outside', /no plain name/],
    ['r1-h1\0', /no plain name/],
    ['r1-h1\n', /no plain name/],
    ['hunter2-hunter2', /holds no password that can be read/],
    ['open', /holds no password that can be read/],
    ['empty', /holds no password that can be read/],
    ['env:AWS_SECRET', /not allowed/],
    ['env:ALLOWED ', /not allowed/],
    ['env:UNSET', /holds no password that can be read/],
  ])('%j is refused, and is in no message', (reference, message) => {
    let seen: unknown
    try {
      read(reference)
    } catch (error) {
      seen = error
    }
    expect(seen).toMatchObject({ code: 'invalid-input', message: expect.stringMatching(message) })
    const words = JSON.stringify(seen) + String(seen)
    expect(words).not.toMatch(/shadow|outside|hunter2|AWS_SECRET|secret of|calvin/)
  })

  test('without a folder there are no files', () => {
    expect(() => read('r1-h1', { folder: null })).toThrow(/there is no folder for such/)
  })
})
