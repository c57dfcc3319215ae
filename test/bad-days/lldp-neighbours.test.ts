import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TorMake } from '../../lab/tor/makes.ts'
import { rackViews } from '../../src/services/racks.ts'
import { type Rig, startRig } from '../support/rig.ts'
import { waitUntil } from '../support/wait.ts'

const NAMES = ['r1-tor1', 'r1-tor2', 'r2-tor1', 'r2-tor2']

/** Every make whose driver reads it, through its own interface; the words of each are its lab's, after their documentation. */
describe.each<{ makes: TorMake[] }>([
  { makes: [] },
  { makes: ['eos', 'nxapi', 'sonic', 'gnmi'] },
  { makes: ['netconf', 'os10', 'nxos', 'eos-cli'] },
])('a NIC that announces itself, on $makes (the others are Force10)', ({ makes }) => {
  let rig: Rig
  beforeAll(async () => {
    const tors = Object.fromEntries(makes.map((make, index) => [NAMES[index], make]))
    rig = await startRig({ racks: ['r1', 'r2'], tors })
  }, 120_000)
  afterAll(() => rig?.stop())

  async function heardBy(name: string) {
    const { services } = rig.core
    const tor = rig.lab.switches.get(name)
    const switches = (await rackViews(services)).flatMap((rack) => rack.switches)
    const one = switches.find(({ address }) => address.replace(/:\d+$/, '') === tor?.address)
    const { ports } = await services.tools.openSwitch(one?.id ?? '')
    const cabled = one?.ports.map(({ port }) => port) ?? []
    return ports.announced(cabled)
  }

  test.each(NAMES)('%s hears nobody, then who speaks, and nobody again without power', async (name) => {
    expect(await heardBy(name)).toEqual([])
    const address = rig.lab.switches.get(name)?.address
    const machine = rig.lab.world.machines.find(({ nics }) =>
      nics.some(({ cable }) => cable.switch === address),
    )
    const nic = machine?.nics.find(({ cable }) => cable.switch === address)
    if (!machine || !nic) throw new Error(`no machine is wired to ${name}`)

    await rig.lab.faults.get(`machine/${machine.name}`)?.set({ lldpNics: [nic.name] })
    machine.powerOn()
    await waitUntil('it has power', () => machine.power() === 'on')
    const [told, ...others] = await heardBy(name)
    expect(told).toMatchObject({ port: nic.cable.port, mac: nic.mac })
    // Force10 does not tell it, and some tell what is left of it
    expect(told?.ttl ?? 121).toBeGreaterThan(100)
    expect(told?.ttl ?? 121).toBeLessThanOrEqual(121)
    expect(others).toEqual([])

    machine.powerOff()
    await waitUntil('it has no power', () => machine.power() === 'off')
    expect(await heardBy(name)).toEqual([])
  })
})
