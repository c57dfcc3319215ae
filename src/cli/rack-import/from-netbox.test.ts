import { afterEach, expect, test } from 'vitest'
import { importNetbox, type NetboxWish } from './from-netbox.ts'
import { Netbox } from './netbox-api.ts'
import { type NetboxDouble, type Row, startNetbox } from './test-support/netbox.ts'

let netbox: NetboxDouble | undefined
afterEach(() => netbox?.stop())

const ref = (id: number, name: string) => ({ id, url: `http://netbox/api/x/${id}/`, display: name, name })
const rack = ref(1, 'R1')

function device(id: number, name: string, role: string, more: object = {}): Row {
  return {
    ...ref(id, name),
    role: { ...ref(1, role), slug: role },
    device_type: { id: 1, model: 'DCS-7050', slug: 'dcs-7050' },
    platform: { ...ref(1, 'Arista EOS'), slug: 'arista-eos' },
    site: ref(1, 'site'),
    rack,
    primary_ip: null,
    status: { value: 'active', label: 'Active' },
    custom_fields: {},
    ...more,
  }
}

function port(id: number, of: number, name: string, more: object = {}): Row {
  return {
    ...ref(id, name),
    device: ref(of, `device${of}`),
    type: { value: '25gbase-x-sfp28', label: 'SFP28 (25GE)' },
    enabled: true,
    mgmt_only: false,
    mac_address: null,
    mode: null,
    untagged_vlan: null,
    tagged_vlans: [],
    cable: null,
    connected_endpoints: null,
    connected_endpoints_type: null,
    ...more,
  }
}

/** A port of the switch 10 with what is on its other end, behind however many panels. */
function cabled(id: number, name: string, cable: number, end: number | null, more: object = {}): Row {
  return port(id, 10, name, {
    cable: { id: cable, label: '' },
    connected_endpoints: end === null ? null : [{ ...ref(end, 'eth0'), device: ref(20, 'server') }],
    connected_endpoints_type: end === null ? null : 'dcim.interface',
    untagged_vlan: { ...ref(7, 'pxe'), vid: 10 },
    ...more,
  })
}

const cable = (id: number, status = 'connected'): Row => ({ id, status: { value: status, label: status } })

const lists = (): Record<string, Row[]> => ({
  'dcim/racks': [{ ...rack }, ref(2, 'R2')],
  'dcim/devices': [
    device(10, 'tor1', 'leaf', {
      primary_ip: { id: 5, address: '10.0.0.2/24' },
      custom_fields: { ferrule_fingerprint: 'AA:BB' },
    }),
    device(11, 'spine1', 'spine', { rack: ref(2, 'R2') }),
    device(20, 'server1', 'server'),
    device(21, 'server2', 'server', { rack: ref(2, 'R2') }),
  ],
  'dcim/interfaces': [
    cabled(100, 'Ethernet10', 1, 200),
    cabled(101, 'Ethernet2', 2, 210),
    cabled(102, 'Ethernet3', 3, 201),
    cabled(103, 'Ethernet4', 4, 211),
    cabled(104, 'Ethernet5', 5, null),
    cabled(105, 'Ethernet49', 6, 300),
    port(106, 10, 'Ethernet48'),
    cabled(107, 'Management1', 7, 300, { mgmt_only: true }),
    port(200, 20, 'eth0', { mac_address: '52:54:00:AA:BB:01' }),
    port(201, 20, 'ipmi', { mgmt_only: true, mac_address: '52:54:00:AA:BB:99' }),
    port(210, 21, 'eth0', { primary_mac_address: { id: 3, mac_address: '52:54:00:AA:BB:02' } }),
    port(211, 21, 'eth1', { mac_address: '52:54:00:AA:BB:03' }),
    port(300, 11, 'Ethernet1'),
  ],
  'dcim/cables': [1, 2, 3, 5, 6, 7].map((id) => cable(id)).concat(cable(4, 'planned')),
  'dcim/device-types': [
    { id: 1, model: 'DCS-7050', u_height: 1 },
    { id: 2, model: 'R740', u_height: 2 },
  ],
  'ipam/vlan-groups': [{ ...ref(1, 'tenants'), slug: 'tenants', vid_ranges: [[100, 899]] }],
})

const wish: NetboxWish = {
  racks: ['R1'],
  switchRoles: ['leaf'],
  hostRoles: ['server'],
  types: new Map([['arista-eos', 'eAPI']]),
  username: 'ferrule',
  passwordRef: 'file:/etc/ferrule/{switch}.password',
  vlanGroup: 'tenants',
}

async function imported(rows: Record<string, Row[]>, more: Partial<NetboxWish> = {}, most?: number) {
  netbox = await startNetbox('token', rows, most)
  return importNetbox(new Netbox({ url: `${netbox.url}/`, token: 'token' }), { ...wish, ...more })
}

