import { expect, test } from 'vitest'
import { HttpSwitchClient } from '../https/client.ts'
import { unreachable } from '../https/errors.ts'
import { testLease } from '../test-support/fake-switch.ts'
import type { PortState } from '../types.ts'
import { NvueApi } from './api.ts'
import { RevisionChange } from './revision.ts'

const before: PortState = { mode: 'access', untagged: 10, tagged: [], enabled: true }
const moves = new Map([['swp1', { before, wanted: { ...before, enabled: false } }]])
const ours = { added: { interface: { swp1: { link: { state: { down: {} } } } } }, removed: {} }

/** A switch with swp1 in VLAN 10 that answers this to the difference and to what became of revision 7. */
function change(
  difference: unknown,
  ended: unknown,
  fail: (asked: string) => void = () => {},
): { run(): Promise<void>; seen: string[] } {
  const seen: string[] = []
  const target = { address: '192.0.2.7', origin: 'https://192.0.2.7', clear: false, pin: null, ca: null }
  const http = new HttpSwitchClient(target, { address: '192.0.2.7', username: 'u', password: 's3cret' })
  const config = { bridge: { domain: { br_default: { access: 10 } } } }
  const answers: Record<string, unknown> = {
    'POST /revision': { '7': { state: 'pending' } },
    'GET /interface?rev=applied': { swp1: config },
    'GET /bridge/domain/br_default?rev=applied': { vlan: { '10': {} } },
    'GET /interface?rev=operational': { swp1: { type: 'swp' } },
    'GET /bridge/domain/br_default/port?rev=operational': {
      swp1: { vlan: { '10': { 'tag-state': 'untagged' } } },
    },
    'GET /?rev=7': difference,
    'GET /revision/7?': ended,
  }
  http.send = async ({ method, path }) => {
    const asked = `${method} ${path.replace('/nvue_v1', '')}`
    seen.push(asked)
    fail(asked)
    const found = Object.keys(answers).find((start) => asked.startsWith(start))
    return { status: 200, body: JSON.stringify(found === undefined ? {} : answers[found]) }
  }
  const lease = testLease()
  return { run: () => new RevisionChange(new NvueApi(http), lease, moves).run(() => {}), seen }
}

test('made, patched, compared, applied, and its end awaited', async () => {
  const { run, seen } = change(ours, { state: 'applied_and_saved' })
  await run()
  expect(seen.filter((asked) => !asked.startsWith('GET'))).toEqual([
    'POST /revision',
    'PATCH /?rev=7',
    'PATCH /revision/7',
  ])
})

test.each([
  [
    'a warning that wants an answer',
    { state: 'ays_fail', transition: { progress: 'Aborted apply after warnings' } },
  ],
  [
    'an invalid one',
    { state: 'invalid', transition: { issue: { '0': { message: 'Aborted apply after warnings' } } } },
  ],
  ['a failed one', { state: 'ignore_fail', transition: { progress: 'Aborted apply after warnings' } }],
])('%s is told in the words of the switch, and never answered', async (_name, ended) => {
  const { run, seen } = change(ours, ended)
  await expect(run()).rejects.toMatchObject({
    code: 'switch-refused',
    message: expect.stringMatching(/apply revision 7.*Aborted apply after warnings/),
  })
  expect(seen.filter((asked) => asked === 'PATCH /revision/7')).toHaveLength(1)
})

test('a revision that would change anything else is thrown away', async () => {
  const others = { added: { interface: { swp1: {}, swp2: { description: 'x' } } }, removed: {} }
  const { run, seen } = change(others, { state: 'applied' })
  await expect(run()).rejects.toMatchObject({
    code: 'switch-mismatch',
    message: expect.stringMatching(/somebody else/),
  })
  expect(seen.at(-1)).toBe('DELETE /revision/7')
})

test('one that would change nothing is no success', async () => {
  const { run, seen } = change({ added: {} }, { state: 'applied' })
  await expect(run()).rejects.toMatchObject({
    code: 'switch-mismatch',
    message: expect.stringMatching(/differs in nothing/),
  })
  expect(seen).not.toContain('PATCH /revision/7')
})

test('an apply that was not heard is taken back, so that it cannot be heard late', async () => {
  const lose = (asked: string) => {
    if (asked === 'PATCH /revision/7') throw unreachable('192.0.2.7', 'the connection broke')
  }
  const pending = change(ours, { state: 'pending' }, lose)
  await expect(pending.run()).rejects.toMatchObject({ code: 'switch-unreachable' })
  expect(pending.seen.at(-1)).toBe('DELETE /revision/7')
  const begun = change(ours, { state: 'apply' }, lose)
  await expect(begun.run()).rejects.toMatchObject({ code: 'switch-unreachable' })
  expect(begun.seen).not.toContain('DELETE /revision/7')
})
