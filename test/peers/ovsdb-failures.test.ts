import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { ovsdb } from '../../src/drivers/switch/ovsdb/driver.ts'
import type { PortState } from '../../src/drivers/switch/types.ts'
import { CutLine, type Fate } from './support/cut-line.ts'
import { type OpenVSwitch, startOpenVSwitch } from './support/open-vswitch.ts'
import type { ServerNic } from './support/server-nic.ts'
import { access, fenceOf, heldSwitch, trunk } from './support/switch-lease.ts'

/**
 * A failure after every single operation on the switch, under traffic: whatever goes wrong, and whether or not the switch can
 * be reached again, no frame of a strange VLAN passes the port, either way, and the port is as it was or as it was to be.
 */

let ovs: OpenVSwitch
let server: ServerNic
let uplink: ServerNic
let line: CutLine

const STRANGERS = [777, 888]
const ROUNDS = 2000

beforeAll(async () => {
  ovs = await startOpenVSwitch()
  server = await ovs.plug('swp1', 'vlan_mode=access', 'tag=10')
  uplink = await ovs.plug('up1')
  line = await CutLine.open(ovs.address)
  await uplink.start(
    ROUNDS,
    [10, 200, 201, 300, 301, ...STRANGERS].map((vlan) => ({ vlan, mark: `v${vlan}` })),
  )
  await server.start(
    ROUNDS,
    STRANGERS.map((vlan) => ({ vlan, mark: 'forged' })),
  )
})
afterAll(async () => {
  line?.close()
  await ovs?.stop()
})

interface Change {
  name: string
  before: PortState
  after: PortState
  /** What networking-generic-switch types for it, port by port and command by command. */
  commands: readonly string[]
}

const clear = ['clear port swp1 tag', 'clear port swp1 trunks', 'clear port swp1 vlan_mode']
const changes: readonly Change[] = [
  {
    name: 'access becomes trunk',
    before: access(200),
    after: trunk(200, 300),
    commands: [
      'set port swp1 vlan_mode=native-untagged',
      'set port swp1 tag=200',
      'add port swp1 trunks 200',
      'add port swp1 trunks 300',
    ],
  },
  {
    name: 'tenant A gives way to tenant B',
    before: trunk(200, 300),
    after: trunk(201, 301),
    commands: [
      ...clear,
      'set port swp1 vlan_mode=native-untagged',
      'set port swp1 tag=201',
      'add port swp1 trunks 201',
      'add port swp1 trunks 301',
    ],
  },
  {
    name: 'release',
    before: trunk(201, 301),
    after: access(10),
    commands: [...clear, 'set port swp1 vlan_mode=access', 'set port swp1 tag=10'],
  },
]

function row({ mode, untagged, tagged }: PortState): string {
  return `${mode === 'access' ? 'access' : 'native-untagged'} ${untagged} [${tagged.join(', ')}]`
}

async function rowNow(): Promise<string> {
  return (await ovs.vsctl('get', 'port', 'swp1', 'vlan_mode', 'tag', 'trunks')).trim().split('\n').join(' ')
}

async function begin({ before }: Change): Promise<void> {
  const [vlanMode, tag] = row(before).split(' ')
  const set = ['set', 'port', 'swp1', `vlan_mode=${vlanMode}`, `tag=${tag}`, `trunks=[${before.tagged}]`]
  await ovs.vsctl(...set)
  await sleep(60)
  await Promise.all([server.forget(), uplink.forget()])
}

const isStrange = (key: string) => STRANGERS.some((vlan) => key.endsWith(` v${vlan}`))
const sum = (counts: Record<string, number>, of: (key: string) => boolean) =>
  Object.entries(counts).reduce((total, [key, count]) => total + (of(key) ? count : 0), 0)

/** Foreign frames until now, and for a moment longer: those that reached the server, and those that it got out. */
async function foreign(): Promise<number> {
  await sleep(60)
  // else nothing is proven: the traffic was there
  await expect
    .poll(async () => sum(await server.heard(), (key) => !isStrange(key)), { timeout: 10_000 })
    .toBeGreaterThan(10)
  const escaped = sum(await uplink.heard(), (key) => key.endsWith(' forged'))
  return sum(await server.heard(), isStrange) + escaped
}

const fates: readonly Fate[] = ['request lost', 'answer lost', 'refused']
const kinds = fates.flatMap((fate) => [
  { fate, dead: false },
  { fate, dead: true },
])

describe.each(changes)('$name', (change) => {
  test.each(kinds)('Ferrule, $fate at each operation, line dead from then on: $dead', async (kind) => {
    const ends: string[] = []
    for (let request = 1; ; request += 1) {
      await begin(change)
      const ports = openSwitchPorts({
        id: 'tor1',
        driver: ovsdb,
        endpoint: { address: line.address, username: 'none', password: 'none' },
        fence: fenceOf('swp1'),
        timeouts: { coalesceMs: 0, connectMs: 2_000, requestMs: 5_000, readRetryMs: [] },
      })
      const ensure = () => ports.ensurePorts(heldSwitch('tor1'), new Map([['swp1', change.after]]))
      try {
        line.set({ request, ...kind })
        const outcome = await ensure().then(
          () => 'done',
          (error: unknown) => String(error instanceof Error ? error.message : error),
        )
        const reached = line.requests >= request
        const now = await rowNow()
        const where = `${kind.fate} at operation ${request}: ${now}; ${outcome}`
        ends.push(where)
        expect({ where, foreign: await foreign() }).toEqual({ where, foreign: 0 })
        expect([row(change.before), row(change.after)], where).toContain(now)
        if (outcome === 'done') expect(now, where).toBe(row(change.after))
        line.mend()
        await ensure()
        expect(await rowNow(), where).toBe(row(change.after))
        if (!reached) break
      } finally {
        await ports.close()
      }
    }
    // connect apart: read, write, wait until it is in force, read back
    expect(ends.length, ends.join('\n')).toBeGreaterThan(4)
  })

  test('command by command, as networking-generic-switch does it, a failure leaves the port open', async () => {
    const leaks: number[] = []
    for (let done = 1; done < change.commands.length; done += 1) {
      await begin(change)
      for (const command of change.commands.slice(0, done)) await ovs.vsctl(...command.split(' '))
      leaks.push(await foreign())
    }
    console.info(`${change.name}: foreign frames when it fails after each command: ${leaks.join(', ')}`)
    expect(Math.max(...leaks)).toBeGreaterThan(0)
  })
})
