import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStateFile } from './state-file.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferrule-lab-'))
  path = join(folder, 'data', 'lab-state.json')
})
afterEach(() => rm(folder, { recursive: true }))

test('writes soon after a touch, once for many touches, and finds it again', async () => {
  let value = 0
  const file = openStateFile(path, () => ({ value }), 20)
  expect(file.found).toBeUndefined()
  file.touch()
  file.touch()
  value = 7
  await expect.poll(() => readFile(path, 'utf8').catch(() => '')).toBe('{"value":7}')
  value = 8
  await file.close()
  expect(openStateFile(path, () => null).found).toEqual({ value: 8 })
  expect(await readdir(join(folder, 'data'))).toEqual(['lab-state.json'])
})

test('nothing is written after close', async () => {
  let value = 1
  const file = openStateFile(path, () => value, 1)
  await file.close()
  value = 2
  file.touch()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await readFile(path, 'utf8')).toBe('1')
})

test('a damaged file is named, not overwritten', async () => {
  const file = openStateFile(path, () => 1)
  await file.close()
  await writeFile(path, '{"half":')
  expect(() => openStateFile(path, () => 2)).toThrow('lab-state.json is not JSON')
})
