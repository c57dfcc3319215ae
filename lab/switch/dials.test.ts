import { afterEach, beforeEach, expect, test } from 'vitest'
import { calm, partialDials } from './dials.ts'
import type { SwitchServer } from './server.ts'
import { ask, cli, configure, startTestSwitch } from './test-switch.ts'

let tor: SwitchServer

beforeEach(async () => {
  tor = await startTestSwitch()
})
afterEach(() => tor.stop())

test('down: connections are refused, frames go on, and it comes back on the same port', async () => {
  await tor.setDials({ down: true })
  await expect(ask(tor, 'GET', '')).rejects.toThrow()
  expect(tor.membership('1/3')).toEqual({ enabled: true, untagged: 10, tagged: [] })
  await tor.setDials({ down: false })
  expect((await ask(tor, 'GET', '')).status).toBe(200)
})

test('rejectPassword', async () => {
  await tor.setDials({ rejectPassword: true })
  expect((await ask(tor, 'GET', '')).status).toBe(401)
})

test('refuseNext counts down', async () => {
  await tor.setDials({ refuseNext: 2 })
  const seen = [await ask(tor, 'GET', ''), await ask(tor, 'GET', ''), await ask(tor, 'GET', '')]
  expect(seen.map((reply) => reply.status)).toEqual([500, 500, 200])
})

test('errorText: 200 with an error in the text, and nothing done', async () => {
  await tor.setDials({ errorText: 'Configuration is locked by another session.' })
  const reply = await configure(tor, 'interface vlan 10', 'no untagged te 1/3')
  expect(reply.status).toBe(200)
  expect(reply.text).toContain('% Error: Configuration is locked by another session.')
  expect(tor.membership('1/3').untagged).toBe(10)
})

test('halfApply: the first of several commands is done, then 500', async () => {
  await tor.setDials({ halfApply: 1 })
  const reply = await configure(
    tor,
    'interface vlan 10',
    'no untagged te 1/3',
    'interface vlan 100',
    'untagged te 1/3',
  )
  expect(reply.status).toBe(500)
  expect(tor.membership('1/3').untagged).toBe(1)
  const again = await configure(tor, 'interface vlan 100', 'untagged te 1/3')
  expect(again.status).toBe(200)
  expect(tor.membership('1/3').untagged).toBe(100)
})

test('halfApply on a REST write', async () => {
  await tor.setDials({ halfApply: 1 })
  const body = '<vlan><vlan-id>10</vlan-id><shutdown>false</shutdown></vlan>'
  expect((await ask(tor, 'PUT', '/interface/vlan/10', body)).status).toBe(500)
  expect([1, 2, 3, 4].map((n) => tor.membership(`1/${n}`).untagged)).toEqual([1, 10, 10, 10])
})

test('okButNothing: answered well, nothing changed', async () => {
  await tor.setDials({ okButNothing: 1 })
  const reply = await configure(tor, 'interface vlan 10', 'no untagged te 1/3')
  expect(reply.text).not.toContain('% Error')
  expect(tor.membership('1/3').untagged).toBe(10)
})

test('saveLies: write answers well, the start-up configuration stays', async () => {
  await tor.setDials({ saveLies: true })
  await configure(tor, 'interface vlan 200', 'tagged te 1/3')
  expect((await cli(tor, 'exec-command', 'write')).text).not.toContain('% Error')
  await tor.reboot()
  expect(tor.membership('1/3').tagged).toEqual([])
})

test('delayMs', async () => {
  await tor.setDials({ delayMs: 60 })
  const start = performance.now()
  await ask(tor, 'GET', '')
  expect(performance.now() - start).toBeGreaterThanOrEqual(55)
})

test('dials as JSON: true lasts, a number counts, unknown dials are refused', () => {
  expect(partialDials.parse({ refuseNext: true }).refuseNext).toBeGreaterThan(1e9)
  expect(partialDials.parse({ halfApply: false })).toEqual({ halfApply: 0 })
  expect(partialDials.safeParse({ onFire: true }).success).toBe(false)
  expect(Object.values(calm()).every((value) => value === false || value === 0 || value === null)).toBe(true)
})
