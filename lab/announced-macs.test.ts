import { expect, test } from 'vitest'
import { announcedMacs } from './announced-macs.ts'
import { noFaults } from './world/dials.ts'
import type { PortMembership, SwitchFabric } from './world/types.ts'

const switches = ['127.77.20.1', '127.77.20.2']
const nics = switches.map((address, index) => ({
  name: `eno${index + 1}`,
  mac: `d4:ae:52:00:00:0${index + 1}`,
  cable: { switch: address, port: '1/3' },
  linkUp: true,
}))
const tenants: PortMembership = { enabled: true, untagged: null, tagged: [101] }

function heard({
  on = true,
  linkUp = true,
  port = tenants,
}: {
  on?: boolean
  linkUp?: boolean
  port?: PortMembership
}) {
  const machine = {
    dials: { ...noFaults(), lldpNics: ['eno2'] },
    nics: nics.map((nic) => ({ ...nic, linkUp })),
    power: () => (on ? ('on' as const) : ('off' as const)),
  }
  const fabric = { membership: () => port } as unknown as SwitchFabric
  return switches.map((address) => announcedMacs([machine], fabric, address))
}

test('a NIC with such firmware is heard where it is plugged in, whatever the port carries; another one is not', () => {
  expect(heard({})).toEqual([[], [{ port: '1/3', mac: 'd4:ae:52:00:00:02', ttl: 121 }]])
})

test('without power, without a cable, and on a port that is shut down it is not heard', () => {
  expect(heard({ on: false })).toEqual([[], []])
  expect(heard({ linkUp: false })).toEqual([[], []])
  expect(heard({ port: { ...tenants, enabled: false } })).toEqual([[], []])
})
