import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ovsdb } from '../../src/drivers/switch/ovsdb/driver.ts'
import {
  authority,
  clientKeys,
  strangerKeys,
  switchKeys,
} from '../../src/drivers/switch/test-support/tls-keys.ts'
import { type OpenVSwitch, startOpenVSwitch } from './support/open-vswitch.ts'
import { access, heldSwitch } from './support/switch-lease.ts'

let folder: string
let ovs: OpenVSwitch

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ferrule-ovs-keys-'))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  ovs = await startOpenVSwitch({
    privateKey: file('tor1.key', switchKeys.key),
    certificate: file('tor1.crt', switchKeys.certificate),
    caCertificate: file('clients.crt', clientKeys.certificate),
  })
  await ovs.plug('swp1', 'vlan_mode=access', 'tag=200')
})
afterAll(async () => {
  await ovs?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function using<T>(
  password: string,
  use: (device: ReturnType<typeof ovsdb.open>) => Promise<T>,
): Promise<T> {
  const device = ovsdb.open(
    { address: ovs.address, username: 'none', password },
    { connectMs: 3_000, requestMs: 3_000 },
  )
  try {
    return await use(device)
  } finally {
    await device.close()
  }
}

const ours = clientKeys.key + clientKeys.certificate

test.each([
  ['its authority', authority],
  ['its very certificate', switchKeys.certificate],
])('a switch is known by %s, and written', async (_name, trusted) => {
  await using(ours + trusted, async (device) => {
    const before = await device.readPorts(['swp1'])
    const next = before.get('swp1')?.untagged === 200 ? 201 : 200
    const changes = device.plan(before, new Map([['swp1', access(next)]]), new Set(), new Map())
    await device.apply(heldSwitch('tor1'), changes)
    expect((await ovs.vsctl('get', 'port', 'swp1', 'tag')).trim()).toBe(String(next))
  })
})

test.each([
  ['a switch that we do not know', ours + strangerKeys.certificate],
  ['a switch that does not know us', strangerKeys.key + strangerKeys.certificate + authority],
])('%s is refused as such, without a word of the keys', async (_name, password) => {
  const error = await using(password, (device) => device.readPorts(['swp1'])).catch(
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ code: 'switch-auth', details: { address: ovs.address } })
  expect(JSON.stringify(error)).not.toContain('BEGIN')
})

test('in the clear nothing is heard', async () => {
  const error = await using('none', (device) => device.readPorts(['swp1'])).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'switch-unreachable' })
})
