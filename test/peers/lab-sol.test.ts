import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConsoleRoom, consoleRoom } from './support/console-room.ts'
import { buildGoIpmiClient } from './support/goipmi-client/client.ts'
import { ipmitool } from './support/ipmi-tools.ts'
import { runPython } from './support/python.ts'
import { Terminal } from './support/terminal.ts'

/** The lab's serial over LAN by three consoles that we did not write. */

/** FreeIPMI's console alone of all these programs cannot be told another port. */
const RMCP_PORT = 623

let room: ConsoleRoom
const terminals: Terminal[] = []

async function start(port = 0): Promise<void> {
  await room?.stop()
  room = await consoleRoom(port)
  await room.boot()
}

beforeEach(() => start())
afterEach(async () => {
  for (const terminal of terminals.splice(0)) await terminal.end()
  await room.stop()
})

function sol(suite: 3 | 17): Terminal {
  const { address, port, username, password } = room.login
  const login = ['-H', address, '-p', String(port), '-U', username, '-P', password, '-C', String(suite)]
  return opened(new Terminal(['ipmitool', '-I', 'lanplus', ...login, 'sol', 'activate']))
}

function ipmiconsole(suite: 3 | 17, ...options: string[]): Terminal {
  const { address, username, password } = room.login
  const login = ['-h', address, '-u', username, '-p', password, '-I', String(suite)]
  return opened(new Terminal(['ipmiconsole', ...login, ...options]))
}

function opened(terminal: Terminal): Terminal {
  terminals.push(terminal)
  return terminal
}

async function logIn(terminal: Terminal): Promise<void> {
  terminal.type('\r')
  await terminal.sees('login: ')
  terminal.type('root\r')
  await terminal.sees('Password: ')
  terminal.type('lab\r')
  await terminal.sees('root@web-1:~# ')
}

describe.each([3, 17] as const)('suite %i', (suite) => {
  test('ipmitool sol activate: login, a command, a whole reboot, and out', async () => {
    const terminal = sol(suite)
    await terminal.sees('SOL Session operational')
    await logIn(terminal)
    terminal.type('ip -br addr\r')
    expect(await terminal.sees('root@web-1:~# ')).toContain('eno1             UP             10.0.10.10/24')
    terminal.type('reboot\r')
    await terminal.sees('reboot: Restarting system')
    await terminal.sees('Lab Systems UEFI BIOS')
    await terminal.sees('Linux version 5.15')
    await terminal.sees('web-1 login: ')
    expect(room.machine.running()).toMatchObject({ kind: 'system', bootCount: 2 })
    terminal.type('\r~.')
    await terminal.sees('[terminated ipmitool]')
  })

  test('ipmiconsole: the same, with a break and its magic SysRq', async () => {
    await start(RMCP_PORT)
    const terminal = ipmiconsole(suite)
    await terminal.sees('[SOL established]')
    await logIn(terminal)
    terminal.type('hostname\r')
    expect(await terminal.sees('root@web-1:~# ')).toContain('web-1')
    terminal.type('&B')
    await new Promise((resolve) => setTimeout(resolve, 200))
    terminal.type('h')
    await terminal.sees('sysrq: HELP')
    terminal.type('\r&.')
    await terminal.sees('[closing the connection]')
  })
})

test('a console that is taken: refused without stealing, told when it is stolen', async () => {
  await start(RMCP_PORT)
  const first = ipmiconsole(17)
  await first.sees('[SOL established]')
  const second = ipmiconsole(17, '--dont-steal')
  await second.sees('SOL in use')
  const third = sol(17)
  await third.sees('SOL payload already active on another session')
  const fourth = ipmiconsole(17)
  await fourth.sees('[SOL established]')
  await first.sees('[SOL session stolen]')
  await logIn(fourth)
})

test('keys at a machine that is off are refused, and the console goes on when it is on again', async () => {
  const terminal = sol(17)
  await terminal.sees('SOL Session operational')
  room.machine.powerOff()
  terminal.type('nobody hears this')
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  room.machine.powerOn()
  await terminal.sees('web-1 login: ')
  await logIn(terminal)
})

test('a long listing comes whole through losses, by ipmitool', async () => {
  const terminal = sol(17)
  await terminal.sees('SOL Session operational')
  await logIn(terminal)
  // What a machine writes faster than a console acknowledges.
  const lines = Array.from({ length: 60 }, (_, n) => `line ${n} ${'.'.repeat(60)}`)
  room.bmc.dials.dropNextReplies = 2
  room.print(...lines)
  for (const line of lines) await terminal.sees(`${line}\r\n`)
})

describe('dials', () => {
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

  test('a mute console shows nothing, and goes on when it is not mute any more', async () => {
    const terminal = sol(17)
    await terminal.sees('SOL Session operational')
    room.bmc.dials.solMute = true
    room.print('not to be seen')
    terminal.type('hello\r')
    await pause(1_000)
    expect(terminal.screen).not.toMatch(/not to be seen|hello/)
    room.bmc.dials.solMute = false
    room.print('seen again')
    await terminal.sees('seen again')
  })

  test('a port that is told wrong is where ipmitool does not go', async () => {
    room.bmc.dials.solPort = 49_999
    const terminal = sol(17)
    await terminal.sees('BMC requests SOL session on different port')
  })

  test.each([false, true])('losing it to another session: without a word is %s', async (silent) => {
    await start(RMCP_PORT)
    room.bmc.dials.solSilentTakeover = silent
    const terminal = ipmiconsole(17)
    await terminal.sees('[SOL established]')
    expect((await ipmitool(room.login, 17, 'sol', 'deactivate')).exit).toBe(0)
    await pause(1_000)
    expect(terminal.screen.includes('SOL session stolen')).toBe(!silent)
  })
})

test('ipmitool reads and sets the configuration', async () => {
  const run = async (...command: string[]) => {
    const { exit, stdout, stderr } = await ipmitool(room.login, 17, 'sol', ...command)
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    return stdout
  }
  expect(await run('info', '1')).toMatch(
    /Enabled +: true[\s\S]*Privilege Level +: OPERATOR[\s\S]*Retry Count +: 7/,
  )
  await run('set', 'retry-count', '3', '1')
  await run('set', 'privilege-level', 'admin', '1')
  expect(await run('info', '1')).toMatch(/Privilege Level +: ADMINISTRATOR[\s\S]*Retry Count +: 3/)
  expect(await run('payload', 'status', '1', '2')).toContain('User 2 on channel 1 is enabled')
  await run('payload', 'disable', '1', '2')
  const refused = await ipmitool(room.login, 17, 'sol', 'activate')
  expect(refused.exit).not.toBe(0)
})

test('pyghmi: login and a command', async () => {
  const { address, port, username, password } = room.login
  const said = await runPython('pyghmi', 'sol.py', [address, String(port), username, password])
  expect(said).toContain('web-1\r\n')
})

test('go-ipmi, which asks for no encryption: login and a command', async () => {
  const allowed = await ipmitool(room.login, 17, 'sol', 'set', 'force-encryption', 'false', '1')
  expect(allowed.exit).toBe(0)
  const goIpmi = buildGoIpmiClient()
  try {
    const said = await goIpmi.sol(room.login, ['\r', 'root\r', 'lab\r', 'hostname\r', '~X'])
    expect(said).toContain('root@web-1:~# hostname\r\nweb-1\r\n')
  } finally {
    goIpmi.remove()
  }
})
