import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type MaasRoom, maasRoom, status, until } from './test-support/room.ts'

let room: MaasRoom
beforeEach(async () => {
  room = await maasRoom()
})
afterEach(() => room.stop())

describe('a machine from enlistment to release', () => {
  test('create, commission, allocate, deploy, release', async () => {
    const { api, world } = room
    const machine = world.machine('r1-h1')
    const created = await api.post('machines/', null, {
      hostname: 'r1-h1',
      architecture: 'amd64/generic',
      mac_addresses: machine.nics.map((nic) => nic.mac),
      power_type: 'ipmi',
      power_parameters_power_address: machine.bmc.address,
      power_parameters_power_user: machine.bmc.username,
      power_parameters_power_pass: machine.bmc.password,
      commission: 'false',
    })
    expect(created.status).toBe(200)
    const id = (created.body as { system_id: string }).system_id

    expect((await api.post(`machines/${id}/`, 'commission', { skip_bmc_config: 1 })).status).toBe(200)
    await until(() => status(room, id) === 4)
    await until(() => machine.power() === 'off')
    const ready = (await api.get(`machines/${id}/`)).body
    expect(ready).toMatchObject({
      status_name: 'Ready',
      cpu_count: machine.cpuCount,
      memory: machine.memoryMiB,
      boot_interface: { name: 'eno1', links: [{ mode: 'auto' }] },
      blockdevice_set: machine.disks.map(({ name, serial }) => ({ name, serial })),
    })

    expect((await api.post('machines/', 'allocate', { system_id: id, agent_name: 'op-1' })).status).toBe(200)
    expect((await api.get('machines/', { agent_name: 'op-1' })).body).toMatchObject([{ system_id: id }])
    const eno1 = room.maas.region.node(id)?.interfaces[0]
    await api.post(`nodes/${id}/interfaces/${eno1?.id}/`, 'unlink_subnet', { id: eno1?.links[0]?.id ?? 0 })
    await api.post(`nodes/${id}/interfaces/${eno1?.id}/`, 'link_subnet', { mode: 'DHCP', subnet: 3 })
    const userData = Buffer.from('#cloud-config\n{}\n').toString('base64')
    const deploy = await api.post(`machines/${id}/`, 'deploy', {
      distro_series: 'jammy',
      user_data: userData,
    })
    expect(deploy.status).toBe(200)
    await until(() => status(room, id) === 6)
    expect(machine.installedFiles()?.['/etc/netplan/50-cloud-init.yaml']).toContain('dhcp4: true')
    await until(() => machine.running().kind === 'system')

    const released = await api.post(`machines/${id}/`, 'release', { erase: 'true' })
    expect(released.body).toMatchObject({ status_name: 'Disk erasing' })
    await until(() => status(room, id) === 4)
    expect(machine.power()).toBe('off')
    for (const disk of machine.disks) expect(disk.isBlank()).toBe(true)
  })
})
