import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import type { SwitchEndpoint } from '../../types.ts'
import { netconfFaults, netconfTarget } from './target.ts'

const fingerprint = `SHA256:${'a'.repeat(43)}`
const endpoint: SwitchEndpoint = { address: '10.0.0.5', username: 'ferrule', password: 'secret', fingerprint }

test('a switch is known by its host key, or a person says that anybody will do', () => {
  expect(netconfFaults(endpoint)).toEqual([])
  const { fingerprint: _, ...unknown } = endpoint
  expect(netconfFaults(unknown)).toEqual([expect.stringContaining('ssh-keygen -lf')])
  expect(netconfFaults({ ...unknown, insecure: true })).toEqual([])
})

test('the fingerprint of a certificate is none of a host key', () => {
  expect(netconfFaults({ ...endpoint, fingerprint: 'AB:CD' })).toEqual([
    expect.stringContaining('not that of an SSH host key'),
  ])
})

test('with or without the padding of base64', () => {
  expect(netconfTarget({ ...endpoint, fingerprint: `${fingerprint}=` })).toMatchObject({
    fingerprint,
    port: 830,
  })
})

test('a private key in place of the password; a damaged one is told, without a word of it', () => {
  let key = ''
  // of two hundred keys that ssh2 makes there is one that it cannot read itself
  while (ssh2.utils.parseKey(key) instanceof Error) key = ssh2.utils.generateKeyPairSync('ed25519').private
  expect(netconfFaults({ ...endpoint, password: key })).toEqual([])
  expect(netconfTarget({ ...endpoint, password: key }).login).toEqual({ privateKey: key })
  const damaged = key.slice(0, 120)
  const [fault] = netconfFaults({ ...endpoint, password: damaged })
  expect(fault).toContain('cannot be read')
  expect(fault).not.toContain(damaged.slice(60))
})
