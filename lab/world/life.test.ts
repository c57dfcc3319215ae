import { describe, expect, test } from 'vitest'
import { isPassword, SHADOW } from './shadow.ts'
import { stubDhcp } from './stub-parts.ts'
import {
  CLOUDSTACK_MAC,
  deploy,
  HAND_OVER,
  maasSystem,
  stubRoom,
  TENANT,
  until,
  untilUp,
} from './stub-room.ts'

describe('the life of a deployed machine', () => {
  test('hand-over in the PXE VLAN, then a lease and CloudStack metadata in the tenant VLAN', async () => {
    const room = stubRoom()
    const { world, maas, large } = room
    maas.userData = HAND_OVER
    world.dhcpServers.set(
      TENANT,
      stubDhcp(TENANT, [CLOUDSTACK_MAC], {
        userData: '#!/bin/sh\necho mine >/etc/tenant\n',
        sshKeys: ['ssh-ed25519 K'],
        hostname: 'web-1',
      }),
    )

    await deploy(room, large, maasSystem(large))
    await until(() => large.power() === 'off')
    expect(maas.heard).toEqual([`boot ${large.nics[0]?.mac}`, 'fetch abc123 tk', 'finished abc123 tk'])
    expect(Object.keys(large.installedFiles() ?? {}).filter((path) => path.includes('90_'))).toEqual([])
    expect(large.disks[0]?.contains(Buffer.from('TENANT-DATA'))).toBe(false)

    room.move(large, TENANT)
    large.powerOn()
    await untilUp(large)
    const [bond] = large.interfaces()
    expect(bond).toMatchObject({
      name: 'bond0',
      mac: CLOUDSTACK_MAC,
      vlan: TENANT,
      activeNic: 'eno1',
      lease: { server: 'dhcp-200' },
    })
    expect(large.running()).toMatchObject({ hostname: 'web-1', bootCount: 2 })
    expect(large.installedFiles()).toMatchObject({
      '/etc/tenant': 'mine\n',
      '/home/ubuntu/.ssh/authorized_keys': 'ssh-ed25519 K\n',
    })
    for (const disk of large.disks)
      expect(disk.contains(Buffer.from(`TENANT-DATA web-1 ${CLOUDSTACK_MAC}`))).toBe(true)
    expect(maas.heard).toHaveLength(3)
    await world.stop()
  })

  test.each([
    ['once for an instance', '', true],
    ['at each boot, where the list of modules says so', ' - [set-passwords, always]\n', false],
  ])('a password of the virtual router is set %s', async (_, modules, staysFirst) => {
    const room = stubRoom()
    const { world, maas, large } = room
    maas.userData = HAND_OVER
    const waiting = ['first']
    const dhcp = stubDhcp(TENANT, [CLOUDSTACK_MAC], { userData: '', sshKeys: [], hostname: 'web-1' })
    world.dhcpServers.set(TENANT, {
      ...dhcp,
      answer(from, request) {
        if (request.port !== 8080) return dhcp.answer?.(from, request) ?? null
        if (request.headers?.domu_request === 'saved_password') waiting.shift()
        return waiting[0] ?? 'saved_password'
      },
    })
    const boots = async () => {
      large.powerOn()
      await untilUp(large)
    }
    const isSet = (password: string) => isPassword(large.installedFiles()?.[SHADOW] ?? '', 'ubuntu', password)
    const cloudCfg = `cloud_config_modules:\n - locale\n${modules}`
    await deploy(room, large, maasSystem(large, { '/etc/cloud/cloud.cfg': cloudCfg }))
    await until(() => large.power() === 'off')
    room.move(large, TENANT)
    await boots()
    expect([isSet('first'), waiting]).toEqual([true, []])
    expect(JSON.stringify(large.installedFiles())).not.toContain('first')
    large.powerOff()
    await boots()
    expect(isSet('first')).toBe(true)

    waiting.push('second')
    large.powerOff()
    await boots()
    expect([isSet('first'), isSet('second'), waiting]).toEqual([staysFirst, !staysFirst, []])
    await world.stop()
  })

  test('a system that still reports to MAAS hangs outside of the PXE VLAN, and runs nothing', async () => {
    const room = stubRoom()
    const { world, maas, small } = room
    await deploy(room, small, maasSystem(small))
    await untilUp(small)
    small.powerOff()
    room.move(small, TENANT)
    const started = world.clock.now()
    small.powerOn()
    await until(() => small.running().kind === 'system')
    await until(() => {
      const now = small.running()
      return now.kind === 'system' && now.phase === 'hanging'
    })
    small.softOff()
    await untilUp(small)
    expect(world.clock.now() - started).toBeGreaterThan(600_000)
    expect(maas.heard.filter((line) => line.startsWith('fetch'))).toHaveLength(1)
    await world.stop()
  })

  test('the tenant system that boots in the PXE VLAN tells MAAS that it finished', async () => {
    const room = stubRoom()
    const { world, maas, small } = room
    await deploy(room, small, maasSystem(small))
    await untilUp(small)
    maas.heard.length = 0
    small.reset()
    await until(() => maas.heard.length > 0)
    expect(maas.heard).toEqual(['finished abc123 tk'])
    await world.stop()
  })

  test('a hand-over that forgets to keep the network file loses the bond, and the tenant gets no lease', async () => {
    const room = stubRoom()
    const { world, maas, large } = room
    maas.userData = HAND_OVER.replace('      network: {config: disabled}\n', '')
    world.dhcpServers.set(TENANT, stubDhcp(TENANT, [CLOUDSTACK_MAC]))
    await deploy(room, large, maasSystem(large))
    await until(() => large.power() === 'off')
    room.move(large, TENANT)
    large.powerOn()
    await untilUp(large)
    expect(large.interfaces()).toMatchObject([
      { name: 'eno1', mac: large.nics[0]?.mac, vlan: TENANT, lease: null },
    ])
    await world.stop()
  })
})
