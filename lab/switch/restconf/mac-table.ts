import type { SwitchportConfig } from '../switchport/config.ts'

export type Learned = (port: string) => readonly { mac: string; vlan: number }[]

/** `entries` of openconfig-network-instance's `fdb/mac-table`, which is of a state. */
export function macEntries({ ports }: SwitchportConfig, learned: Learned): { entry: unknown[] } {
  const entry = [...ports.keys()].flatMap((port) =>
    learned(port).map(({ mac, vlan }) => ({
      'mac-address': mac.toUpperCase(),
      vlan,
      state: { 'mac-address': mac.toUpperCase(), vlan, 'entry-type': 'DYNAMIC' },
      interface: { 'interface-ref': { state: { interface: port, subinterface: 0 } } },
    })),
  )
  return { entry }
}
