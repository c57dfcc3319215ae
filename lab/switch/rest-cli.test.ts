import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SwitchServer } from './server.ts'
import { cli, configure, startTestSwitch } from './test-switch.ts'

let tor: SwitchServer

beforeEach(async () => {
  tor = await startTestSwitch()
})
afterEach(() => tor.stop())

const TE3 = 'TenGigabitEthernet 1/3'

describe('membership by REST-CLI', () => {
  test('a port moves from one untagged VLAN to another only by leaving the first', async () => {
    const refused = await configure(tor, 'interface vlan 100', `untagged ${TE3}`)
    expect(refused.status).toBe(200)
    expect(refused.text).toContain('% Error: Te 1/3 Port is untagged in another Vlan.')
    expect(tor.membership('1/3')).toEqual({ enabled: true, untagged: 10, tagged: [] })

    const moved = await configure(
      tor,
      'interface vlan 10',
      `no untagged ${TE3}`,
      'interface vlan 100',
      `untagged ${TE3}`,
    )
    expect(moved.text).not.toContain('% Error')
    expect(tor.membership('1/3')).toEqual({ enabled: true, untagged: 100, tagged: [] })
  })

  test('a port that leaves its untagged VLAN falls into the default VLAN', async () => {
    await configure(tor, 'interface vlan 10', `no untagged ${TE3}`)
    expect(tor.membership('1/3').untagged).toBe(1)
  })

  test('a hybrid port is untagged and tagged at once; one that is not hybrid is either', async () => {
    await configure(tor, 'interface vlan 200', `tagged ${TE3}`, 'interface vlan 201', 'tagged Te 1/3')
    expect(tor.membership('1/3')).toEqual({ enabled: true, untagged: 10, tagged: [200, 201] })

    await configure(
      tor,
      'interface vlan 10',
      'no untagged te1/4',
      'interface te 1/4',
      'no portmode hybrid',
      'interface vlan 200',
      'tagged te 1/4',
    )
    expect(tor.membership('1/4')).toEqual({ enabled: true, untagged: null, tagged: [200] })
    const refused = await configure(tor, 'interface vlan 100', 'untagged te 1/4')
    expect(refused.text).toContain('% Error: Te 1/4 Port is tagged in another Vlan.')
  })

  test('the port mode changes only while the port is in no VLAN', async () => {
    const refused = await configure(tor, `interface ${TE3}`, 'no portmode hybrid')
    expect(refused.text).toContain('% Error: Te 1/3 Port is part of a non-default Vlan.')
    expect(tor.model.running.ports.get('1/3')?.hybrid).toBe(true)
    const off = await configure(tor, `interface ${TE3}`, 'no switchport')
    expect(off.text).toContain('% Error')
  })

  test.each([
    ['a port in Layer 3 mode', ['interface vlan 100', 'tagged te 1/5']],
    ['a port that does not exist', ['interface vlan 100', 'tagged te 1/47']],
    ['a port of another type', ['interface vlan 100', 'tagged fortyGigE 1/3']],
    ['VLAN 0', ['interface vlan 0']],
    ['VLAN 4095', ['interface vlan 4095']],
    ['leaving a VLAN that the port is not in', ['interface vlan 10', 'no tagged te 1/3']],
    ['tagging in the VLAN where it is untagged', ['interface vlan 10', 'tagged te 1/3']],
    ['a member line outside of a VLAN', ['tagged te 1/3']],
    ['deleting the default VLAN', ['no interface vlan 1']],
    ['taking an uplink out of a VLAN', ['interface vlan 10', 'no tagged fo 1/49']],
    ['words that OS9 does not know', ['interface te 1/3', 'switchport mode trunk']],
  ])('refuses %s', async (_what, lines) => {
    const before = tor.membership('1/3')
    const reply = await configure(tor, ...lines)
    expect(reply.status).toBe(200)
    expect(reply.text).toContain('% Error')
    expect(tor.membership('1/3')).toEqual(before)
  })

  test('a refused line does not stop the lines after it', async () => {
    const reply = await configure(tor, 'interface vlan 100', 'untagged te 1/3', 'description tenant-a')
    expect(reply.text).toContain('% Error')
    expect(tor.model.running.vlans.get(100)?.description).toBe('tenant-a')
  })

  test('deleting a VLAN frees its members', async () => {
    await configure(tor, 'interface vlan 200', 'tagged te 1/1-2')
    expect(tor.membership('1/2').tagged).toEqual([200])
    await configure(tor, 'no interface vlan 200', 'no interface vlan 10')
    expect(tor.membership('1/2')).toEqual({ enabled: true, untagged: 1, tagged: [] })
  })

  test('shutdown takes the link away', async () => {
    await configure(tor, `interface ${TE3}`, 'shutdown')
    expect(tor.membership('1/3').enabled).toBe(false)
    await configure(tor, `interface ${TE3}`, 'no shutdown')
    expect(tor.membership('1/3').enabled).toBe(true)
  })

  test('listeners hear which port changed, and only those', async () => {
    const heard: string[] = []
    tor.model.onChange((port) => heard.push(port))
    await configure(tor, 'interface vlan 200', 'tagged te 1/2')
    await configure(tor, 'interface vlan 300', 'description nobody here')
    // The uplink carries each VLAN that comes into being.
    expect(heard.filter((port) => port !== '1/49')).toEqual(['1/2'])
  })
})

