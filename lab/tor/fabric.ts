import type { Cable, SwitchFabric } from '../world/types.ts'
import type { LabSwitch } from './lab-switch.ts'

/** All switches of the lab as one piece of physics. Switches are found by their management address. */
export function createFabric(switches: readonly LabSwitch[]): SwitchFabric {
  const byAddress = new Map(switches.map((entry) => [entry.address, entry]))

  function switchOf(cable: Cable): LabSwitch {
    const found = byAddress.get(cable.switch)
    if (found === undefined) throw new Error(`no switch ${cable.switch} in this lab`)
    return found
  }

  return {
    membership: (cable) => switchOf(cable).membership(cable.port),
    neighbour(cable) {
      const found = switchOf(cable)
      const { name, chassisMac, address } = found
      return {
        systemName: name,
        chassisMac,
        portName: found.longName(cable.port),
        managementAddress: address,
      }
    },
    onChange(listener) {
      for (const entry of switches) {
        entry.onChange((port) => listener({ switch: entry.address, port }))
      }
    },
  }
}
