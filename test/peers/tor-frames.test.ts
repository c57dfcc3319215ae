import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLab } from '../../lab/lab.ts'
import { rackFile } from '../../lab/rack-file.ts'
import type { Lab } from '../../lab/types.ts'
import { EapiRpc } from '../../src/drivers/switch/eapi/rpc.ts'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { HttpSwitchClient } from '../../src/drivers/switch/https/client.ts'
import { httpTarget } from '../../src/drivers/switch/https/target.ts'
import { switchDriver } from '../../src/drivers/switch/registry.ts'
import type { PortState, SwitchPorts } from '../../src/drivers/switch/types.ts'
import { BRIDGE, type OpenVSwitch, startOpenVSwitch } from './support/open-vswitch.ts'
import type { ServerNic } from './support/server-nic.ts'
import { access, fenceOf, heldSwitch, trunk } from './support/switch-lease.ts'

/**
 * Switches of the lab whose ports are ports of a real Open vSwitch: what a driver types or sends is judged by the frames
 * that pass meanwhile, of seven VLANs at 400 a second each, and two that the server forges.
 */

/** VLANs of others: they are there on every switch, and a trunk without a list carries them. */
const STRANGERS = [777, 888]
const ROUNDS = 400

interface Tor {
  /** Of the server whose frames are seen, and of one that is only there to be configured. */
  ports: readonly [string, string]
  /** What stands for the first of them on the bridge. */
  onBridge: string
}

/** As docs/lab.md has their cables. */
const tors: Readonly<Record<string, Tor>> = {
  'r1-tor1': { ports: ['1/1', '1/2'], onBridge: 'swp1' },
  'r1-tor2': { ports: ['Ethernet1', 'Ethernet3'], onBridge: 'swp4' },
  'r2-tor1': { ports: ['Ethernet1', 'Ethernet2'], onBridge: 'swp2' },
  'r2-tor2': { ports: ['ethernet1/1/1', 'ethernet1/1/3'], onBridge: 'swp3' },
}
const options = {
  seed: 7,
  timeScale: 1000,
  tors: { 'r1-tor2': 'netconf', 'r2-tor1': 'eos', 'r2-tor2': 'os10' },
} as const

let ovs: OpenVSwitch
let lab: Lab
let uplink: ServerNic
const servers = new Map<string, ServerNic>()

beforeAll(async () => {
  ovs = await startOpenVSwitch()
  uplink = await ovs.plug('up1')
  for (const [name, { onBridge }] of Object.entries(tors)) servers.set(name, await ovs.plug(onBridge))
  const { runFolder } = ovs
  const planes = Object.entries(tors).map(([name, { ports, onBridge }]) => {
    return [name, { runFolder, bridge: BRIDGE, ports: { [ports[0]]: onBridge }, holdMs: 40 }] as const
  })
  lab = await startLab({ ...options, dataPlanes: Object.fromEntries(planes) })
  await uplink.start(
    ROUNDS,
    [10, 200, 201, 300, 301, ...STRANGERS].map((vlan) => ({ vlan, mark: `v${vlan}` })),
  )
})
afterAll(async () => {
  await lab?.stop()
  await ovs?.stop()
})

function torOf(name: string) {
  const [known, server] = [tors[name], servers.get(name)]
  const index = lab.plan.switches.findIndex((one) => one.name === name)
  const reached = rackFile(lab.plan).racks[index]?.l2Switch
  if (!known || !server || !reached) throw new Error(`no ${name}`)
  const { ip, type, ...login } = reached
  return { ...known, server, type, endpoint: { address: ip, insecure: !login.fingerprint, ...login } }
}

async function opened(name: string): Promise<SwitchPorts> {
  const { endpoint, type, ports } = torOf(name)
  const engine = openSwitchPorts({
    id: 'tor1',
    driver: switchDriver(type),
    endpoint,
    fence: fenceOf(...ports),
    timeouts: { coalesceMs: 0, connectMs: 30_000, requestMs: 30_000 },
  })
  // the others' VLANs are there, too
  await ensure(engine, ports[1], trunk(777, 888))
  return engine
}

async function ensure(engine: SwitchPorts, port: string, state: PortState): Promise<void> {
  await engine.ensurePorts(heldSwitch('tor1'), new Map([[port, state]]))
}

const settled = (name: string) => lab.dataPlanes.get(name)?.settled()

/** As a server hears them. */
function heardIn({ untagged, tagged }: PortState): string[] {
  return [`- v${untagged}`, ...tagged.map((vlan) => `${vlan} v${vlan}`)]
}

/** Frames come in their order: when those of a state are heard, no earlier ones are on their way any more. */
async function flowing(server: ServerNic, state: PortState): Promise<void> {
  for (const key of heardIn(state))
    await expect.poll(async () => (await server.heard())[key] ?? 0, { timeout: 30_000 }).toBeGreaterThan(10)
}

