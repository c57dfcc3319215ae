import { expect, test } from 'vitest'
import type { ToldPlace } from '../domain/cable-truth.ts'
import { FerruleError } from '../domain/errors.ts'
import type { Announcement, LearnedMac, PortState, SwitchPorts } from '../drivers/switch/types.ts'
import type { CableRow } from '../store/racks.ts'
import { learnedPlaces } from './learned-cables.ts'
import type { Tools } from './tools.ts'

const PXE = 10
const own = 'd4:ae:52:00:00:01'
const other = 'd4:ae:52:00:00:02'
const cable = (mac: string, port: string, member: string | null = null): CableRow => ({
  ...{ mac, switchId: 'tor', port, member },
})
const cables = [cable(own, 'Ethernet1'), cable(other, 'Ethernet2')]
const access = (untagged: number): PortState => ({ mode: 'access', untagged, tagged: [], enabled: true })

interface Says {
  learned?: LearnedMac[]
  announced?: Announcement[] | FerruleError
  states?: Record<string, PortState>
}

/** What one switch says, and which of its ports were read. */
async function told({ learned = [], announced = [], states = {} }: Says, of = cables) {
  const read: string[] = []
  const ports: Partial<SwitchPorts> = {
    canonicalPort: (port) => port,
    learned: async () => learned,
    announced: async () => {
      if (announced instanceof FerruleError) throw announced
      return announced
    },
    readPorts: async (names) => {
      read.push(...names)
      return new Map(names.map((name) => [name, states[name] ?? access(PXE)]))
    },
  }
  const tools = {
    openSwitch: async () => ({ ports, row: { address: '10.0.0.5', pxeVlan: PXE } }),
  } as unknown as Tools
  const found = await learnedPlaces(tools, of, of)
  return { places: Object.fromEntries(found.places), silent: found.silent, read }
}

const at = (port: string, by: ToldPlace['by']) => [{ switch: 'tor', port, by }]
const hears = (port: string, mac: string, ttl: number | null = 121): Announcement => ({ port, mac, ttl })

test('an announcement is a witness where the port is access in the PXE VLAN', async () => {
  expect(await told({ announced: [hears('Ethernet2', own)] })).toEqual({
    places: { [own]: at('Ethernet2', 'lldp') },
    silent: [],
    read: ['Ethernet2'],
  })
})

test.each<[string, PortState]>([
  ['in a tenant’s VLAN', access(101)],
  ['in the quarantine VLAN', access(999)],
  ['a trunk, whatever its untagged VLAN', { mode: 'trunk', untagged: PXE, tagged: [101], enabled: true }],
])('on a port that is %s it is a tenant’s word', async (_what, state) => {
  const { places } = await told({ announced: [hears('Ethernet2', own)], states: { Ethernet2: state } })
  expect(places).toEqual({})
})

test('of a NIC that no rack file names nothing is said, and no port is read for it', async () => {
  const { places, read } = await told({ announced: [hears('Ethernet2', '02:00:00:00:00:09')] })
  expect({ places, read }).toEqual({ places: {}, read: [] })
})

test('who asks to be believed for longer than the standard says may have left', async () => {
  const { places } = await told({
    announced: [hears('Ethernet2', own, 65_535), hears('Ethernet1', other, null)],
  })
  expect(places).toEqual({ [other]: at('Ethernet1', 'lldp') })
})

test('what was learned is newer than what was announced', async () => {
  const learned = [{ port: 'Ethernet1', mac: own, vlan: PXE }]
  const { places } = await told({ learned, announced: [hears('Ethernet2', own), hears('Ethernet2', other)] })
  expect(places).toEqual({ [own]: at('Ethernet1', 'fdb'), [other]: at('Ethernet2', 'lldp') })
})

test('a member of a LAG that people made is heard itself, and the VLANs are the LAG’s', async () => {
  const lag = [cable(own, 'Port-Channel7', 'Ethernet1')]
  const heard = await told({ announced: [hears('Ethernet1', own)] }, lag)
  expect(heard).toMatchObject({ places: { [own]: at('Ethernet1', 'lldp') }, read: ['Port-Channel7'] })
  const states = { 'Port-Channel7': access(101) }
  expect((await told({ announced: [hears('Ethernet1', own)], states }, lag)).places).toEqual({})
})

test('a switch that does not tell whom it hears still tells what it has learned', async () => {
  const refusal = new FerruleError('switch-refused', 'LLDP is not enabled', 'Nothing to do.')
  const learned = [{ port: 'Ethernet1', mac: own, vlan: PXE }]
  expect(await told({ learned, announced: refusal })).toMatchObject({
    places: { [own]: at('Ethernet1', 'fdb') },
    silent: [{ switch: 'tor', by: 'lldp', reason: 'LLDP is not enabled' }],
  })
})
