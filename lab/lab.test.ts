import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { IpmiClient } from './bmc/client.ts'
import { ipmi } from './bmc/client.ts'
import type { LabFacts } from './facts.ts'
import { startLab } from './lab.ts'
import { configureSwitch, control, maas } from './test-client.ts'
import type { Lab } from './types.ts'
import type { LiveInterface, Running, Sighting } from './world/types.ts'

/** The whole lab, touched by its real protocols only: what a deploy and an erase are made of. */

interface MachineSeen {
  power: 'on' | 'off'
  running: Running
  interfaces: LiveInterface[]
  bootable: boolean
  disks: { name: string; blank: boolean; hash: string }[]
  maas: { systemId: string; status: string } | null
}

interface MaasMachine {
  system_id: string
  status_name: string
  boot_interface: { id: number; links: { id: number }[]; vlan: { id: number } }
}

/** Ten minutes of a rack pass in a fifth of a second. */
const SCALE = 3000
const PATIENCE = { timeout: 15_000, interval: 20 }

/** Not the default one: another lab could take that while this one is stopped and started again. */
const SITE = 100 + (process.pid % 150)

let folder: string
let lab: Lab
let facts: LabFacts

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferrule-lab-'))
  lab = await startLab({ site: SITE, seed: 7, timeScale: SCALE, dataDir: folder })
  facts = await control<LabFacts>({ control: lab.facts().control } as LabFacts, 'GET', '/')
})
afterAll(async () => {
  await lab.stop()
  await rm(folder, { recursive: true })
})

function paper(name: string): LabFacts['machines'][number] {
  const machine = facts.machines.find((one) => one.name === name)
  if (machine === undefined) throw new Error(`no machine ${name}`)
  return machine
}

function bmc(name: string): IpmiClient {
  return ipmi(paper(name).bmc)
}

function see(name: string): Promise<MachineSeen> {
  return control<MachineSeen>(facts, 'GET', `/machines/${name}`)
}

async function maasMachine(systemId: string): Promise<MaasMachine> {
  return maas<MaasMachine>(facts, 'GET', `machines/${systemId}/`)
}

test('the paper: addresses, credentials, cables; and nothing secret about anything else', () => {
  expect(facts.machines).toHaveLength(16)
  expect(facts.switches).toHaveLength(4)
  expect(facts).toMatchObject({ seed: 7, timeScale: SCALE, pxeVlan: 10, quarantineVlan: 999 })
  expect(facts.maas.url).toBe(`http://127.${facts.site}.0.1:5240/MAAS`)
})

test('MAAS knows rack r2 as Ready machines, and nothing of r1', async () => {
  const machines = await maas<{ hostname: string; status_name: string }[]>(facts, 'GET', 'machines/')
  expect(machines.map(({ hostname, status_name }) => `${hostname} ${status_name}`).sort()).toEqual(
    [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `r2-h${n} Ready`),
  )
})

test('a machine that is switched on over IPMI network-boots, and what MAAS does not know only enlists', async () => {
  await bmc('r1-h1').on()
  await expect
    .poll(async () => (await see('r1-h1')).running, PATIENCE)
    .toMatchObject({ kind: 'ephemeral', purpose: 'enlist' })
  const { sightings } = await control<{ sightings: Sighting[] }>(facts, 'GET', '/diary?machine=r1-h1')
  expect(sightings.map(({ kind }) => kind)).toContain('power')
  await bmc('r1-h1').off()
  expect((await see('r1-h1')).power).toBe('off')
})

