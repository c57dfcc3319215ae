import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ManagementController } from '../../lab/bmc/controller.ts'
import { type RunningSsh, startSsh } from '../../lab/ssh/server.ts'
import type { World, WorldMachine } from '../../lab/world/types.ts'
import { createWorld } from '../../lab/world/world.ts'
import { run } from './support/ssh-tools.ts'

/** The lab's serial console by SSH, as OpenSSH's client sees it. */

let world: World
let machine: WorldMachine
let controller: ManagementController
let ssh: RunningSsh
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferrule-ssh-'))
  world = createWorld({ seed: 1, scale: 1000, site: 40, bmcPort: 0 })
  machine = world.machine('r1-h1')
  Object.assign(machine.bmc, { address: '127.0.7.52' })
  controller = new ManagementController(machine)
  const { username, password } = machine.bmc
  const mayUse = (user: string, given: string) => user === username && given === password
  ssh = await startSsh(controller, { port: 0, mayUse })
})
afterEach(async () => {
  await ssh.close()
  controller.stop()
  await world.stop()
  await rm(folder, { recursive: true })
})

async function scan(): Promise<string> {
  return run('openssh-client', 'ssh-keyscan', ['-p', String(ssh.port), ssh.address])
}

/** Types these keys after the login and shows what came back. */
async function session(keys: string, password = machine.bmc.password): Promise<string> {
  const askpass = join(folder, 'askpass')
  await writeFile(askpass, `#!/bin/sh\necho '${password}'\n`)
  await chmod(askpass, 0o700)
  const known = join(folder, 'known_hosts')
  await writeFile(known, await scan())
  return run(
    'openssh-client',
    'ssh',
    [
      ...['-tt', '-F', 'none', '-p', String(ssh.port), '-o', `UserKnownHostsFile=${known}`],
      ...['-o', 'StrictHostKeyChecking=yes', '-o', 'NumberOfPasswordPrompts=1', '-e', 'none'],
      `${machine.bmc.username}@${ssh.address}`,
    ],
    { env: { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' }, stdin: keys },
  )
}

test('its host key is the one on its paper', async () => {
  const keys = join(folder, 'keys')
  await writeFile(keys, await scan())
  const said = await run('openssh-client', 'ssh-keygen', ['-l', '-f', keys])
  expect(said).toContain(`256 ${ssh.hostKey.fingerprint} `)
  expect(said.trim().split('\n')).toHaveLength(1)
})

test('a login, the command line, and the way to the serial port and back', async () => {
  machine.powerOn()
  const shown = await session('what\rconsole\rabc\x1cexit\r')
  expect(shown).toMatch(/^Lab BMC 1\.10\r\nbmc-> what\r\nwhat: no such command.*bmc-> console\r\n/s)
  expect(shown).toMatch(/\r\nbmc-> exit\r\n$/)
  await expect.poll(() => ssh.sessions()).toBe(0)
})

test('a wrong password, and a BMC that restarts, are ends', async () => {
  await expect(session('exit\r', 'wrong')).rejects.toThrow('Permission denied')
  const lasting = session('console\r')
  await expect.poll(() => ssh.sessions(), { timeout: 5_000 }).toBe(1)
  controller.restart()
  await expect(lasting).rejects.toThrow(/closed|reset/)
})
