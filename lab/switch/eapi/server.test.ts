import { request } from 'node:https'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EosServer, startEos } from './server.ts'

let eos: EosServer
beforeEach(async () => {
  eos = await startEos({
    address: '127.0.0.1',
    users: [
      { username: 'admin', password: 'secret' },
      { username: 'viewer', password: 'look', readOnly: true },
    ],
    hosts: ['Ethernet1', 'Ethernet2'],
    uplinks: ['Ethernet49'],
    pxeVlan: 10,
    internalVlans: [1006],
    msPerSecond: 5,
  })
})
afterEach(() => eos.stop())

interface Reply {
  result?: Record<string, unknown>[]
  error?: { code: number; message: string; data: { errors?: string[] }[] }
}

function run(cmds: string[], format: 'json' | 'text' = 'json', login = 'admin:secret'): Promise<Reply> {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    method: 'runCmds',
    params: { version: 1, cmds, format },
    id: 1,
  })
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: eos.http.address,
        port: eos.http.port,
        path: '/command-api',
        method: 'POST',
        auth: login,
        ca: eos.http.identity.certificate,
      },
      (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve(JSON.parse(text)))
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

test('the command that fails is named, those before it have answers, those after it are not done', async () => {
  const { error } = await run(['enable', 'show vlan', 'show bogus', 'configure session x'])
  expect(error).toMatchObject({
    code: 1002,
    message: "CLI command 3 of 4 'show bogus' failed: invalid command",
    data: [{}, { vlans: { 1: { name: 'default' } } }, { errors: [expect.stringMatching(/Invalid input/)] }],
  })
  expect(eos.sessions.all.size).toBe(0)
})

test('what has no structured form is refused as such', async () => {
  expect((await run(['enable', 'show startup-config'])).error?.code).toBe(1003)
  const { result } = await run(['enable', 'show startup-config'], 'text')
  expect(result?.[1]?.output).toContain('interface Ethernet1\n   switchport access vlan 10\n')
})

test('without enable nothing is configured; a viewer looks only', async () => {
  expect((await run(['configure session x'])).error?.code).toBe(1002)
  expect((await run(['enable', 'write memory'], 'text', 'viewer:look')).error?.message).toMatch(
    /write memory/,
  )
  expect((await run(['show interfaces status'], 'json', 'viewer:look')).result).toHaveLength(1)
})

const stage = (name: string, ...lines: string[]) =>
  run(['enable', `configure session ${name}`, ...lines, 'end'])

test('a session is nothing until it is committed', async () => {
  await stage('x', 'interface Ethernet1', 'switchport trunk allowed vlan none', 'switchport mode trunk')
  expect(eos.model.membership('Ethernet1')).toMatchObject({ untagged: 10 })
  const { result } = await run(['enable', 'show session-config named x diffs'], 'text')
  expect(result?.[1]?.output).toMatch(/\n interface Ethernet1\n(.*\n)*\+ {3}switchport mode trunk\n/)
  await run(['enable', 'configure session x commit'])
  expect(eos.model.membership('Ethernet1')).toEqual({ enabled: true, untagged: null, tagged: [] })
  expect((await run(['enable', 'configure session x'])).error?.data.at(-1)?.errors?.[0]).toMatch(/completed/)
})

test('a timed commit goes back by itself, its session is gone', async () => {
  await stage('x', 'interface Ethernet1', 'switchport access vlan 100')
  await run(['enable', 'configure session x commit timer 00:00:10'])
  expect(eos.model.membership('Ethernet1').untagged).toBe(100)
  await expect.poll(() => eos.model.membership('Ethernet1').untagged).toBe(10)
  expect(eos.sessions.all.has('x')).toBe(false)
})

test('confirmed in time it stays; meanwhile no other session is committed', async () => {
  await stage('x', 'interface Ethernet1', 'switchport access vlan 100')
  await stage('y', 'interface Ethernet2', 'switchport access vlan 101')
  await run(['enable', 'configure session x commit timer 01:00:00'])
  expect((await run(['enable', 'configure session y commit'])).error?.data.at(-1)?.errors?.[0]).toMatch(
    /timer/,
  )
  await run(['enable', 'configure session x commit'])
  expect(eos.sessions.all.get('x')?.state).toBe('completed')
  expect(eos.model.membership('Ethernet1').untagged).toBe(100)
})