describe('a life in MAAS', () => {
  let systemId: string

  test('created, commissioned to Ready over PXE and IPMI', async () => {
    const machine = paper('r1-h2')
    const created = await maas<MaasMachine>(facts, 'POST', 'machines/', {
      hostname: machine.name,
      architecture: 'amd64/generic',
      mac_addresses: machine.nics[0]?.mac ?? '',
      power_type: 'ipmi',
      power_parameters_power_address: machine.bmc.address,
      power_parameters_power_user: machine.bmc.username,
      power_parameters_power_pass: machine.bmc.password,
    })
    systemId = created.system_id
    await expect.poll(async () => (await maasMachine(systemId)).status_name, PATIENCE).toBe('Ready')
    await expect.poll(async () => (await see('r1-h2')).power, PATIENCE).toBe('off')
    expect((await see('r1-h2')).maas).toEqual({ systemId, status: 'Ready' })
  })

  test('deployed with DHCP: the disk holds a system, which is up in the PXE VLAN', async () => {
    await maas(facts, 'POST', 'machines/?op=allocate', { system_id: systemId })
    const { boot_interface: nic } = await maasMachine(systemId)
    for (const link of nic.links) {
      await maas(facts, 'POST', `nodes/${systemId}/interfaces/${nic.id}/?op=unlink_subnet`, {
        id: String(link.id),
      })
    }
    const subnets = await maas<{ id: number; vlan: { dhcp_on: boolean } }[]>(facts, 'GET', 'subnets/')
    const pxe = subnets.find(({ vlan }) => vlan.dhcp_on)
    const link = { mode: 'DHCP', subnet: String(pxe?.id) }
    await maas(facts, 'POST', `nodes/${systemId}/interfaces/${nic.id}/?op=link_subnet`, link)
    await maas(facts, 'POST', `machines/${systemId}/?op=deploy`, { distro_series: 'jammy' })
    await expect.poll(async () => (await maasMachine(systemId)).status_name, PATIENCE).toBe('Deployed')
    const seen = await see('r1-h2')
    expect(seen.bootable).toBe(true)
    expect(seen.interfaces).toMatchObject([{ name: 'eno1', vlan: 10, lease: { ip: expect.any(String) } }])
  })

  test("in the tenant's VLAN the virtual router answers its MAC, and the disk fills with the tenant's data", async () => {
    const [nic] = paper('r1-h2').nics
    if (nic === undefined) throw new Error('r1-h2 has no NIC')
    await control(facts, 'POST', '/networks', { vlan: 101, cidr: '10.1.1.0/24', name: 'web' })
    const reserved = await control<{ mac: string; ip: string }>(facts, 'POST', '/networks/101/nics', {
      mac: nic.mac,
      hostname: 'web-1',
    })
    await bmc('r1-h2').off()
    const port = `TenGigabitEthernet ${nic.port}`
    await configureSwitch(
      facts,
      nic.switch,
      'interface vlan 10',
      `no untagged ${port}`,
      'interface vlan 101',
      `untagged ${port}`,
    )
    // No network boot now: the PXE VLAN is not there, and the disk is next.
    await bmc('r1-h2').cycle()
    await expect
      .poll(async () => control(facts, 'GET', '/leases'), PATIENCE)
      .toEqual([expect.objectContaining({ vlan: 101, mac: nic.mac, ip: reserved.ip, hostname: 'web-1' })])
    await expect
      .poll(async () => (await see('r1-h2')).running, PATIENCE)
      .toMatchObject({ kind: 'system', phase: 'up' })
    const found = await control(facts, 'GET', '/machines/r1-h2/disks/sda/contains?text=TENANT-DATA')
    expect(found).toEqual({ contains: true })

    const ports = await control<{ port: string; host: string; running: object; startup: object }[]>(
      facts,
      'GET',
      '/switches/r1-tor1/ports',
    )
    expect(ports.find(({ host }) => host === 'r1-h2')).toMatchObject({
      running: { untagged: 101 },
      startup: { untagged: 10 },
    })
  })

  test('a pulled cable is a lost lease', async () => {
    await control(facts, 'POST', '/machines/r1-h2/nics/eno1/link', { up: false })
    expect((await see('r1-h2')).interfaces[0]).toMatchObject({ vlan: null, lease: null })
    await control(facts, 'POST', '/machines/r1-h2/nics/eno1/link', { up: true })
    await expect
      .poll(async () => (await see('r1-h2')).interfaces[0]?.lease?.server, PATIENCE)
      .toContain('web')
  })

  test('back in the PXE VLAN and released with erase, its disk is blank', async () => {
    const [nic] = paper('r1-h2').nics
    await bmc('r1-h2').off()
    await control(facts, 'POST', '/switches/r1-tor1/reboot')
    const ports = await control<{ host: string; running: object }[]>(facts, 'GET', '/switches/r1-tor1/ports')
    expect(ports.find(({ host }) => host === 'r1-h2')).toMatchObject({
      running: { untagged: 10, enabled: true },
    })
    expect(nic?.port).toBe('1/2')
    await maas(facts, 'POST', `machines/${systemId}/?op=release`, { erase: 'true' })
    await expect.poll(async () => (await maasMachine(systemId)).status_name, PATIENCE).toBe('Ready')
    const { disks } = await see('r1-h2')
    expect(disks).toMatchObject([{ name: 'sda', blank: true }])
  })
})

