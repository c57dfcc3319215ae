import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readNetplan } from './netplan.ts'
import { stubDhcp } from './stub-parts.ts'
import {
  CLOUDSTACK_MAC,
  deploy,
  maasSystem,
  PXE,
  type StubRoom,
  stubRoom,
  TENANT,
  until,
  untilUp,
} from './stub-room.ts'
import type { Sighting } from './types.ts'

let room: StubRoom

beforeEach(() => {
  room = stubRoom()
})
afterEach(() => room.world.stop())

/** A system without anything of MAAS, up on the tenant's VLAN. */
async function runTenant(more: Record<string, string> = {}): Promise<void> {
  const { large, world } = room
  world.dhcpServers.set(TENANT, stubDhcp(TENANT, [CLOUDSTACK_MAC]))
  const whole = maasSystem(large, more)
  const files = Object.fromEntries(Object.entries(whole.files).filter(([path]) => !path.includes('/90_')))
  await deploy(room, large, { ...whole, files: { ...files, '/etc/cloud/cloud-init.disabled': '' } })
  large.powerOff()
  room.move(large, TENANT, [300])
  large.powerOn()
  await untilUp(large)
}

function presence(): string[] {
  const lines = room.world.diary.filter(({ kind }: Sighting) => kind === 'presence' || kind === 'gone')
  return lines.map(({ kind, vlan, mac }) => `${kind} ${vlan} ${mac}`)
}

describe('bond', () => {
  test('shows a port left in a wrong VLAN after a fail-over, and does not come back by itself', async () => {
    await runTenant()
    const { large, world, fabric } = room
    const [first, second] = large.nics
    if (!first || !second) throw new Error('two NICs expected')
    fabric.set(second.cable, { untagged: 777, tagged: [] })
    expect(large.interfaces()[0]).toMatchObject({ activeNic: 'eno1', vlan: TENANT })

    world.setLink('r1-h1', 'eno1', false)
    expect(large.interfaces()[0]).toMatchObject({ activeNic: 'eno2', vlan: 777, mac: CLOUDSTACK_MAC })
    world.setLink('r1-h1', 'eno1', true)
    expect(large.interfaces()[0]).toMatchObject({ activeNic: 'eno2' })
    // A port that is shut down is loss of link as well.
    fabric.set(second.cable, { enabled: false })
    expect(large.interfaces()[0]).toMatchObject({ activeNic: 'eno1', vlan: TENANT })

    large.powerOff()
    const mac = CLOUDSTACK_MAC
    expect(presence()).toEqual([
      `presence ${TENANT} ${mac}`,
      `presence 300 ${mac}`,
      `gone ${TENANT} ${mac}`,
      `gone 300 ${mac}`,
      `presence 777 ${mac}`,
      `gone 777 ${mac}`,
      `presence ${TENANT} ${mac}`,
      `presence 300 ${mac}`,
      `gone ${TENANT} ${mac}`,
      `gone 300 ${mac}`,
    ])
  })

  test('swapped cables bring each NIC into the network of the other port', async () => {
    await runTenant()
    const { large, world, fabric } = room
    const [first, second] = large.nics
    if (!first || !second) throw new Error('two NICs expected')
    const [here, there] = [first.cable, second.cable]
    fabric.set(there, { untagged: 777, tagged: [] })
    world.swapCables({ machine: 'r1-h1', nic: 'eno1' }, { machine: 'r1-h1', nic: 'eno2' })
    expect([first.cable, second.cable]).toEqual([there, here])
    expect(large.interfaces()[0]).toMatchObject({ activeNic: 'eno1', vlan: 777 })
    world.swapCables({ machine: 'r1-h1', nic: 'eno1' }, { machine: 'r1-h1', nic: 'eno2' })
    expect(large.interfaces()[0]).toMatchObject({ activeNic: 'eno1', vlan: TENANT })
    expect(() =>
      world.swapCables({ machine: 'r1-h1', nic: 'eno9' }, { machine: 'r1-h1', nic: 'eno1' }),
    ).toThrow('r1-h1 has no NIC eno9')
  })

  test('asks for a new lease after a loss of all links, and gets none where nobody knows its MAC', async () => {
    await runTenant()
    const { large, world, fabric } = room
    expect(large.interfaces()[0]?.lease?.server).toBe(`dhcp-${TENANT}`)
    world.dhcpServers.set(555, stubDhcp(555, ['06:00:00:00:00:99']))
    for (const { cable } of large.nics) fabric.set(cable, { enabled: false })
    expect(large.interfaces()[0]).toMatchObject({ activeNic: null, vlan: null, lease: null })
    for (const { cable } of large.nics) fabric.set(cable, { enabled: true, untagged: 555 })
    const leases = () => world.diary.filter(({ kind, vlan }) => kind === 'lease' && vlan === TENANT).length
    const before = leases()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(large.interfaces()[0]?.lease).toBeNull()
    for (const { cable } of large.nics) fabric.set(cable, { untagged: TENANT })
    await until(() => leases() === before + 1)
  })

  test('a port that changes its VLAN moves the presence at once, with the old lease still held', async () => {
    await runTenant()
    const { large } = room
    room.move(large, 400)
    expect(large.interfaces()[0]).toMatchObject({ vlan: 400, lease: { server: `dhcp-${TENANT}` } })
    expect(presence().slice(-3)).toEqual([
      `gone ${TENANT} ${CLOUDSTACK_MAC}`,
      `gone 300 ${CLOUDSTACK_MAC}`,
      `presence 400 ${CLOUDSTACK_MAC}`,
    ])
  })
})