async function begin(name: string, engine: SwitchPorts, state: PortState): Promise<void> {
  const { ports, server } = torOf(name)
  await ensure(engine, ports[0], state)
  await settled(name)
  await server.forget()
  await flowing(server, state)
}

async function strangersPass(server: ServerNic): Promise<void> {
  const both = async () => [await server.heard(), await uplink.heard()]
  const down = Object.fromEntries(STRANGERS.map((vlan) => [`${vlan} v${vlan}`, expect.any(Number)]))
  const up = Object.fromEntries(STRANGERS.map((vlan) => [`${vlan} forged`, expect.any(Number)]))
  await expect.poll(both, { timeout: 30_000 }).toMatchObject([down, up])
}

/** What passes from now until the change is over, and for a moment longer. */
async function during(name: string, after: PortState, change: () => Promise<unknown>) {
  const { server } = torOf(name)
  await Promise.all([server.forget(), uplink.forget()])
  await change()
  await settled(name)
  await flowing(server, after)
  const [down, up] = await Promise.all([server.heard(), uplink.heard()])
  return {
    down,
    /** What the server sent into VLANs that are not its own. */
    escaped: Object.entries(up).filter(([key]) => STRANGERS.some((vlan) => key === `${vlan} forged`)),
  }
}

describe.each(Object.keys(tors))('%s', (name) => {
  test('access, trunk, another tenant, release: no frame of anybody else, either way', async () => {
    const { ports, server } = torOf(name)
    const engine = await opened(name)
    await server.start(
      ROUNDS,
      STRANGERS.map((vlan) => ({ vlan, mark: 'forged' })),
    )
    await begin(name, engine, access(200))
    let before = access(200)
    for (const after of [trunk(200, 300), trunk(201, 301), access(10)]) {
      const seen = await during(name, after, () => ensure(engine, ports[0], after))
      const mayHear = new Set([...heardIn(before), ...heardIn(after)])
      const foreign = Object.keys(seen.down).filter((key) => !mayHear.has(key))
      expect({ after, foreign, escaped: seen.escaped }).toEqual({ after, foreign: [], escaped: [] })
      before = after
    }
    await ensure(engine, ports[0], { ...access(10), enabled: false })
    await settled(name)
    const heardNow = async () => {
      await server.forget()
      await sleep(100)
      return server.heard()
    }
    await expect.poll(heardNow, { timeout: 30_000 }).toEqual({})
    await server.stop()
    await engine.close()
  })
})

test('what the same switches let through when their lines come in the wrong order', async () => {
  const name = 'r2-tor1'
  const { endpoint, ports, server } = torOf(name)
  const [port] = ports
  const engine = await opened(name)
  await server.start(
    ROUNDS,
    STRANGERS.map((vlan) => ({ vlan, mark: 'forged' })),
  )
  await begin(name, engine, access(200))
  const http = new HttpSwitchClient(httpTarget(endpoint, { httpsPort: 443, httpPort: null }), endpoint)
  const seen = await during(name, trunk(201, 301), async () => {
    const rpc = new EapiRpc(http)
    // a port whose list nobody has written yet, as it comes from the factory
    const list = 'switchport trunk allowed vlan'
    const lines = ['switchport mode trunk', 'switchport trunk native vlan 201', `${list} 201,301`]
    for (const line of [`no ${list}`, ...lines]) {
      const session = `configure session ${line.replaceAll(/\W/g, '-')}`
      await rpc.text([session, `interface ${port}`, line, 'end'])
      await rpc.text([`${session} commit`])
      // who types is slower than any machine
      if (line === 'switchport mode trunk') await strangersPass(server)
    }
  })
  console.info(`trunk first, its list last: ${JSON.stringify(seen)}`)
  expect(seen.escaped).toHaveLength(STRANGERS.length)
  await server.stop()
  await http.close()
  await engine.close()
})

test('a lab that is asked to mirror what is not there does not start', async () => {
  const plane = (port: string, ovsPort: string) => ({
    'r1-tor1': { runFolder: ovs.runFolder, bridge: BRIDGE, ports: { [port]: ovsPort } },
  })
  const start = (dataPlanes: ReturnType<typeof plane>) => startLab({ ...options, dataPlanes })
  await expect(start(plane('9/9', 'swp1'))).rejects.toThrow('r1-tor1 has no port 9/9')
  await expect(start(plane('1/1', 'swp99'))).rejects.toThrow('swp99')
  const { PATH } = process.env
  process.env.PATH = '/nowhere'
  try {
    await expect(start(plane('1/1', 'swp1'))).rejects.toThrow('apt-get install openvswitch-switch')
  } finally {
    process.env.PATH = PATH
  }
})
