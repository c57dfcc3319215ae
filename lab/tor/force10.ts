import { switchTarget } from '../faults/targets.ts'
import { foreignEdit } from '../switch/foreign-edit.ts'
import { membershipIn } from '../switch/model.ts'
import { comparePorts, longName } from '../switch/port-name.ts'
import { type SwitchOptions, type SwitchServer, startSwitch } from '../switch/server.ts'
import type { LabSwitch } from './lab-switch.ts'

export interface Force10Tor extends LabSwitch {
  readonly type: 'Force10'
  readonly server: SwitchServer
}

export async function startForce10(options: SwitchOptions): Promise<Force10Tor> {
  const server = await startSwitch(options)
  const { name, address, model } = server
  return {
    name,
    address,
    port: server.port,
    type: 'Force10',
    fingerprint: null,
    server,
    chassisMac: model.chassisMac,
    faults: switchTarget(server),
    ports: () =>
      [...model.running.ports]
        .filter(([, { type }]) => type !== 'portchannel')
        .map(([port]) => port)
        .sort(comparePorts),
    longName: (port) => longName(model.running.ports.get(port)?.type ?? 'tengigabitethernet', port),
    vlans: () => [...model.running.vlans].map(([vlan, { description }]) => ({ vlan, description })),
    membership: (port) => model.membership(port),
    saved: (port) => membershipIn(model.startup, true, port),
    onChange: (listener) => model.onChange(listener),
    onEdit: (listener) => model.onEdit(listener),
    foreignEdit: (port, vlan) => foreignEdit(model, port, vlan),
    reboot: () => server.reboot(),
    snapshot: () => model.snapshot(),
    restore: (state) => model.restore(state),
    stop: () => server.stop(),
  }
}
