import { afterEach, beforeEach, expect, test } from 'vitest'
import { type NxosServer, startNxos } from './server.ts'

let nxos: NxosServer
beforeEach(async () => {
  nxos = await startNxos({
    address: '127.0.0.1',
    clear: true,
    users: [
      { username: 'admin', password: 'secret' },
      { username: 'viewer', password: 'look', readOnly: true },
    ],
    hosts: ['Ethernet1/1', 'Ethernet1/2'],
    uplinks: [],
    pxeVlan: 10,
    learned: (port) => (port === 'Ethernet1/1' ? [{ mac: '52:54:00:aa:bb:01', vlan: 10 }] : []),
  })
})
afterEach(() => nxos.stop())

async function ins(type: string, input: string, more: object = {}, login = 'admin:secret'): Promise<unknown> {
  const response = await fetch(`http://${nxos.http.address}:${nxos.http.port}/ins`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` },
    body: JSON.stringify({ ins_api: { version: '1.0', type, chunk: '0', sid: '1', input, ...more } }),
  })
  const answer: { ins_api: { outputs: { output: unknown } } } = JSON.parse(await response.text())
  return answer.ins_api.outputs.output
}

const rollback = { rollback: 'rollback-on-error' }

test('one command has one output, several have a list; a table of one row is the row, of none an empty text', async () => {
  const one = await ins('cli_show', 'show mac address-table interface Ethernet1/1')
  expect(one).toMatchObject({
    body: { TABLE_mac_address: { ROW_mac_address: { disp_mac_addr: '5254.00aa.bb01' } } },
  })
  const several = await ins(
    'cli_show',
    'show mac address-table interface Ethernet1/2 ;show interface switchport',
  )
  const rows = [
    { interface: 'Ethernet1/1', oper_mode: 'access', access_vlan: 10, trunk_vlans: '1-4094' },
    { interface: 'Ethernet1/2' },
  ]
  expect(several).toMatchObject([{ body: '' }, { body: { TABLE_interface: { ROW_interface: rows } } }])
})

test('every line is in force before the next one is read', async () => {
  await ins('cli_conf', 'interface Ethernet1/1 ;switchport mode trunk ;switchport trunk allowed vlan none')
  expect(nxos.model.history.map(({ membership }) => [membership.untagged, membership.tagged])).toEqual([
    [1, [10]],
    [null, []],
  ])
})

test('a refused line ends it; what came before stays, or goes back where that is asked', async () => {
  const lines = 'interface Ethernet1/1 ;switchport access vlan 1 ;vlan 4000'
  const outputs = await ins('cli_conf', lines)
  expect([outputs].flat().at(-1)).toMatchObject({
    input: 'vlan 4000',
    code: '400',
    clierror: expect.stringMatching(/reserved/),
  })
  expect(nxos.model.membership('Ethernet1/1').untagged).toBe(1)
  nxos.model.reboot()
  await ins('cli_conf', lines, rollback)
  expect(nxos.model.membership('Ethernet1/1').untagged).toBe(10)
})

test.each([
  ['vlan 4095', '% Invalid command'],
  ['interface Ethernet1/9', '% Invalid interface format: Ethernet1/9'],
  ['vlan 20 ;name VLAN0010', 'ERROR: VLAN with the name VLAN0010 exists already'],
  [
    'interface Ethernet1/1 ;no switchport ;switchport access vlan 20',
    'ERROR: Ethernet1/1: requested config not allowed on a routed port',
  ],
])('%s is refused', async (lines, said) => {
  const answer = await ins('cli_conf', lines, rollback)
  expect([answer].flat().at(-1)).toMatchObject({ code: '400', clierror: said })
})

test('a VLAN that is not there is not made by naming it, and carries nothing', async () => {
  await ins('cli_conf', 'interface Ethernet1/1 ;switchport access vlan 300')
  expect(nxos.model.membership('Ethernet1/1').untagged).toBe(null)
})

test('a viewer looks only; what has no structure is text only', async () => {
  expect(await ins('cli_conf', 'vlan 20', {}, 'viewer:look')).toMatchObject({ code: '400' })
  expect(await ins('cli_show', 'show startup-config')).toMatchObject({ code: '501' })
  expect(await ins('cli_show_ascii', 'show startup-config')).toMatchObject({
    body: expect.stringContaining('  switchport access vlan 10\n'),
  })
})
