import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { isSecretRef, readSecret } from './secrets-ref.ts'

const folder = mkdtempSync(join(tmpdir(), 'ferrule-secret-'))
const file = join(folder, 'secret')
writeFileSync(file, 'hunter2\n', { mode: 0o600 })

afterAll(() => rmSync(folder, { recursive: true }))

describe('readSecret', () => {
  test('reads a variable', () => expect(readSecret('env:KEY', { KEY: 'hunter2' })).toBe('hunter2'))
  test('reads a private file without its last line break', () => {
    chmodSync(file, 0o400)
    expect(readSecret(`file:${file}`, {})).toBe('hunter2')
  })

  test('refuses a file that others may read, and tells its mode and not its content', () => {
    chmodSync(file, 0o640)
    expect(() => readSecret(`file:${file}`, {})).toThrow(/mode is 0640/)
    expect(() => readSecret(`file:${file}`, {})).not.toThrow(/hunter2/)
  })

  test('names what is missing', () => {
    expect(() => readSecret('env:NOT_THERE', {})).toThrow(/NOT_THERE is not set/)
    expect(() => readSecret(`file:${folder}/nothing`, {})).toThrow(/nothing does not exist/)
    expect(() => readSecret('env:EMPTY', { EMPTY: '' })).toThrow(/is empty/)
  })
})

test.each(['hunter2', 'env:', 'env:1A', 'file:', 'vault:x'])('%s is no reference', (text) => {
  expect(isSecretRef(text)).toBe(false)
})
