import { expect, test } from 'vitest'
import { readNetplan } from './netplan.ts'
import { SystemNetwork } from './network.ts'
import { stubFabric } from './stub-parts.ts'
import type { Nic } from './types.ts'

function system(mode: string) {
  const nics: Nic[] = ['eno1', 'eno2'].map((name, index) => ({
    name,
    mac: `52:54:00:00:00:0${index + 1}`,
    linkUp: true,
    cable: { switch: 'tor1', port: `1/${index + 1}` },
  }))
  const text = `network: {ethernets: {eno1: {}, eno2: {}}, bonds: {bond0: {dhcp4: true, interfaces: [eno1, eno2], parameters: {mode: ${mode}}}}}`
  const fabric = stubFabric(101)
  const network = new SystemNetwork(readNetplan({ '/etc/netplan/50.yaml': text }, nics), nics, fabric)
  const set = (index: number, change: Parameters<typeof fabric.set>[1]) => {
    const cable = nics[index]?.cable
    if (cable) fabric.set(cable, change)
    network.refresh()
  }
  const link = (index: number, up: boolean) => {
    const nic = nics[index]
    if (nic) nic.linkUp = up
    network.refresh()
  }
  return { network, set, link }
}

test('802.3ad on ports that are in no LAG: one member works alone', () => {
  const { network, set } = system('802.3ad')
  set(1, { untagged: 102 })
  expect(network.live()).toMatchObject([{ activeNic: 'eno1', vlan: 101 }])
  expect([...network.reach().keys()]).toEqual([101])
})

test('802.3ad in a LAG: every member works, and losing one loses nothing', () => {
  const { network, set, link } = system('802.3ad')
  set(0, { lag: 5 })
  set(1, { lag: 5, tagged: [102] })
  expect([...network.reach().keys()]).toEqual([101, 102])
  link(0, false)
  expect(network.live()).toMatchObject([{ activeNic: 'eno2', vlan: 101 }])
})

test('802.3ad with one port in a LAG and one outside: the one with a partner works', () => {
  const { network, set } = system('802.3ad')
  set(1, { lag: 5, untagged: 102 })
  expect([...network.reach().keys()]).toEqual([102])
})

test('two LAGs are two aggregators: one of them works', () => {
  const { network, set } = system('802.3ad')
  set(0, { lag: 5 })
  set(1, { lag: 6, untagged: 102 })
  expect([...network.reach().keys()]).toEqual([101])
})

test.each(['active-backup', 'balance-rr', 'balance-alb'])(
  '%s on ports of a LAG: link, and not one frame',
  (mode) => {
    const { network, set } = system(mode)
    set(0, { lag: 5 })
    set(1, { lag: 5 })
    expect(network.live()).toMatchObject([{ activeNic: 'eno1', vlan: null }])
    expect([...network.reach().keys()]).toEqual([])
  },
)

test.each(['balance-tlb', 'balance-alb'])(
  '%s on plain ports: every member sends, the others under their own MACs',
  (mode) => {
    const { network, set, link } = system(mode)
    set(1, { untagged: 102 })
    const other = { nic: 'eno2', mac: '52:54:00:00:00:02', vlan: 102 }
    expect(network.live()).toMatchObject([{ activeNic: 'eno1', vlan: 101, besides: [other] }])
    expect([...network.reach()]).toEqual([
      [101, '52:54:00:00:00:01'],
      [102, '52:54:00:00:00:02'],
    ])
    link(0, false)
    expect(network.live()[0]).toEqual(expect.not.objectContaining({ besides: expect.anything() }))
    expect([...network.reach()]).toEqual([[102, '52:54:00:00:00:01']])
  },
)
