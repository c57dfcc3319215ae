import { dialView } from '../faults/dial-view.ts'
import type { Identity } from '../redfish/certificate.ts'
import { startGnmi } from '../switch/gnmi/server.ts'
import { modelSwitch, type SavedSwitch } from './model-switch.ts'
import type { TorKind, TorOptions } from './tor-kind.ts'

/** A switch with OpenConfig's models by gNMI. What is set is kept: there is no saving, and nothing that it could be read by. */
export const gnmiTor: TorKind = {
  type: 'gNMI',
  over: 'https',
  usualPort: 9339,
  portName: (number) => `Ethernet${number}`,
  async start(options: TorOptions) {
    const { name, address, port, username, password, hosts, unused, uplinks, pxeVlan, vlans } = options
    // the lab wrote it itself; whoever has pinned the certificate finds it again
    const saved = (options.saved as SavedSwitch | undefined)?.front as Identity | undefined
    const gnmi = await startGnmi(
      {
        ...{ address, port, user: { username, password }, hosts, unused, uplinks, pxeVlan, vlans },
        announced: options.announced,
        learned: (of) => options.learned().filter((one) => one.port === of),
      },
      saved,
    )
    const { model, dials, fingerprint, identity, setPower, stop } = gnmi
    const faults = dialView(
      dials,
      [
        ...(['down', 'rejectPassword', 'otherCertificate', 'refuseNext', 'dropNext'] as const),
        ...(['okButNothing', 'delayMs', 'saveLies'] as const),
      ],
      // whoever is connected comes again, and meets what the dials say now
      gnmi.cut,
    )
    const front = { port: gnmi.port, fingerprint, faults, setPower, snapshot: () => identity, stop }
    return modelSwitch({ name, address, type: 'gNMI', model, front, bootTime: options.bootTime })
  },
}