test.each([1000, 2])('a rack as it is documented, in pages of %i', async (most) => {
  const { racks, faults, notes } = await imported(lists(), {}, most)
  expect(faults).toEqual([])
  expect(racks).toEqual([
    {
      name: 'R1 tor1',
      l2Switch: {
        ip: '10.0.0.2',
        username: 'ferrule',
        password: { ref: 'file:/etc/ferrule/tor1.password' },
        type: 'eAPI',
        fingerprint: 'AA:BB',
      },
      hosts: [
        { mac: '52:54:00:aa:bb:02', port: 'Ethernet2' },
        { mac: '52:54:00:aa:bb:01', port: 'Ethernet10' },
      ],
      uplinks: ['Ethernet49'],
      vlanRange: { from: 100, to: 899 },
      pxeVlan: 10,
    },
  ])
  expect(notes.join('\n')).toMatch(
    /Ethernet3 .*ipmi .*for management.*cable 4 is planned.*cable 5 ends nowhere/s,
  )
  expect(netbox?.asked.every((one) => one.startsWith('GET '))).toBe(true)
})

test('every fault at once, with the object that has it', async () => {
  const rows = lists()
  const [tor, ...others] = rows['dcim/devices'] ?? []
  const interfaces = rows['dcim/interfaces'] ?? []
  const { faults } = await imported(
    {
      ...rows,
      'dcim/devices': [{ ...tor, id: 10, primary_ip: null, platform: { slug: 'sonic' } }, ...others],
      'dcim/interfaces': interfaces.map((row) =>
        row.id === 200
          ? { ...row, mac_address: null }
          : row.id === 210
            ? { ...row, primary_mac_address: null }
            : row,
      ),
      'ipam/vlan-groups': [
        {
          ...ref(1, 'tenants'),
          slug: 'tenants',
          vid_ranges: [
            [100, 199],
            [300, 399],
          ],
        },
      ],
    },
    { racks: ['R1', 'R9'] },
  )
  expect(faults.map(({ place, problem }) => `${place}: ${problem}`)).toEqual([
    'rack R9: NetBox has none of this name',
    'VLAN group tenants: has 2 ranges of VLANs; a rack file takes one',
    'switch tor1 (device 10): has no primary IP address',
    'switch tor1 (device 10): nothing says of which type platform sonic is: add --type sonic=TYPE',
    'device20 eth0 (interface 200): has no MAC, and is on device10 Ethernet10 (interface 100)',
    'device21 eth0 (interface 210): has no MAC, and is on device10 Ethernet2 (interface 101)',
  ])
})

test.each([
  ['from the floor', {}, { tor: 42, server: 5 }],
  ['from the top', { desc_units: true, u_height: 42 }, { tor: 1, server: 37 }],
  ['from another number', { starting_unit: 3 }, { tor: 40, server: 3 }],
])('heights in a rack that is numbered %s', async (_how, more, units) => {
  const rows = lists()
  const [tor, spine, server, elsewhere] = rows['dcim/devices'] ?? []
  const { racks } = await imported({
    ...rows,
    'dcim/racks': [{ ...rack, ...more }],
    'dcim/devices': [
      { ...tor, id: 10, position: 42 },
      { ...spine, id: 11 },
      { ...server, id: 20, position: 5, device_type: { id: 2 } },
      // heights of another rack say nothing beside this switch
      { ...elsewhere, id: 21, position: 7 },
    ],
  })
  expect(racks[0]?.l2Switch.unit).toBe(units.tor)
  expect(racks[0]?.hosts).toEqual([
    { mac: '52:54:00:aa:bb:02', port: 'Ethernet2' },
    { mac: '52:54:00:aa:bb:01', port: 'Ethernet10', unit: units.server, units: 2 },
  ])
})

test('ports that carry different VLANs now say nothing of the PXE VLAN', async () => {
  const rows = lists()
  rows['dcim/interfaces'] = (rows['dcim/interfaces'] ?? []).map((row) =>
    row.id === 101 ? { ...row, untagged_vlan: { id: 8, vid: 200 } } : row,
  )
  expect((await imported(rows)).racks[0]).not.toHaveProperty('pxeVlan')
})

test('a wrong token, a NetBox that is not there, and one that is none', async () => {
  netbox = await startNetbox('token', lists())
  const from = (url: string, token: string) => importNetbox(new Netbox({ url, token }), wish)
  await expect(from(netbox.url, 'hunter2')).rejects.toMatchObject({
    exitCode: 2,
    message: expect.not.stringContaining('hunter2'),
  })
  await expect(from(`${netbox.url}/elsewhere`, 'token')).rejects.toMatchObject({ exitCode: 2 })
  netbox.stop()
  await expect(from(netbox.url, 'token')).rejects.toMatchObject({ exitCode: 3 })
})
