import { expect, test } from 'vitest'
import { Progress } from './progress.ts'
import type { Session } from './session.ts'
import type { WatchedOperation } from './watch.ts'

function record(terminal: boolean): { session: Session; text: () => string } {
  let text = ''
  const err = (more: string): void => {
    text += more
  }
  return { session: { terminal, err } as Session, text: () => text }
}

const step = (name: string, state: 'running' | 'done' | 'failed', more: object = {}) => ({
  seq: 0,
  name,
  title: `Do ${name}`,
  direction: 'do' as const,
  attempt: 1,
  state,
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: state === 'running' ? null : '2026-01-01T00:00:01.500Z',
  error: null,
  ...more,
})

const operation = (...steps: ReturnType<typeof step>[]) =>
  ({
    steps,
    endedAt: null,
    planned: [
      { name: 'one', title: 'Do one' },
      { name: 'two', title: 'Do two' },
    ],
  }) as unknown as WatchedOperation

test('without a terminal each ended step is one line, told once, and nothing else', () => {
  const { session, text } = record(false)
  const progress = new Progress(session)
  progress.show(operation(step('one', 'running')))
  progress.show(operation(step('one', 'done'), step('two', 'running')))
  const error = { code: 'x', message: 'it broke', remedy: '' }
  progress.show(operation(step('one', 'done'), step('two', 'failed', { attempt: 2, error })))
  progress.end()
  expect(text()).toBe('  ok        1.5s  Do one\n  failed    1.5s  Do two (attempt 2): it broke\n')
})

test('on a terminal the running step stands below, and is gone in the end', () => {
  const { session, text } = record(true)
  const progress = new Progress(session)
  progress.show(operation(step('one', 'done'), step('two', 'running')))
  expect(text()).toMatch(/Do one\n.*2\/2 {2}Do two …$/s)
  progress.end()
  expect(text().endsWith('\r\u001b[2K')).toBe(true)
})
