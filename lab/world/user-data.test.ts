import { describe, expect, test } from 'vitest'
import { readUserData } from './user-data.ts'

describe('user-data', () => {
  test('cloud-config: commands as a shell would get them, files decoded, power', () => {
    const plan = readUserData(`#cloud-config
bootcmd: [echo early]
runcmd:
  - echo "a b"
  - [printf, '%s', it's]
write_files:
  - {path: /etc/a, content: aGVsbG8=, encoding: b64}
  - {path: /etc/b, content: more, append: true}
hostname: web-1
ssh_authorized_keys: [ssh-ed25519 K]
power_state: {mode: reboot, delay: now, condition: true}
`)
    expect(plan).toEqual({
      bootScript: '#!/bin/sh\necho early\n',
      scripts: [`#!/bin/sh\necho "a b"\n'printf' '%s' 'it'\\''s'\n`],
      writeFiles: [
        { path: '/etc/a', content: 'hello', append: false },
        { path: '/etc/b', content: 'more', append: true },
      ],
      hostname: 'web-1',
      sshKeys: ['ssh-ed25519 K'],
      power: 'reboot',
    })
  })

  test('a MIME multipart is all of its parts', () => {
    const script = Buffer.from('#!/bin/sh\necho second\n').toString('base64')
    const plan = readUserData(
      [
        'Content-Type: multipart/mixed; boundary="=="',
        'MIME-Version: 1.0',
        '',
        '--==',
        'Content-Type: text/cloud-config',
        '',
        '#cloud-config',
        'hostname: web-2',
        '--==',
        'Content-Type: text/x-shellscript',
        'Content-Transfer-Encoding: base64',
        '',
        script,
        '--==--',
        '',
      ].join('\n'),
    )
    expect(plan).toMatchObject({ hostname: 'web-2', scripts: ['#!/bin/sh\necho second\n'] })
  })

  test('anything else asks for nothing, and broken YAML throws', () => {
    expect(readUserData('hello')).toMatchObject({ scripts: [], writeFiles: [], power: null })
    expect(() => readUserData('#cloud-config\nruncmd: [')).toThrow()
  })
})
