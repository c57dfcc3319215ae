import type { Cable, SwitchFabric } from '../world/types.ts'
import { longName } from './port-name.ts'
import type { SwitchServer } from './server.ts'

/** All switches of the lab as one piece of physics. Switches are found by their management address. */
export function createFabric(switches: readonly SwitchServer[]): SwitchFabric {
  const byAddress = new Map(switches.map((entry) => [entry.address, entry]))

  function switchOf(cable: Cable): SwitchServer {
    const found = byAddress.get(cable.switch)
    if (found === undefined) throw new Error(`no switch ${cable.switch} in this lab`)
    return found
  }

  return {
    membership: (cable) => switchOf(cable).membership(cable.port),
    neighbour(cable) {
      const { model, address } = switchOf(cable)
      const type = model.running.ports.get(cable.port)?.type ?? 'tengigabitethernet'
      return {
        systemName: model.name,
        chassisMac: model.chassisMac,
        portName: longName(type, cable.port),
        managementAddress: address,
      }
    },
    onChange(listener) {
      for (const entry of switches) {
        entry.model.onChange((port) => listener({ switch: entry.address, port }))
      }
    },
  }
}