test('a commit overwrites what others changed since the session was opened', async () => {
  await stage('x', 'interface Ethernet1', 'switchport access vlan 100')
  eos.type('interface Ethernet2', 'switchport access vlan 555')
  await run(['enable', 'configure session x commit'])
  expect(eos.model.membership('Ethernet2').untagged).toBe(10)
})

test.each([
  ['vlan 4095', /Invalid input/],
  ['vlan 1006', /internal VLAN/],
  ['interface Ethernet7', /does not exist/],
  ['switchport mode access', /Invalid input/],
  ['interface Ethernet1\nswitchport trunk allowed vlan 10-', /Invalid input/],
  ['interface Ethernet1\nswitchport access vlan 1006', /internal VLAN/],
])('%j is refused', async (lines, said) => {
  const { error } = await stage('x', ...lines.split('\n'))
  expect(error?.code).toBe(1002)
  expect(error?.data.at(-1)?.errors?.[0]).toMatch(said)
})

test('five open sessions are the most', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) await stage(name)
  expect((await stage('f')).error?.data.at(-1)?.errors?.[0]).toMatch(/Maximum number of pending sessions/)
})

test('a trunk without a list carries all VLANs that there are, and a VLAN that is not there carries nothing', async () => {
  eos.type(
    'interface Ethernet1',
    'switchport mode trunk',
    'interface Ethernet2',
    'switchport trunk native vlan 77',
  )
  expect(eos.model.membership('Ethernet1')).toEqual({ enabled: true, untagged: 1, tagged: [10] })
  eos.type('interface Ethernet2', 'switchport mode trunk')
  expect(eos.model.membership('Ethernet2').untagged).toBe(null)
  expect(eos.model.history.map(({ port }) => port)).toEqual(['Ethernet1', 'Ethernet2'])
})

test('a reboot brings back what was saved', async () => {
  eos.type('interface Ethernet1', 'switchport access vlan 100')
  await run(['enable', 'write memory'])
  eos.type('interface Ethernet1', 'switchport access vlan 101')
  eos.reboot()
  expect(eos.model.membership('Ethernet1').untagged).toBe(100)
})

test('a port-channel comes with its name, and goes when its last member has left it', async () => {
  let nth = 0
  const session = (...lines: string[]) =>
    run(['enable', `configure session lag${++nth}`, ...lines, 'commit'], 'text').then(({ error }) =>
      error?.data.at(-1),
    )
  expect(
    await session(
      ...['interface Port-Channel20', 'switchport access vlan 101', 'port-channel lacp fallback static'],
      ...[
        'interface Ethernet1',
        'channel-group 20 mode active',
        'interface Ethernet2',
        'channel-group 20 mode active',
      ],
    ),
  ).toBeUndefined()
  const member = { enabled: true, untagged: 101, tagged: [], lag: 20 }
  expect(eos.model.membership('Ethernet1')).toEqual({ ...member, fallback: true })
  expect(eos.model.membership('Ethernet2')).toEqual(member)
  expect(eos.model.savedMembership('Port-Channel20')).toEqual({ enabled: false, untagged: null, tagged: [] })

  expect(await session('no interface Port-Channel20')).toMatchObject({
    errors: ['Port-Channel20 has members'],
  })
  expect(eos.model.membership('Ethernet2')).toEqual(member)
  await run(['enable', 'configure session lag2 abort'], 'text')
  const leave = ['interface Ethernet1', 'no channel-group', 'interface Ethernet2', 'no channel-group']
  expect(await session(...leave, 'no interface Port-Channel20')).toBeUndefined()
  expect(eos.model.membership('Ethernet1')).toEqual({ enabled: true, untagged: 10, tagged: [] })
  expect(eos.model.running.ports.has('Port-Channel20')).toBe(false)
})

test.each([
  ['a LAG in a LAG', ['interface Port-Channel20', 'channel-group 21 mode active']],
  ['fallback of a port', ['interface Ethernet1', 'port-channel lacp fallback static']],
  ['a number that there is not', ['interface Ethernet1', 'channel-group 2001 mode active']],
  ['a way to speak LACP that there is not', ['interface Ethernet1', 'channel-group 20 mode desirable']],
  ['a port that cannot go', ['no interface Ethernet1']],
])('%s is refused', async (_what, lines) => {
  const { error } = await run(['enable', 'configure session lag', ...lines], 'text')
  expect(error?.data.at(-1)?.errors?.[0]).toMatch(/^Invalid input/)
})
