import { afterEach, expect, test } from 'vitest'
import { createSshConsoles, type SshConsoles } from '../../src/drivers/bmc/ssh/consoles.ts'
import type { SshTarget } from '../../src/drivers/bmc/ssh/target.ts'
import type { SerialConsole } from '../../src/drivers/bmc/types.ts'
import { login, type OpenSsh, startOpenSsh } from './support/open-ssh.ts'

/** Our console by SSH on OpenSSH's server, which stands in for a BMC: a script is its serial port. */

let server: OpenSsh
const clients: SshConsoles[] = []

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  await server?.stop()
})

/** Each is another process as far as the server can see. */
function open(more: Partial<SshTarget> = {}): Promise<SerialConsole> {
  const client = createSshConsoles({ quietMs: 100 })
  clients.push(client)
  const { host, port, fingerprint } = server
  const target: SshTarget = {
    ...{ host, port, key: `${host}:${port}`, ...login, fingerprint, name: 'h1' },
    ...{ entryCommand: null, besideCommandLine: false, ...more },
  }
  return client.open(target, { takeOver: false })
}

function screen(console: SerialConsole): () => string {
  let shown = ''
  console.onData((data) => {
    shown += data.toString('latin1')
  })
  return () => shown
}

/** A getty of sorts. */
const port = 'while printf "login: "; read -r name; do echo "Welcome, $name"; done'
/** A command line before it, with one console for all sessions. */
const commandLine = `echo "BMC 1.0"; while printf -- "-> "; read -r command; do
  if [ "$command" = "console com1" ]; then
    exec 9<"$0"; flock -n 9 || { echo "Error: console is in use"; continue; }
    ${port}
  fi
done`

test('has both directions on a terminal of 80 x 25, and nothing is left of it', async () => {
  server = await startOpenSsh(`stty size; ${port}`)
  const console = await open()
  const shown = screen(console)
  await expect.poll(shown, { timeout: 5_000 }).toBe('25 80\r\nlogin: ')
  await console.write(Buffer.from('root\r'))
  await expect.poll(shown, { timeout: 5_000 }).toMatch(/login: root\r\nWelcome, root\r\nlogin: $/)
  await console.close()
  expect(await console.ended).toMatchObject({ reason: 'closed' })
  await expect.poll(server.log, { timeout: 5_000 }).toMatch(/disconnect/i)
})

test('the entry command leads there, and the next one is told that it is in use', async () => {
  server = await startOpenSsh(commandLine)
  const first = await open({ entryCommand: 'console com1' })
  const shown = screen(first)
  await expect.poll(shown, { timeout: 5_000 }).toBe('console com1\r\nlogin: ')
  await expect(open({ entryCommand: 'console com1' })).rejects.toMatchObject({
    code: 'console-busy',
    message: expect.stringContaining('Error: console is in use'),
  })
  await first.close()
  await expect
    .poll(() => open({ entryCommand: 'console com1' }).then(() => 'open', String), { timeout: 5_000 })
    .toBe('open')
})

test('a wrong password, and a host key that nobody has trusted', async () => {
  server = await startOpenSsh(port)
  await expect(open({ password: 'wrong' })).rejects.toMatchObject({ code: 'bmc-auth' })
  await expect(open({ fingerprint: undefined })).rejects.toMatchObject({
    code: 'bmc-untrusted',
    details: { sshFingerprint: server.fingerprint },
  })
  expect(server.log().match(/Failed password/g)).toHaveLength(1)
})

test('a script that ends, and one that never begins, are told', async () => {
  server = await startOpenSsh('echo "serial port is switched off"; exit 1')
  await expect(open()).rejects.toMatchObject({
    code: 'bmc-refused',
    message: expect.stringContaining('serial port is switched off'),
  })
  await server.stop()
  server = await startOpenSsh(port, ['MaxSessions 0'])
  await expect(open()).rejects.toMatchObject({ code: 'bmc-refused' })
})
