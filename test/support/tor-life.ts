import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { TorMake } from '../../lab/tor/makes.ts'
import { hostView } from '../../src/services/hosts.ts'
import {
  attachNetwork,
  destroyInstance,
  detachNetwork,
  rebootInstance,
  startInstance,
  stopInstance,
} from '../../src/services/instances.ts'
import { rackViews } from '../../src/services/racks.ts'
import { allQuiet, expectOneError, expectResting, parked, portsOf, tryDeploy } from './bad-days.ts'
import { admin, furnish, type Rig, startRig } from './rig.ts'

/** Its bond has one leg on each switch of the rack. */
export const HOST = 'r2-h1'

/**
 * A rack with two switches of these makes, and one host in the pool: it stands from before the first test of a `describe`
 * to after the last, and no fault outlives a test. `portsEvery`: somebody looks at its ports.
 */
export function rackForTests(first: TorMake, second: TorMake, portsEvery?: string): () => Rig {
  let rig: Rig | undefined
  const standing = () => {
    if (rig === undefined) throw new Error('the rack stands only while tests run')
    return rig
  }
  beforeAll(async () => {
    rig = await startRig({
      racks: ['r2'],
      timeScale: 1000,
      tors: { 'r2-tor1': first, 'r2-tor2': second },
      ...(portsEvery ? { portsEvery } : {}),
    })
    await furnish(rig)
    expect(await rig.enlist(HOST, { clean: true })).toMatchObject({ state: 'succeeded', error: null })
  })
  afterAll(() => rig?.stop())
  afterEach(async () => {
    for (const target of standing().lab.faults.values()) await target.reset()
  })
  return standing
}

/** What is done to a server is done on both switches, and outlives a reboot of them. */
export async function wholeLife(rig: Rig): Promise<void> {
  const { services } = rig.core
  const succeeded = async ({ id }: { id: string }) =>
    expect(await rig.ended(id)).toMatchObject({ state: 'succeeded', error: null })
  const both = (untagged: number, ...tagged: number[]) => Array(2).fill({ untagged, tagged })

  const deployed = await tryDeploy(rig, 'web', { networks: ['blue', 'green'] })
  expect(deployed).toMatchObject({ state: 'succeeded', error: null })
  expect(portsOf(rig, HOST)).toEqual(both(101, 102))
  await succeeded(await detachNetwork(services, admin, 'web', 'green'))
  expect(portsOf(rig, HOST)).toEqual(both(101))
  await succeeded(await attachNetwork(services, admin, 'web', { network: 'green' }))
  expect(portsOf(rig, HOST)).toEqual(both(101, 102))
  await succeeded(await rebootInstance(services, admin, 'web'))
  for (const tor of rig.lab.switches.values()) await tor.reboot()
  expect(portsOf(rig, HOST)).toEqual(both(101, 102))
  await succeeded(await stopInstance(services, admin, 'web'))
  expect(portsOf(rig, HOST)).toEqual(parked(rig, HOST))
  await succeeded(await startInstance(services, admin, 'web'))
  expect(portsOf(rig, HOST)).toEqual(both(101, 102))
  const { operation } = await destroyInstance(services, admin, 'web')
  if (operation) await succeeded(operation)
  expect(portsOf(rig, HOST)).toEqual(parked(rig, HOST))
  expect(await hostView(services, HOST)).toMatchObject({ state: 'available', dirty: false })
}

/** A switch of the rack with these dials in a deployment: the fault is told, and the ports are where they were. */
export async function toldAndPutBack(
  rig: Rig,
  name: string,
  dials: Record<string, unknown>,
  code: RegExp,
): Promise<void> {
  const target = rig.lab.faults.get(`switch/${name}`)
  await target?.set(dials)
  const operation = await tryDeploy(rig, 'web')
  const address = rig.lab.switches.get(name)?.address ?? 'no such switch'
  expectOneError(operation, operation.error?.code ?? '', new RegExp(address.replaceAll('.', '\\.')))
  expect(operation.error?.code).toMatch(code)
  await target?.reset()
  await restsAgain(rig)
}

/** Whatever became of an operation, in the end its server is off, in the PXE VLAN and nobody's. */
export async function restsAgain(rig: Rig): Promise<void> {
  await allQuiet(rig)
  expect(portsOf(rig, HOST)).toEqual(parked(rig, HOST))
  await expectResting(rig, HOST)
}

/** Where a tenant's server sends from, one of the rack's switches says that it has learned it, through its own interface. */
export async function learnsItsServer(rig: Rig): Promise<void> {
  const { services } = rig.core
  expect(await tryDeploy(rig, 'heard')).toMatchObject({ state: 'succeeded', error: null })
  const { nics } = rig.lab.world.machine(HOST)
  const learned = async () => {
    const [rack] = await rackViews(services)
    const tables = (rack?.switches ?? []).map(async ({ address }) => {
      const { ports } = await services.tools.openSwitch(address)
      return ports.learned(nics.map(({ cable }) => cable.port))
    })
    return (await Promise.all(tables)).flat()
  }
  const port = expect.stringMatching(new RegExp(`^(${nics.map(({ cable }) => cable.port).join('|')})$`))
  const mac = expect.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/)
  await expect.poll(learned, { timeout: 60_000, interval: 50 }).toEqual([{ port, mac, vlan: 101 }])
  const { operation } = await destroyInstance(services, admin, 'heard')
  expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded', error: null })
}
