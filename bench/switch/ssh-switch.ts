import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { passwordHash, login as user } from '../../test/peers/support/open-ssh.ts'
import { run } from '../../test/peers/support/ssh-tools.ts'

export interface SwitchLogin {
  host: string
  port: number
  username: string
  password: string
}

export interface SshSwitch {
  login: SwitchLogin
  /** How often somebody has logged in so far. */
  logins(): number
  stop(): Promise<void>
}

/**
 * OpenSSH's server, whose root has a shell from which ovs-vsctl reaches one Open vSwitch: how OpenStack's driver knows such a
 * switch. The password is there in the server's own mount namespace alone.
 */
export async function startSshSwitch(runFolder: string): Promise<SshSwitch> {
  const folder = await mkdtemp(join(tmpdir(), 'ferrule-sshd-'))
  await chmod(folder, 0o755)
  const at = (name: string) => join(folder, name)
  const port = await freePort()
  await run('openssh-client', 'ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('key')])
  const shadow = (await readFile('/etc/shadow', 'utf8')).replace(/^root:[^:]*:/m, `root:${passwordHash}:`)
  await writeFile(at('shadow'), shadow, { mode: 0o600 })
  const config = [
    ...[`ListenAddress 127.0.0.1:${port}`, `HostKey ${at('key')}`, 'PidFile none', 'UsePAM no'],
    ...['PasswordAuthentication yes', 'PermitRootLogin yes', 'PrintMotd no', 'PrintLastLog no'],
    `SetEnv OVS_RUNDIR=${runFolder} PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    "ForceCommand exec env PS1='tor1# ' bash --noprofile --norc -i",
  ]
  await writeFile(at('sshd_config'), `${config.join('\n')}\n`)
  const begin = [
    'mount -t tmpfs none /run',
    'mkdir -m 755 /run/sshd',
    `mount --bind ${at('shadow')} /etc/shadow`,
    `exec setpriv --pdeathsig KILL "$(command -v sshd)" -D -e -f ${at('sshd_config')}`,
  ]
  const sshd = spawn('unshare', ['--mount', 'sh', '-c', begin.join(' && ')], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  const ended = new Promise<void>((resolve) => sshd.once('close', () => resolve()))
  sshd.stderr.on('data', (data) => {
    log += String(data)
  })
  const stop = async () => {
    sshd.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true })
  }
  const until = performance.now() + 10_000
  while (!log.includes('Server listening')) {
    if (sshd.exitCode !== null || performance.now() > until) {
      await stop()
      throw new Error(`sshd does not start (package openssh-server, and root for a mount namespace): ${log}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    login: { host: '127.0.0.1', port, username: 'root', password: user.password },
    logins: () => log.match(/Accepted password/g)?.length ?? 0,
    stop,
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const bound = server.address()
      server.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0))
    })
  })
}
