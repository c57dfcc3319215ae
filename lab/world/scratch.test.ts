import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runsPrograms, scratchFolder } from './scratch.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferrule-scratch-test-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a folder in which programs run is one, and nothing is left in it', async () => {
  expect(runsPrograms(folder)).toBe(true)
  expect(await readdir(folder)).toEqual([])
})

test('what is missing, a file, or not a place for programs is none', async () => {
  expect(runsPrograms(join(folder, 'missing'))).toBe(false)
  const file = join(folder, 'file')
  await writeFile(file, '')
  await chmod(file, 0o600)
  expect(runsPrograms(file)).toBe(false)
  // nobody may make a folder here, root neither
  expect(runsPrograms('/proc')).toBe(false)
})

test('the folder that is chosen runs programs', () => {
  expect(runsPrograms(scratchFolder())).toBe(true)
})
