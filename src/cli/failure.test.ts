import { describe, expect, test } from 'vitest'
import { describeFailure, exitCodes, fromProblem } from './failure.ts'

const problem = {
  type: 'urn:ferrule:problem:held',
  title: 'held',
  status: 409,
  detail: 'host h1 is held by operation 7',
  code: 'held',
  remedy: 'Wait for it.',
  details: {},
  instance: '/api/v1/hosts/h1',
}

describe('failures', () => {
  test('4xx is the caller’s, 5xx is not', () => {
    expect(fromProblem(409, problem, '/x').exitCode).toBe(exitCodes.refused)
    expect(fromProblem(502, problem, '/x').exitCode).toBe(exitCodes.failed)
    expect(fromProblem(404, '<html>', '/x').exitCode).toBe(exitCodes.refused)
  })

  test('what, where and what to do', () => {
    expect(describeFailure(fromProblem(409, problem, '/x'))).toBe(
      'error: host h1 is held by operation 7 (held)\nwhere: /api/v1/hosts/h1\ndo:    Wait for it.\n',
    )
    expect(describeFailure(fromProblem(418, null, '/api/v1/hosts'))).toContain('the server answered 418')
  })

  test('every fault gets its own line, with its line in the file if there is one', () => {
    const faults = [
      { line: 3, path: 'racks[0].l2Switch.type', problem: 'unknown switch type' },
      { path: 'body/name', problem: 'too long' },
    ]
    const text = describeFailure(fromProblem(400, { ...problem, details: { faults } }, '/x'))
    expect(text).toContain('  line 3, racks[0].l2Switch.type: unknown switch type\n  body/name: too long\n')
  })
})
