import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { ovsdb } from '../../src/drivers/switch/ovsdb/driver.ts'
import type { PortState, SwitchPorts } from '../../src/drivers/switch/types.ts'
import { type OpenVSwitch, startOpenVSwitch } from './support/open-vswitch.ts'
import type { MarkedFrame, ServerNic } from './support/server-nic.ts'
import { access, fenceOf, heldSwitch, trunk } from './support/switch-lease.ts'

let ovs: OpenVSwitch
let first: ServerNic
let second: ServerNic
let uplink: ServerNic
let ports: SwitchPorts

beforeAll(async () => {
  ovs = await startOpenVSwitch()
  first = await ovs.plug('swp1', 'vlan_mode=access', 'tag=10')
  second = await ovs.plug('swp2', 'vlan_mode=access', 'tag=10')
  uplink = await ovs.plug('up1')
})
afterAll(() => ovs?.stop())

beforeEach(() => {
  ports = openSwitchPorts({
    id: 'tor1',
    driver: ovsdb,
    endpoint: { address: ovs.address, username: 'none', password: 'none' },
    fence: fenceOf('swp1', 'swp2'),
    timeouts: { coalesceMs: 0 },
  })
})
afterEach(() => ports.close())

async function set(states: Record<string, PortState>): Promise<void> {
  await ports.ensurePorts(heldSwitch('tor1'), new Map(Object.entries(states)))
}

/** Sends these and looks what each receiver hears of them: at last, and still a moment later. */
async function expectHeard(
  sender: ServerNic,
  frames: readonly MarkedFrame[],
  expected: readonly (readonly [ServerNic, string[]])[],
): Promise<void> {
  for (const [receiver] of expected) await receiver.forget()
  for (const { vlan, mark } of frames) await sender.send(vlan, mark)
  const wanted = expected.map(([, heard]) => heard)
  const heard = () =>
    Promise.all(expected.map(async ([receiver]) => Object.keys(await receiver.heard()).sort()))
  await expect.poll(heard, { timeout: 10_000 }).toEqual(wanted)
  await sleep(100)
  expect(await heard()).toEqual(wanted)
}

const plain = { vlan: null, mark: 'plain' }

describe('frames', () => {
  test('of two VLANs never meet on access ports', async () => {
    await set({ swp1: access(200), swp2: access(201) })
    // the first: a server that writes a neighbour's tag on its frames, which reaches nobody
    await expectHeard(
      first,
      [{ vlan: 201, mark: 'forged' }, plain],
      [
        [second, []],
        [uplink, ['200 plain']],
      ],
    )
    await expectHeard(
      uplink,
      [200, 201, 300].map((vlan) => ({ vlan, mark: `v${vlan}` })),
      [
        [first, ['- v200']],
        [second, ['- v201']],
      ],
    )
    await set({ swp1: access(201) })
    await expectHeard(first, [plain], [[second, ['- plain']]])
  })

  test('of a trunk: its native VLAN without a tag, its others with, and no more', async () => {
    await set({ swp1: trunk(200, 300, 301), swp2: access(300) })
    await expectHeard(
      uplink,
      [200, 201, 300, 301, 302].map((vlan) => ({ vlan, mark: `v${vlan}` })),
      [[first, ['- v200', '300 v300', '301 v301']]],
    )
    await expectHeard(
      first,
      [201, 300, 301, 302, null].map((vlan) => ({ vlan, mark: 'x' })),
      [
        [second, ['- x']],
        [uplink, ['200 x', '300 x', '301 x']],
      ],
    )
  })
})

describe('a port goes from VLAN 200 to 201 with tagged 301, under traffic of five VLANs', () => {
  const wanted = trunk(201, 301)
  const mayHear = ['- v200', '- v201', '301 v301']
  const load = [200, 201, 301, 777, 888].map((vlan) => ({ vlan, mark: `v${vlan}` }))
  const forged = [777, 888].map((vlan) => ({ vlan, mark: 'forged' }))

  async function during(change: () => Promise<unknown>) {
    await set({ swp1: access(200) })
    await uplink.start(2000, load)
    await first.start(2000, forged)
    await sleep(300)
    await Promise.all([first.forget(), uplink.forget()])
    await change()
    await sleep(300)
    await Promise.all([first.stop(), uplink.stop()])
    await sleep(150)
    const heard = await first.heard()
    const sum = (counts: Record<string, number>, of: (key: string) => boolean) =>
      Object.entries(counts).reduce((total, [key, count]) => total + (of(key) ? count : 0), 0)
    return {
      /** Of VLANs that are neither the old nor the new ones. */
      foreign: sum(heard, (key) => /v777|v888/.test(key)),
      /** Of the port's own VLANs, with a tag that they should not have. */
      misplaced: sum(heard, (key) => !mayHear.includes(key) && !/v777|v888/.test(key)),
      /** What the server sent into VLANs that are not its own. */
      escaped: sum(await uplink.heard(), (key) => key.endsWith(' forged')),
      heard,
    }
  }

  test('one command after another lets foreign frames through, both ways', async () => {
    const seen = await during(async () => {
      await ovs.vsctl('set', 'port', 'swp1', 'vlan_mode=native-untagged')
      await ovs.vsctl('set', 'port', 'swp1', 'tag=201')
      await ovs.vsctl('set', 'port', 'swp1', 'trunks=301')
    })
    console.info(`one command after another: ${JSON.stringify(seen)}`)
    expect(seen.foreign).toBeGreaterThan(0)
    expect(seen.escaped).toBeGreaterThan(0)
  })

  test('Ferrule lets none through, not in ten changes there and back', async () => {
    const seen = await during(async () => {
      for (let round = 0; round < 10; round += 1) {
        await set({ swp1: wanted })
        await sleep(20)
        await set({ swp1: access(200) })
        await sleep(20)
      }
      await set({ swp1: wanted })
    })
    console.info(`one transaction, 21 changes: ${JSON.stringify(seen)}`)
    expect(seen).toMatchObject({ foreign: 0, misplaced: 0, escaped: 0 })
    // the traffic was there all the time, and the change was felt
    for (const key of mayHear) expect(seen.heard[key]).toBeGreaterThan(10)
  })
})
