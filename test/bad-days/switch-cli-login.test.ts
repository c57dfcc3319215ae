import { afterEach, beforeEach, expect, test } from 'vitest'
import { switchDriver } from '../../src/drivers/switch/registry.ts'
import { pxe, tenant, testLease } from '../../src/drivers/switch/test-support/fake-switch.ts'
import type { SwitchEndpoint } from '../../src/drivers/switch/types.ts'
import { type DrivenSwitch, drivenSwitch } from '../support/cli-switch.ts'

/** Whom a switch with a command line is, and who we are to it. */
let driven: DrivenSwitch
async function given(endpoint: Partial<SwitchEndpoint> = {}, requestMs = 3_000): Promise<void> {
  await driven?.stop()
  driven = await drivenSwitch('NX-OS-CLI', 'nxos', { endpoint, timeouts: { connectMs: 500, requestMs } })
}
beforeEach(() => given())
afterEach(() => driven.stop())

const read = () => driven.ports.readPorts([driven.names[0]])

test('another host key gets no password, and the error tells the key and no secret', async () => {
  driven.lab.setDials({ otherHostKey: true })
  const error = await read().catch((failure: unknown) => failure)
  expect(error).toMatchObject({
    code: 'switch-auth',
    details: { sshFingerprint: expect.stringMatching(/^SHA256:/) },
  })
  expect(JSON.stringify([String(error), error])).not.toContain('correct horse')
  expect(driven.lab.logins()).toBe(0)
})

test('a wrong password is told, and not tried again', async () => {
  driven.lab.setDials({ rejectPassword: true })
  await expect(read()).rejects.toMatchObject({ code: 'switch-auth' })
})

test('nobody there, and a login that takes too long, are out of reach', async () => {
  driven.lab.setDials({ down: true })
  await expect(read()).rejects.toMatchObject({ code: 'switch-unreachable' })
  driven.lab.setDials({ loginMs: 2_000 })
  await expect(read()).rejects.toMatchObject({ code: 'switch-unreachable' })
})

test('a login that is not slow enough, and an idle session that the switch has ended, work', async () => {
  driven.lab.setDials({ loginMs: 100 })
  expect((await read()).get(driven.names[0])).toMatchObject(pxe)
  driven.lab.reboot()
  expect((await read()).get(driven.names[0])).toMatchObject(pxe)
  expect(driven.lab.logins()).toBe(2)
})

test('a lost lease ends the session before the next line', async () => {
  const lease = testLease()
  const check = lease.check
  lease.check = async () => {
    if (lease.checks === 3) lease.lose()
    await check.call(lease)
  }
  const wanted = new Map([[driven.names[0], tenant(100, 200)]])
  await expect(driven.ports.ensurePorts(lease, wanted)).rejects.toMatchObject({ code: 'lease-lost' })
  expect(driven.membership(driven.names[0])).toEqual({ untagged: 10, tagged: [] })
  await expect.poll(() => driven.lab.open()).toBe(0)
})

test('without a fingerprint, with a wrong form of one, or with half a key nothing is opened', () => {
  const driver = switchDriver('junos-cli')
  const faults = (more: Partial<SwitchEndpoint>) =>
    driver.endpointFaults?.({ address: 'tor1', username: 'u', password: 'p', ...more })
  expect(faults({})).toHaveLength(1)
  expect(faults({ insecure: true })).toEqual([])
  expect(faults({ fingerprint: 'AA:BB' })).toHaveLength(1)
  expect(faults({ fingerprint: driven.lab.fingerprint })).toEqual([])
  const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----'
  expect(faults({ fingerprint: driven.lab.fingerprint, password: key })?.join()).toMatch(/private key/)
  expect(faults({ fingerprint: driven.lab.fingerprint, password: key })?.join()).not.toMatch(/c2VjcmV0/)
  expect(() => driver.open({ address: 'tor1', username: 'u', password: 'p' })).toThrow(/fingerprint/)
})

test('a fingerprint that is given counts with insecure, too', async () => {
  await given({ insecure: true })
  expect((await read()).get(driven.names[0])).toMatchObject(pxe)
  await given({ insecure: true })
  driven.lab.setDials({ otherHostKey: true })
  await expect(read()).rejects.toMatchObject({ code: 'switch-auth' })
})
