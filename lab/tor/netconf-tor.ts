import { dialView } from '../faults/dial-view.ts'
import { startNetconf } from '../switch/netconf/server.ts'
import { modelSwitch } from './model-switch.ts'
import type { TorKind, TorOptions } from './tor-kind.ts'

/** A switch with OpenConfig's models by NETCONF. Its host key follows from its name. */
export const netconfTor: TorKind = {
  type: 'NETCONF',
  over: 'ssh',
  usualPort: 830,
  portName: (number) => `Ethernet${number}`,
  async start(options: TorOptions) {
    const { name, address, port, username, password, hosts, unused, uplinks, pxeVlan, vlans } = options
    const netconf = await startNetconf({
      ...{ hosts, unused, uplinks, pxeVlan, vlans },
      ...{ address, port, hostname: name, user: { name: username, password } },
      announced: options.announced,
      learned: (of) => options.learned().filter((one) => one.port === of),
    })
    const { model } = netconf
    const faults = dialView(
      netconf.dials,
      [
        ...(['down', 'rejectPassword', 'otherHostKey', 'refuseNext', 'dropNext', 'okButNothing'] as const),
        ...(['halfApply', 'loginMs', 'saveLies'] as const),
      ],
      () => {
        if (netconf.dials.down || netconf.dials.otherHostKey) netconf.cut()
      },
    )
    const { fingerprint, setPower, stop } = netconf
    const front = { port: netconf.port, fingerprint, faults, setPower, snapshot: () => null, stop }
    return modelSwitch({ name, address, type: 'NETCONF', model, front, bootTime: options.bootTime })
  },
}
