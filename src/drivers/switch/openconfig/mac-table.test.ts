import { expect, test } from 'vitest'
import { parseMacTable } from './mac-table.ts'

const ref = (port: string) => ({ 'interface-ref': { state: { interface: port, subinterface: 0 } } })

test('entries with their ports, with or without the names of modules', () => {
  const tree = {
    'openconfig-network-instance:entries': {
      entry: [
        { 'mac-address': '52:54:00:AA:BB:01', vlan: 101, interface: ref('Ethernet8') },
        // of the switch itself
        { 'mac-address': '02:00:00:00:00:01', vlan: 101 },
      ],
    },
  }
  expect(parseMacTable(tree)).toEqual([{ port: 'Ethernet8', mac: '52:54:00:aa:bb:01', vlan: 101 }])
  expect(parseMacTable({})).toEqual([])
})

test('what is no MAC table is told with its place', () => {
  expect(() => parseMacTable({ entries: { entry: [{ vlan: 1 }] } })).toThrow(/entries\/entry\/0\/mac-address/)
})
