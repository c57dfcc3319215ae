import { afterEach, describe, expect, test } from 'vitest'
import type { RestRoot } from './rest.ts'
import type { SwitchServer } from './server.ts'
import { ask, startTestSwitch } from './test-switch.ts'

let tor: SwitchServer
afterEach(() => tor.stop())

function members(kind: 'untagged' | 'tagged', ...ports: string[]): string {
  const list = ports.map((port) => `<tengigabitethernet><name>${port}</name></tengigabitethernet>`)
  return `<${kind}>${list.join('')}</${kind}>`
}

function vlan(id: number, content: string): string {
  return `<vlan><vlan-id>${id}</vlan-id>${content}<shutdown>false</shutdown></vlan>`
}

describe.each<RestRoot>(['dell', 'ftos'])('under the root %s', (root) => {
  test('the other root is not there', async () => {
    tor = await startTestSwitch(root)
    const other = root === 'dell' ? 'ftos' : 'dell'
    const response = await fetch(`http://127.0.0.1:${tor.port}/api/running/${other}`, {
      headers: { authorization: `Basic ${btoa('admin:secret')}` },
    })
    expect(response.status).toBe(404)
    expect((await ask(tor, 'GET', '')).status).toBe(200)
  })

  test('the life of a VLAN: absent, created, replaced, merged, deleted', async () => {
    tor = await startTestSwitch(root)
    expect((await ask(tor, 'GET', '/interface/vlan/100')).status).toBe(404)
    await ask(tor, 'PUT', '/interface/vlan/10', vlan(10, members('untagged', '1/1', '1/2')))
    expect(tor.membership('1/3').untagged).toBe(1)

    expect((await ask(tor, 'POST', '/interface/', vlan(100, members('untagged', '1/3')))).status).toBe(201)
    expect(tor.membership('1/3').untagged).toBe(100)
    expect((await ask(tor, 'POST', '/interface/', vlan(100, ''))).status).toBe(409)

    const replaced = await ask(
      tor,
      'PUT',
      '/interface/vlan/100',
      vlan(100, members('untagged', '1/4') + members('tagged', '1/1')),
    )
    expect(replaced.status).toBe(204)
    expect(tor.membership('1/3').untagged).toBe(1)
    expect(tor.membership('1/4').untagged).toBe(100)
    expect(tor.membership('1/1')).toEqual({ enabled: true, untagged: 10, tagged: [100] })

    await ask(
      tor,
      'PATCH',
      '/interface/vlan/100',
      `<vlan><vlan-id>100</vlan-id>${members('tagged', '1/2')}</vlan>`,
    )
    expect(tor.membership('1/1').tagged).toEqual([100])
    expect(tor.membership('1/2').tagged).toEqual([100])

    expect((await ask(tor, 'DELETE', '/interface/vlan/100')).status).toBe(204)
    expect(tor.membership('1/4').untagged).toBe(1)
    expect((await ask(tor, 'GET', '/interface/vlan/100')).status).toBe(404)
  })
})

test('GET shows members by type, the uplink among them, and an MTU that cannot be written back', async () => {
  tor = await startTestSwitch()
  const { text } = await ask(tor, 'GET', '/interface/vlan/10')
  expect(text).toContain('<vlan-id>10</vlan-id>')
  expect(text).toContain(members('untagged', '1/1', '1/2', '1/3', '1/4'))
  expect(text).toContain('<tagged><fortyGigE><name>1/49</name></fortyGigE></tagged>')
  expect(text).toContain('<mtu>')
  expect((await ask(tor, 'PUT', '/interface/vlan/10', vlan(10, '<mtu>1554</mtu>'))).status).toBe(400)
  expect(tor.membership('1/1').untagged).toBe(10)
})

test('a PUT that breaks a rule changes nothing', async () => {
  tor = await startTestSwitch()
  const reply = await ask(
    tor,
    'PUT',
    '/interface/vlan/100',
    vlan(100, members('tagged', '1/1') + members('untagged', '1/3')),
  )
  expect(reply.status).toBe(400)
  expect(reply.text).toContain('Port is untagged in another Vlan.')
  expect(tor.membership('1/1').tagged).toEqual([])
  expect(tor.model.running.vlans.has(100)).toBe(false)
})

test.each([
  ['/interface/vlan/4095', 'GET', undefined],
  ['/interface/vlan/100', 'PUT', '<vlan><vlan-id>101</vlan-id></vlan>'],
  ['/interface/vlan/100', 'PUT', 'not xml'],
  ['/interface/vlan/100', 'PUT', vlan(100, members('tagged', '1/33'))],
])('%s %s is refused with 400', async (path, method, body) => {
  tor = await startTestSwitch()
  expect((await ask(tor, method, path, body)).status).toBe(400)
})

test('a port by its URL: mode, switchport and shutdown are set as a whole', async () => {
  tor = await startTestSwitch()
  const plain = await ask(tor, 'GET', '/interfaces/interface/tengig-1-5')
  expect(plain.text).not.toContain('shutdown')
  const full = await ask(tor, 'GET', '/interfaces/interface/tengig-1-5?with-defaults')
  expect(full.text).toContain('<shutdown>true</shutdown>')

  const on =
    '<interface><name>tengig-1-5</name><portmode><hybrid>true</hybrid></portmode><switchport></switchport><shutdown>false</shutdown></interface>'
  expect((await ask(tor, 'PUT', '/interfaces/interface/tengig-1-5', on)).status).toBe(204)
  expect(tor.membership('1/5')).toEqual({ enabled: true, untagged: 1, tagged: [] })

  // HIL's way to turn a port off: what the body lacks goes back to the factory's value.
  const off =
    '<interface><name>tengig-1-5</name><portmode><hybrid>false</hybrid></portmode><shutdown>true</shutdown></interface>'
  expect((await ask(tor, 'PUT', '/interfaces/interface/tengig-1-5', off)).status).toBe(204)
  expect(tor.membership('1/5')).toEqual({ enabled: false, untagged: null, tagged: [] })
  expect((await ask(tor, 'GET', '/interfaces/interface/tengig-1-33')).status).toBe(404)
})

test('wrong password 401, low privilege 403', async () => {
  tor = await startTestSwitch()
  expect((await ask(tor, 'GET', '/interface/vlan/10', undefined, 'admin:wrong')).status).toBe(401)
  expect((await ask(tor, 'GET', '/interface/vlan/10', undefined, 'viewer:look')).status).toBe(200)
  expect((await ask(tor, 'DELETE', '/interface/vlan/10', undefined, 'viewer:look')).status).toBe(403)
  expect(tor.membership('1/1').untagged).toBe(10)
})
