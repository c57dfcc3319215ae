import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './ssh-tools.ts'

export const login = { username: 'bmc', password: 'correct horse' }

/** Of the password above, as crypt(3) has it. */
export const passwordHash =
  '$6$ferrulepeer$OCg8teenm2o8//f8cVF5UMtCZBxMlFy5W.XmlqTzDprs6Uev8yOnO6sGZe2ShcNg3ocdyH7gHVoDxgomVVLgM1'

export interface OpenSsh {
  host: string
  port: number
  /** Of its host key, as ssh-keygen says it. */
  fingerprint: string
  /** What sshd said. */
  log(): string
  stop(): Promise<void>
}

/**
 * OpenSSH's server, whose one user gets `script` in place of a shell. The user is there in the server's own mount namespace
 * alone, which needs root.
 */
export async function startOpenSsh(script: string, more: readonly string[] = []): Promise<OpenSsh> {
  const host = '127.0.7.51'
  const port = 2251
  const folder = await mkdtemp(join(tmpdir(), 'ferrule-sshd-'))
  await chmod(folder, 0o755)
  const at = (name: string) => join(folder, name)
  const file = (name: string, lines: readonly string[], mode = 0o644) =>
    writeFile(at(name), `${lines.join('\n')}\n`, { mode })
  await run('openssh-client', 'ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('key')])
  const said = await run('openssh-client', 'ssh-keygen', ['-l', '-f', at('key.pub')])
  await file('passwd', [
    (await readFile('/etc/passwd', 'utf8')).trimEnd(),
    `${login.username}:x:65534:65534::/:/bin/sh`,
  ])
  await file('shadow', [`${login.username}:${passwordHash}:19000:0:99999:7:::`], 0o600)
  await file('console', ['#!/bin/bash', script], 0o755)
  await file('sshd_config', [
    ...[`ListenAddress ${host}:${port}`, `HostKey ${at('key')}`, 'PidFile none', 'UsePAM no'],
    ...['PasswordAuthentication yes', 'PrintMotd no', 'PrintLastLog no', `ForceCommand ${at('console')}`],
    ...more,
  ])
  const begin = [
    ...['mount -t tmpfs none /run', 'mkdir -m 755 /run/sshd'],
    ...['passwd', 'shadow'].map((name) => `mount --bind ${at(name)} /etc/${name}`),
    `exec "$(command -v sshd)" -D -e -f ${at('sshd_config')}`,
  ]
  const sshd = spawn('unshare', ['--mount', 'sh', '-c', begin.join(' && ')], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  sshd.stderr.on('data', (data) => {
    log += String(data)
  })
  const ended = new Promise<void>((resolve) => {
    sshd.once('close', () => resolve())
    sshd.once('error', (error) => {
      log += String(error)
      resolve()
    })
  })
  const stop = async () => {
    sshd.kill()
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
  return { host, port, fingerprint: said.split(' ')[1] ?? '', log: () => log, stop }
}