describe('the form of REST-CLI', () => {
  test('accepts the four characters \\r\\n as a separator, as the guide prints them', async () => {
    await cli(tor, 'config-commands', 'interface vlan 150\\r\\n tagged te 1/1')
    expect(tor.membership('1/1').tagged).toEqual([150])
  })

  test('refuses more than 1000 characters and two commands at once', async () => {
    const long = await cli(tor, 'config-commands', `interface vlan 100\r\ndescription ${'x'.repeat(1000)}`)
    expect(long.status).toBe(400)
    const body = '<input><show-command>vlan</show-command><exec-command>write</exec-command></input>'
    const two = await fetch(`http://127.0.0.1:${tor.port}/api/running/dell/_operations/cli`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('admin:secret')}` },
      body,
    })
    expect(two.status).toBe(400)
    expect(tor.model.running.vlans.has(100)).toBe(false)
  })

  test('a user of privilege 1 may look but not write', async () => {
    const seen = await cli(tor, 'show-command', 'vlan', 'viewer:look')
    expect(seen.status).toBe(200)
    const write = await cli(tor, 'config-commands', 'interface vlan 100', 'viewer:look')
    expect(write.status).toBe(403)
    const save = await cli(tor, 'exec-command', 'write', 'viewer:look')
    expect(save.status).toBe(403)
    expect(tor.model.running.vlans.has(100)).toBe(false)
  })
})

describe('running and start-up configuration', () => {
  test('a reboot brings back what was saved, and only that', async () => {
    await configure(tor, 'interface vlan 200', 'tagged te 1/3')
    await cli(tor, 'exec-command', 'write')
    await configure(tor, 'interface vlan 201', 'tagged te 1/3')
    expect(tor.membership('1/3').tagged).toEqual([200, 201])
    await tor.reboot()
    expect(tor.membership('1/3').tagged).toEqual([200])
  })

  test('links are down while the switch boots, and it refuses connections', async () => {
    await tor.stop()
    let booted = () => {}
    const boot = new Promise<void>((resolve) => {
      booted = resolve
    })
    tor = await startTestSwitch('dell', { bootTime: () => boot })
    const done = tor.reboot()
    expect(tor.membership('1/3').enabled).toBe(false)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await expect(cli(tor, 'show-command', 'vlan')).rejects.toThrow()
    booted()
    await done
    expect(tor.membership('1/3').enabled).toBe(true)
    expect((await cli(tor, 'show-command', 'vlan')).status).toBe(200)
  })

  test('a snapshot carries both configurations over', async () => {
    await configure(tor, 'interface vlan 200', 'tagged te 1/3')
    const state: unknown = JSON.parse(JSON.stringify(tor.model.snapshot()))
    await tor.stop()
    tor = await startTestSwitch()
    tor.model.restore(state)
    expect(tor.membership('1/3').tagged).toEqual([200])
    await tor.reboot()
    expect(tor.membership('1/3').tagged).toEqual([])
  })
})