describe('a machine that speaks Redfish alone', () => {
  const boss = () => paper('r2-h7').bmc

  test('is known to MAAS with its power type, and says so on paper', async () => {
    expect(facts.machines.filter(({ bmc }) => bmc.redfish !== null).map(({ name }) => name)).toEqual([
      'r2-h5',
      'r2-h7',
    ])
    expect(boss().protocols).toEqual(['redfish'])
    const machines = await maas<(MaasMachine & { hostname: string; power_type: string })[]>(
      facts,
      'GET',
      'machines/',
    )
    const types = machines.map(({ hostname, power_type }) => [hostname, power_type])
    expect(types).toContainEqual(['r2-h7', 'redfish'])
    expect(types).toContainEqual(['r2-h5', 'ipmi'])
    await expect(ipmi({ ...boss(), username: 'admin' }).power()).rejects.toThrow('unreachable')
  })

  test('is commissioned by MAAS over Redfish, booting from the network', async () => {
    const machines = await maas<(MaasMachine & { hostname: string })[]>(facts, 'GET', 'machines/')
    const { system_id: id = '' } = machines.find(({ hostname }) => hostname === 'r2-h7') ?? {}
    await maas(facts, 'POST', `machines/${id}/?op=commission`)
    await expect
      .poll(async () => (await see('r2-h7')).running, PATIENCE)
      .toMatchObject({ kind: 'ephemeral', purpose: 'commissioning' })
    await expect.poll(async () => (await maasMachine(id)).status_name, PATIENCE).toBe('Ready')
    await expect.poll(async () => (await see('r2-h7')).power, PATIENCE).toBe('off')
    expect(await maas(facts, 'GET', `machines/${id}/?op=query_power_state`)).toEqual({ state: 'off' })
  })

  test('shows its certificate as it is on paper, also after a restart of the lab', () => {
    expect(boss().redfish?.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    expect(lab.bmcs.redfish.get('r2-h7')?.identity.fingerprint).toBe(boss().redfish?.fingerprint)
  })

  test('has its console by SSH, with the host key that is on paper; those with IPMI have none', () => {
    expect(boss().ssh).toEqual({
      port: expect.any(Number),
      fingerprint: lab.bmcs.ssh.get('r2-h7')?.hostKey.fingerprint,
    })
    expect(facts.machines.filter(({ bmc }) => bmc.ssh !== null).map(({ name }) => name)).toEqual(['r2-h7'])
  })

  test('can be made to misbehave, and its lamp be seen', async () => {
    await control(facts, 'PUT', '/faults/redfish/r2-h7', { sessionsTaken: 6 })
    await control(facts, 'PUT', '/faults/bmc/r2-h7', { stuckPower: true })
    expect(await control(facts, 'GET', '/faults/redfish/r2-h7')).toMatchObject({ sessionsTaken: 6 })
    await control(facts, 'DELETE', '/faults')
    lab.bmcs.controllers.get('r2-h7')?.identify.force(true)
    expect(await control(facts, 'GET', '/machines/r2-h7')).toMatchObject({ identify: 'forced' })
  })
})

test('a person at the front panel, and one who restarts a BMC', async () => {
  await control(facts, 'POST', '/machines/r1-h3/button', { press: 'power' })
  expect((await see('r1-h3')).power).toBe('on')
  const text = async () => (await control<{ text: string }>(facts, 'GET', '/machines/r1-h3/console')).text
  await expect.poll(text, PATIENCE).toContain('Start PXE over IPv4')
  await control(facts, 'PUT', '/faults/bmc/r1-h3', { restartMs: 50 })
  await control(facts, 'POST', '/machines/r1-h3/bmc/restart')
  await bmc('r1-h3').off()
  expect((await see('r1-h3')).power).toBe('off')
  await control(facts, 'DELETE', '/faults')
})

test('dials: an unreachable BMC, a switch that is down, a MAAS that rejects its key; DELETE brings all back', async () => {
  await control(facts, 'PUT', '/faults', { 'switch/r1-tor1': { down: true }, maas: { keyRejected: true } })
  await control(facts, 'PUT', '/faults/machine/r1-h4', { bootHang: true })
  await expect(configureSwitch(facts, facts.switches[0]?.address ?? '', 'end')).rejects.toThrow()
  await expect(maas(facts, 'GET', 'machines/')).rejects.toThrow('401')
  await expect(control(facts, 'PUT', '/faults/bmc/r1-h4', { onFire: true })).rejects.toThrow('no dial')
  await control(facts, 'DELETE', '/faults')
  await configureSwitch(facts, facts.switches[0]?.address ?? '', 'end')
  await maas(facts, 'GET', 'machines/')
  expect(await control(facts, 'GET', '/faults/machine/r1-h4')).toMatchObject({ bootHang: false })
})

test.each([
  ['GET', '/machines/r9-h1', undefined, '404'],
  ['GET', '/machines/r1-h1/disks/sdz/contains?text=x', undefined, '404'],
  ['POST', '/networks', { vlan: 10, cidr: '10.1.0.0/24', name: 'pxe' }, '409'],
  ['POST', '/networks', { vlan: 'x' }, '400'],
  ['POST', '/machines/r1-h1/system/vlans', { vlan: 5, mac: '02:00:00:00:00:01' }, '409'],
  ['PUT', '/faults/switch/r1-tor9', {}, '404'],
])('%s %s %j is refused', async (method, path, body, status) => {
  await expect(control(facts, method, path, body)).rejects.toThrow(status)
})

test('the lab continues where it stopped: disks, MAAS, switches, networks', async () => {
  await control(facts, 'POST', '/networks', { vlan: 202, cidr: '10.2.2.0/24', name: 'kept' })
  const tor = facts.switches[1]?.address ?? ''
  await configureSwitch(facts, tor, 'interface vlan 202', 'tagged te 1/1')
  const before = await maas<MaasMachine[]>(facts, 'GET', 'machines/')
  await lab.stop()
  lab = await startLab({ site: SITE, seed: 7, timeScale: SCALE, dataDir: folder })
  expect(lab.facts()).toEqual(facts)
  const after = await maas<MaasMachine[]>(facts, 'GET', 'machines/')
  expect(after.map((one) => one.system_id)).toEqual(before.map((one) => one.system_id))
  expect(lab.switches.get('r1-tor2')?.membership('1/1').tagged).toEqual([202])
  expect(await control(facts, 'GET', '/networks')).toContainEqual(
    expect.objectContaining({ vlan: 202, name: 'kept' }),
  )
  await expect(startLab({ seed: 8, timeScale: SCALE, dataDir: folder })).rejects.toThrow('seed 7')
})
