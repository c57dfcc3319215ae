import { expect, test } from 'vitest'
import { HttpSwitchClient } from '../https/client.ts'
import { NxCli } from './cli.ts'
import { lookAt, portOf, readMacs, readVlans } from './look.ts'

const endpoint = { address: '192.0.2.6', username: 'u', password: 's3cret' }

/** NX-API with these answers, one per request. */
function cliWith(...bodies: unknown[]): NxCli {
  const target = { address: endpoint.address, origin: 'https://192.0.2.6', clear: false, pin: null, ca: null }
  const http = new HttpSwitchClient(target, endpoint)
  http.send = async () => ({
    status: 200,
    body: JSON.stringify({ ins_api: { outputs: { output: bodies.shift() } } }),
  })
  return new NxCli(http)
}

const ok = (body: unknown) => ({ code: '200', msg: 'Success', body })
const row = (name: string, more: object = {}) => ({
  interface: name,
  switchport: 'Enabled',
  oper_mode: 'trunk',
  access_vlan: 1,
  native_vlan: '100',
  trunk_vlans: '100,\n200-201',
  ...more,
})
const interfaces = (rows: unknown) => ({ TABLE_interface: { ROW_interface: rows } })
const up = (name: string) => ({ interface: name, state_rsn_desc: 'none' })
const state = { mode: 'trunk', untagged: 100, tagged: [200, 201], enabled: true }

test('a table of one row, of many, and numbers as texts', async () => {
  const one = await lookAt(cliWith([ok(interfaces(row('Ethernet1/1'))), ok(interfaces(up('Ethernet1/1')))]))
  expect([...one]).toEqual([['Ethernet1/1', state]])
  const many = await lookAt(
    cliWith([
      ok(interfaces([row('Ethernet1/1'), row('Ethernet1/2', { switchport: 'Disabled' })])),
      ok(
        interfaces([
          { interface: 'mgmt0', state: 'up' },
          { interface: 'Ethernet1/1', state_rsn_desc: 'Administratively down' },
          up('Ethernet1/2'),
          up('Ethernet1/3'),
        ]),
      ),
    ]),
  )
  expect(many.get('Ethernet1/1')).toEqual({ ...state, enabled: false })
  expect(() => portOf('tor6', many, 'Ethernet1/2')).toThrow(/routed/)
  expect(() => portOf('tor6', many, 'Ethernet1/3')).toThrow(/member of a port-channel/)
  expect(() => portOf('tor6', many, 'Ethernet1/9')).toThrow(/no switch port Ethernet1\/9/)
})

test('a table of none', async () => {
  expect((await lookAt(cliWith([ok(''), ok('')]))).size).toBe(0)
  expect(await readMacs(cliWith(ok('')), 'Ethernet1/1')).toEqual([])
  expect(await readMacs(cliWith({ code: '200', msg: 'Success' }), 'Ethernet1/1')).toEqual([])
})

test('MAC addresses, and VLANs by the field that is a number everywhere', async () => {
  const mac = { disp_mac_addr: '5254.00AA.bb01', disp_vlan: '100', disp_port: 'Ethernet1/1' }
  expect(await readMacs(cliWith(ok({ TABLE_mac_address: { ROW_mac_address: mac } })), 'Ethernet1/1')).toEqual(
    [{ port: 'Ethernet1/1', mac: '52:54:00:aa:bb:01', vlan: 100 }],
  )
  const vlan = {
    'vlanshowbr-vlanid': '16777216',
    'vlanshowbr-vlanid-utf': '1',
    'vlanshowbr-vlanname': 'default',
  }
  const body = { TABLE_vlanbriefxbrief: { ROW_vlanbriefxbrief: vlan } }
  expect(await readVlans(cliWith(ok(body)))).toEqual([{ vlan: 1, description: 'default' }])
})

test.each([
  ['another answer', ok({ TABLE_interface: { ROW_interface: { name: 'eth0' } } })],
  [
    'a mode that it cannot have',
    { code: '400', msg: 'Input CLI command error', clierror: '% Invalid command\n' },
  ],
  ['no answer of NX-API', 7],
])('%s is refused', async (_name, output) => {
  await expect(lookAt(cliWith([output, output]))).rejects.toMatchObject({ code: 'switch-refused' })
})

test('of several lines the refused one is named, with what the switch says', async () => {
  const refused = {
    input: 'vlan 4000',
    code: '400',
    msg: 'CLI execution error',
    clierror: 'ERROR: reserved\n',
  }
  await expect(cliWith([ok({}), refused]).configure(['vlan 300', 'vlan 4000'])).rejects.toMatchObject({
    code: 'switch-refused',
    message: 'Switch 192.0.2.6 refused "vlan 4000": CLI execution error: ERROR: reserved',
  })
})
