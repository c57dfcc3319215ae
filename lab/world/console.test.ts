import { afterEach, beforeEach, expect, test } from 'vitest'
import { stubDhcp } from './stub-parts.ts'
import { deploy, maasSystem, type StubRoom, stubRoom, TENANT, until, untilUp } from './stub-room.ts'
import type { Machine } from './types.ts'

/** What stands on a serial console, read as an operator reads it. */

let room: StubRoom
beforeEach(() => {
  room = stubRoom()
})
afterEach(() => room.world.stop())

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals colour their words with the escape character.
const COLOUR = /\x1b\[[0-9;]*m/g

function screen(machine: Machine): string {
  return machine.serialPort.history().toString().replaceAll('\r\n', '\n').replaceAll(COLOUR, '')
}

function type(machine: Machine, ...lines: string[]): void {
  for (const line of lines) machine.serialPort.type(Buffer.from(`${line}\r`))
}

/** The texts stand in the screen in this order. */
function expectInOrder(text: string, ...parts: string[]): void {
  let from = 0
  for (const part of parts) {
    const at = text.indexOf(part, from)
    expect(
      at,
      `${JSON.stringify(part)} after ${JSON.stringify(text.slice(Math.max(0, from - 80), from))}`,
    ).toBeGreaterThanOrEqual(0)
    from = at + part.length
  }
}

test('a machine that nobody answers: POST, three tries in vain, and the firmware’s last words', async () => {
  const { small } = room
  small.powerOn()
  await until(() => small.running().kind === 'no-boot-device')
  const text = screen(small)
  expectInOrder(
    text,
    'S/N FL2812',
    'CPU: 8 cores',
    '>>Start PXE over IPv4 on eno1',
    'Select proper Boot device',
  )
  expect(text.match(/PXE-E16: No valid offer/g)).toHaveLength(3)
  small.powerOff()
  room.world.setLink(small.name, 'eno1', false)
  small.powerOn()
  await until(() => small.running().kind === 'no-boot-device')
  expect(screen(small).match(/PXE-E51: No link/g)).toHaveLength(3)
})

test('from the BMC’s boot order to the login prompt, through MAAS’s installer', async () => {
  const { large } = room
  await deploy(room, large, maasSystem(large))
  await untilUp(large)
  expectInOrder(
    screen(large),
    'Boot override by BMC: network, next boot only',
    'DHCP offer received',
    'Command line: BOOT_IMAGE=boot-kernel root=squash:squashfs',
    'curtin: Installation finished.',
    'reboot: Restarting system',
    'Lab Systems UEFI BIOS',
    "Booting 'Ubuntu 22.04 LTS' from sda",
    'smp: Brought up 1 node, 16 CPUs',
    'bond0: active interface up, eno1',
    'ci-info: | bond0',
    "running 'modules:final'",
    'Datasource DataSourceMAAS',
    'r1-h1 login: ',
  )
  // A boot is not printed at once: its lines are spread over the time that it takes.
  expect(screen(large)).toMatch(/\[ +[1-9]\.\d{6}] Command line/)
})

test('a shell behind the login, which knows the system and its power', async () => {
  const { small } = room
  await deploy(room, small, maasSystem(small))
  await untilUp(small)
  type(small, 'root', 'wrong')
  expect(screen(small)).toMatch(/login: root\nPassword: \n\nLogin incorrect\nr1-h2 login: $/)
  type(small, 'root', 'lab', 'hostnamex\x7f', 'ip -br addr', 'ip -br link', 'cat /etc/hosts', 'frobnicate')
  expectInOrder(
    screen(small),
    'root@r1-h2:~# hostnamex\b \b\nr1-h2\n',
    'bond0            UP             10.0.10.10/24',
    'bond0            UP             06:aa:bb:00:00:01',
    'cat: /etc/hosts: No such file',
    '-bash: frobnicate: command not found',
  )
  type(small, 'reboot')
  await until(() => small.running().kind === 'firmware')
  expect(screen(small)).toMatch(/System is rebooting\.\n(.*\n)+\[.*] reboot: Restarting system\n/)
  await untilUp(small)
  expect(small.running()).toMatchObject({ bootCount: 2 })
  type(small, 'root', 'lab', 'poweroff')
  await until(() => small.power() === 'off')
  expect(screen(small)).toMatch(/reboot: Power down\n$/)
  type(small, 'hello')
  expect(screen(small)).toMatch(/reboot: Power down\n$/)
})

test('a system outside of its VLAN says for what it waits, and a pulled cable is told at once', async () => {
  const { large } = room
  await deploy(room, large, maasSystem(large))
  await untilUp(large)
  large.powerOff()
  room.move(large, TENANT)
  large.powerOn()
  await until(() => /Initial cloud-init job/.test(screen(large)))
  expectInOrder(
    screen(large),
    'A start job is running for Wait for Network to be Configured (3s / 2min)',
    'cloud-init waits for the MAAS metadata service',
  )
  await untilUp(large)
  room.world.dhcpServers.set(TENANT, stubDhcp(TENANT, 'all'))
  room.world.setLink(large.name, 'eno1', false)
  expect(screen(large)).toMatch(/bond0: making interface eno2 the new active one\n$/)
})

test('a hang in POST shows its code, and a magic SysRq after a break resets a system', async () => {
  const { small } = room
  small.dials.bootHang = true
  small.powerOn()
  await until(() => screen(small).includes('POST code A2'))
  small.dials.bootHang = false
  small.powerOff()
  await deploy(room, small, maasSystem(small))
  await untilUp(small)
  small.serialPort.sendBreak()
  small.serialPort.type(Buffer.from('h'))
  expect(screen(small)).toContain('sysrq: HELP')
  small.serialPort.sendBreak()
  small.serialPort.type(Buffer.from('b'))
  expect(small.running()).toEqual({ kind: 'firmware' })
  expectInOrder(screen(small), 'sysrq: Resetting', 'Lab Systems UEFI BIOS')
})
