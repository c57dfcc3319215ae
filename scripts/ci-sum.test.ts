import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const program = join(import.meta.dirname, 'ci-sum.mjs')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ferrule-sum-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function sum(suites: string[][], reports: Record<string, string> = {}) {
  for (const [name, text] of Object.entries(reports)) writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, 'suites.tsv'), suites.map((suite) => `${suite.join('\t')}\n`).join(''))
  const { status, stdout } = spawnSync(process.execPath, [program, folder], { encoding: 'utf8' })
  const lines = stdout.trim().split('\n')
  return { status, last: lines.at(-1), told: lines.slice(0, -1) }
}

function vitest(numbers: { passed?: number; failed?: number; pending?: number; broken?: number }): string {
  const { passed = 0, failed = 0, pending = 0, broken = 0 } = numbers
  return JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: 0,
    testResults: Array.from({ length: broken }, () => ({ status: 'failed', assertionResults: [] })),
  })
}

test('adds every kind of suite', () => {
  const result = sum(
    [
      ['install', 'command', '0', '-'],
      ['test', 'vitest', '0', 'a.json,b.json'],
      ['schemathesis', 'junit', '0', 'c.xml'],
      ['demo', 'steps', '0', 'd.json'],
      ['bench', 'results', '0', 'e.json'],
    ],
    {
      'a.json': vitest({ passed: 10 }),
      'b.json': vitest({ passed: 5 }),
      'c.xml':
        '<testsuites><testsuite><testcase name="a"/><testcase name="b"></testcase></testsuite></testsuites>',
      'd.json': JSON.stringify({ ok: true, steps: [{ ok: true }, { ok: true }, { ok: true }] }),
      'e.json': JSON.stringify({ results: [{ id: 'x', value: 1.5 }] }),
    },
  )
  expect(result).toMatchObject({ status: 0, last: '22 passed, 0 failed' })
})

test('names each test that failed, with the first lines of its reason', () => {
  const assertionResults = [
    { fullName: 'a door opens', status: 'failed', failureMessages: ['Error: stuck\n    at hinge.ts:3'] },
    { fullName: 'a door shuts', status: 'passed', failureMessages: [] },
  ]
  const report = { numPassedTests: 1, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0 }
  const { told } = sum([['test', 'vitest', '1', 'a.json']], {
    'a.json': JSON.stringify({ ...report, testResults: [{ status: 'failed', assertionResults }] }),
  })
  expect(told.map((line) => line.trim())).toEqual([
    'FAILED a door opens',
    'Error: stuck',
    'at hinge.ts:3',
    expect.stringContaining('1 passed, 1 failed'),
  ])
})

test.each([
  [
    'a failed test',
    [['test', 'vitest', '1', 'a.json']],
    vitest({ passed: 3, failed: 2 }),
    '3 passed, 2 failed',
  ],
  [
    'a skipped test',
    [['test', 'vitest', '0', 'a.json']],
    vitest({ passed: 3, pending: 1 }),
    '3 passed, 1 failed',
  ],
  [
    'a file that does not load',
    [['test', 'vitest', '1', 'a.json']],
    vitest({ passed: 3, broken: 1 }),
    '3 passed, 1 failed',
  ],
  ['a suite that ran nothing', [['test', 'vitest', '0', 'a.json']], vitest({}), '0 passed, 1 failed'],
  ['a suite without a report', [['saga', 'vitest', '1', 'none.json']], '', '0 passed, 1 failed'],
  [
    'half of the reports',
    [['test', 'vitest', '0', 'a.json,none.json']],
    vitest({ passed: 3 }),
    '3 passed, 1 failed',
  ],
  [
    'a bad end after good tests',
    [['test', 'vitest', '1', 'a.json']],
    vitest({ passed: 3 }),
    '3 passed, 1 failed',
  ],
  ['a command that failed', [['install', 'command', '7', '-']], '', '0 passed, 1 failed'],
  [
    'a figure that was not measured',
    [['bench', 'results', '0', 'a.json']],
    '{"results":[{"value":null}]}',
    '0 passed, 1 failed',
  ],
  [
    'a demo that is not ok',
    [['demo', 'steps', '1', 'a.json']],
    '{"ok":false,"steps":[{"ok":true}]}',
    '1 passed, 1 failed',
  ],
  ['a report that is cut short', [['test', 'vitest', '0', 'a.json']], '{"numPassed', '0 passed, 1 failed'],
  ['no suite at all', [], '', '0 passed, 1 failed'],
])('%s is a failure', (_, suites, report, last) => {
  expect(sum(suites, { 'a.json': report })).toMatchObject({ status: 1, last })
})