describe('VLAN interface', () => {
  const mac = '06:aa:bb:00:00:02'
  const entry = { id: 300, link: 'bond0', macaddress: mac, dhcp4: true, optional: true }
  const file = {
    '/etc/netplan/60-vlans.yaml': JSON.stringify({ network: { vlans: { 'bond0.300': entry } } }),
  }

  test('from netplan gets its own lease under its own MAC, through the tagged VLAN only', async () => {
    room.world.dhcpServers.set(300, stubDhcp(300, [mac]))
    await runTenant(file)
    const { large, fabric } = room
    const face = () => large.interfaces().find(({ name }) => name === 'bond0.300')
    expect(face()).toMatchObject({ mac, vlan: 300, tagged: true, lease: { server: 'dhcp-300' } })
    for (const { cable } of large.nics) fabric.set(cable, { tagged: [] })
    expect(face()).toMatchObject({ vlan: null })
  })

  test.each([
    [file, { address: '2001:db8:300:0:4aa:bbff:fe00:2', router: 'r300' }],
    [
      {
        '/etc/netplan/60-vlans.yaml': JSON.stringify({
          network: {
            vlans: {
              'bond0.300': { ...entry, 'accept-ra': false, addresses: ['2001:db8:300::5/64', '10.9.9.9/24'] },
            },
          },
        }),
      },
      { address: '2001:db8:300::5', router: null },
    ],
  ])('takes what a router advertises in its own VLAN, unless netplan says no', async (files, held) => {
    room.world.dhcpServers.set(300, {
      ...stubDhcp(300, [mac]),
      advertises: () => ({ cidr: '2001:db8:300::/64', router: 'r300' }),
    })
    await runTenant(files)
    expect(room.large.interfaces().map(({ name, ip6 }) => [name, ip6])).toEqual([
      // nobody advertises in the untagged VLAN
      ['bond0', undefined],
      ['bond0.300', [held]],
    ])
  })

  test('added by the tenant in the running system asks at once and is there after a reboot', async () => {
    await runTenant()
    const { large, world } = room
    world.dhcpServers.set(300, stubDhcp(300, [mac]))
    expect(await world.addSystemVlan('r1-h1', 300, mac)).toMatchObject({
      name: 'bond0.300',
      mac,
      vlan: 300,
      lease: { server: 'dhcp-300' },
    })
    large.reset()
    await untilUp(large)
    expect(large.interfaces().map(({ name }) => name)).toEqual(['bond0', 'bond0.300'])
  })
})

describe('netplan', () => {
  const nics = [
    { name: 'eno1', mac: '52:54:00:00:00:01' },
    { name: 'eno2', mac: '52:54:00:00:00:02' },
  ]

  test('an ethernet whose match fits no NIC is not brought up: no network after a changed physical MAC', () => {
    const text =
      'network: {ethernets: {eno1: {match: {macaddress: "06:aa:bb:00:00:01"}, set-name: eno1, dhcp4: true}}}'
    expect(readNetplan({ '/etc/netplan/50-cloud-init.yaml': text }, nics)).toEqual([])
  })

  test('later files win, and a bond takes its members and the MAC of the first', () => {
    const files = {
      '/etc/netplan/20-b.yaml':
        'network: {bonds: {bond0: {dhcp4: true, interfaces: [eno2, eno1], parameters: {mode: active-backup}}}}',
      '/etc/netplan/10-a.yaml':
        'network: {ethernets: {eno1: {dhcp4: true}, eno2: {}}, bonds: {bond0: {dhcp4: false}}}',
      '/etc/netplan/notes.txt': 'no yaml: [',
    }
    expect(readNetplan(files, nics)).toMatchObject([
      { name: 'bond0', mac: '52:54:00:00:00:02', nics: ['eno2', 'eno1'], dhcp4: true, singleActive: true },
    ])
  })

  test('a file that netplan refuses leaves the system up and without network', async () => {
    await runTenant({ '/etc/netplan/60-bad.yaml': 'network: {bonds: [' })
    expect(room.large.interfaces()).toEqual([])
    expect(presence().filter((line) => !line.includes(` ${PXE} `))).toEqual([])
  })
})
