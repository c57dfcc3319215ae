import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { ovsdb } from '../../src/drivers/switch/ovsdb/driver.ts'
import type { SwitchPorts } from '../../src/drivers/switch/types.ts'
import { BRIDGE, type OpenVSwitch, startOpenVSwitch } from './support/open-vswitch.ts'
import { failure } from './support/ovs-room.ts'
import type { ServerNic } from './support/server-nic.ts'
import { access, fenceOf, heldSwitch, trunk } from './support/switch-lease.ts'

/** A bond with LACP that a person made, with two NICs on it that speak none: firmware that boots from the network. */
let ovs: OpenVSwitch
let nics: ServerNic[]
let uplink: ServerNic
let ports: SwitchPorts

beforeAll(async () => {
  ovs = await startOpenVSwitch()
  nics = [await ovs.plug('swp1'), await ovs.plug('swp2')]
  uplink = await ovs.plug('up1')
  const members = ['swp1', 'swp2']
  await ovs.vsctl(
    ...members.flatMap((port) => ['--', 'del-port', BRIDGE, port]),
    ...['--', 'add-bond', BRIDGE, 'bond0', ...members],
    ...['--', 'set', 'port', 'bond0', 'lacp=active', 'vlan_mode=access', 'tag=10'],
  )
  ports = openSwitchPorts({
    id: 'tor1',
    driver: ovsdb,
    endpoint: { address: ovs.address, username: 'none', password: 'none' },
    fence: fenceOf('bond0', 'swp1'),
    timeouts: { coalesceMs: 0 },
  })
})
afterAll(async () => {
  await ports?.close()
  await ovs?.stop()
})

/** Which NICs the uplink hears, in which VLANs. */
async function passed(): Promise<string[]> {
  await uplink.forget()
  for (const [index, nic] of nics.entries()) await nic.send(null, `nic${index + 1}`)
  // behind all of them on the same wires, so that what was to come has come
  await new Promise((resolve) => setTimeout(resolve, 200))
  return Object.keys(await uplink.heard())
}

test('without fallback it is read so, and nothing passes', async () => {
  expect(await ports.preMadeLag('bond0')).toMatchObject({
    members: ['swp1', 'swp2'],
    lacp: true,
    fallback: 'has no LACP fallback',
  })
  expect(await passed()).toEqual([])
})

test('with the command that is told, one member passes, in the VLANs of the LAG', async () => {
  const command = (await ports.preMadeLag('bond0'))?.command.split(' ') ?? []
  expect(command.shift()).toBe('ovs-vsctl')
  await ovs.vsctl(...command)
  expect(await ports.preMadeLag('bond0')).toMatchObject({ lacp: true, fallback: null })
  await expect.poll(passed, { timeout: 30_000 }).toEqual([expect.stringMatching(/^10 nic[12]$/)])
  for (const [state, heard] of [
    [trunk(200, 300), /^200 nic[12]$/],
    [access(10), /^10 nic[12]$/],
  ] as const) {
    await ports.ensurePorts(heldSwitch('tor1'), new Map([['bond0', state]]))
    expect((await ports.readPorts(['bond0'])).get('bond0')).toEqual(state)
    await expect.poll(passed, { timeout: 30_000 }).toEqual([expect.stringMatching(heard)])
  }
})

test('a member is written by nobody, a bond without LACP is told from one with it, and one that is not there from both', async () => {
  const refused = await failure(ports.ensurePorts(heldSwitch('tor1'), new Map([['swp1', access(200)]])))
  expect(refused.message).toContain('interface of the bond bond0')
  await ovs.vsctl('set', 'port', 'bond0', 'lacp=off')
  expect(await ports.preMadeLag('bond0')).toMatchObject({ lacp: false })
  await ovs.vsctl('clear', 'port', 'bond0', 'lacp')
  expect(await ports.preMadeLag('bond0')).toMatchObject({ lacp: false })
  expect(await ports.preMadeLag('bond9')).toBeNull()
})
