import { expect, test } from 'vitest'
import { comware } from './comware.ts'
import { vrp } from './vrp.ts'

const text = `#
 sysname tor1
#
vlan 1
#
vlan 10
 name pxe
#
vlan 100 to 102
#
interface Ten-GigabitEthernet1/0/1
 port link-mode bridge
 port link-type trunk
 undo port trunk permit vlan 1
 port trunk permit vlan 10 100 to 102
 port trunk permit vlan 4000
 port trunk pvid vlan 10
#
interface Ten-GigabitEthernet1/0/2
 port link-mode bridge
 port link-type trunk
 port trunk permit vlan all
 shutdown
#
interface Ten-GigabitEthernet1/0/3
 port link-mode bridge
 port access vlan 10
#
interface Ten-GigabitEthernet1/0/4
 port link-mode bridge
 port link-type trunk
 port link-aggregation group 10
#
return`

test('Comware: lists add up, VLAN 1 is permitted unless it is undone, and only trunks are driven', () => {
  const { ports, vlans } = comware.read.parse([text])
  expect([...vlans]).toEqual([
    [1, null],
    [10, 'pxe'],
    [100, null],
    [101, null],
    [102, null],
  ])
  const first = ports.get('Ten-GigabitEthernet1/0/1')
  expect(first?.undriven).toBeNull()
  expect(first?.state).toEqual({ mode: 'trunk', untagged: 10, tagged: [100, 101, 102, 4000], enabled: true })
  const second = ports.get('Ten-GigabitEthernet1/0/2')
  expect(second?.state.untagged).toBe(1)
  expect(second?.state.tagged).toHaveLength(4093)
  expect(second?.state.enabled).toBe(false)
  expect(ports.get('Ten-GigabitEthernet1/0/3')?.undriven).toMatch(/link type/)
  expect(ports.get('Ten-GigabitEthernet1/0/4')?.undriven).toMatch(/Bridge-Aggregation/)
})

test('VRP: VLANs come in a batch, and a PVID that is not permitted lets nothing untagged pass', () => {
  const config = [
    'vlan batch 10 100 to 101',
    '#',
    'interface 10GE1/0/1',
    ' port link-type trunk',
    ' undo port trunk allow-pass vlan 1',
    ' port trunk pvid vlan 10',
    ' port trunk allow-pass vlan 100 to 101',
  ]
  const { ports, vlans } = vrp.read.parse([config.join('\n')])
  expect([...vlans.keys()]).toEqual([10, 100, 101])
  expect(ports.get('10GE1/0/1')?.state).toMatchObject({ untagged: null, tagged: [100, 101] })
})

test('learned addresses, in the ways in which addresses are written', () => {
  const none = { ports: new Map(), vlans: new Map() }
  const rows = [
    'MAC Address    VLAN/VSI/BD   Learned-From        Type                Age',
    '5254-00aa-bb01 100/-/-       10GE1/0/1           dynamic             7',
    '52-54-00-aa-bb-02 200/-/-       10GE1/0/1           dynamic             7',
  ]
  expect(vrp.read.fdb.parse(rows.join('\n'), none, '10GE1/0/1')).toEqual([
    { mac: '52:54:00:aa:bb:01', vlan: 100 },
    { mac: '52:54:00:aa:bb:02', vlan: 200 },
  ])
})
