import { createHash } from 'node:crypto'
import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import { hostKeyOf } from './host-key.ts'

test('the same words make the same key, others another one, and SSH reads it', () => {
  const key = hostKeyOf('r1-h1')
  expect(hostKeyOf('r1-h1')).toEqual(key)
  expect(hostKeyOf('r1-h2').fingerprint).not.toBe(key.fingerprint)
  const read = ssh2.utils.parseKey(key.private)
  if (read instanceof Error) throw read
  expect(read.type).toBe('ssh-ed25519')
  const digest = createHash('sha256').update(read.getPublicSSH()).digest('base64').replace('=', '')
  expect(key.fingerprint).toBe(`SHA256:${digest}`)
  const data = Buffer.from('signed')
  expect(read.verify(data, Buffer.from(read.sign(data)))).toBe(true)
})
