import type { SwitchModel } from './model.ts'

/** What somebody else types at the console of the switch: the port is in this VLAN and no other, and nothing is saved. */
export function foreignEdit(model: SwitchModel, port: string, vlan: number): void {
  if (!model.running.ports.has(port)) throw new RangeError(`this switch has no port ${port}`)
  if (!model.running.vlans.has(vlan)) throw new RangeError(`this switch has no VLAN ${vlan}`)
  model.change(({ vlans }) => {
    for (const { untagged, tagged } of vlans.values()) {
      untagged.delete(port)
      tagged.delete(port)
    }
    vlans.get(vlan)?.untagged.add(port)
  })
}
