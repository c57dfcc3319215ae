import { dialView } from '../faults/dial-view.ts'
import type { Identity } from '../redfish/certificate.ts'
import { startEos } from '../switch/eapi/server.ts'
import type { HttpOptions, HttpServer } from '../switch/https/server.ts'
import { startSonic } from '../switch/restconf/server.ts'
import type { SwitchportModel, SwitchportSetup } from '../switch/switchport/model.ts'
import { type Front, modelSwitch, type SavedSwitch } from './model-switch.ts'
import type { TorKind, TorOptions } from './tor-kind.ts'

interface Started {
  http: HttpServer
  model: SwitchportModel
  stop(): Promise<void>
}

type Learned = (port: string) => { mac: string; vlan: number }[]

/** A make that is driven over HTTPS, with the model of `switchport` commands behind it. */
function httpsTor(
  make: Pick<TorKind, 'type' | 'portName'>,
  startFront: (options: HttpOptions & SwitchportSetup, learned: Learned) => Promise<Started>,
): TorKind {
  return {
    ...make,
    over: 'https',
    usualPort: 443,
    async start(options: TorOptions) {
      const { name, address, port, username, password, hosts, unused, uplinks, pxeVlan, vlans } = options
      const setup = { hosts, unused, uplinks, pxeVlan, vlans }
      // the lab wrote it itself; whoever has pinned the certificate finds it again
      const identity = (options.saved as SavedSwitch | undefined)?.front as Identity | undefined
      const users = [{ username, password }]
      const started = await startFront({ ...setup, address, port, users, identity }, (of) =>
        options.learned().filter((one) => one.port === of),
      )
      const { model } = started
      const front = httpsFront(started)
      return modelSwitch({ name, address, type: make.type, model, front, bootTime: options.bootTime })
    },
  }
}

function httpsFront({ http, stop }: Started): Front {
  return {
    port: http.port,
    fingerprint: http.identity.fingerprint,
    faults: dialView(http.dials, [
      ...(['down', 'rejectPassword', 'refuseNext', 'dropNext', 'okButNothing'] as const),
      ...(['delayMs', 'saveLies'] as const),
    ]),
    setPower: http.setPower,
    snapshot: () => http.identity,
    stop,
  }
}

export const eosTor = httpsTor(
  { type: 'eAPI', portName: (number) => `Ethernet${number}` },
  (options, learned) => startEos({ ...options, learned }),
)

/** Its ports are counted in lanes: four to each. */
export const sonicTor = httpsTor(
  { type: 'RESTCONF', portName: (number) => `Ethernet${(number - 1) * 4}` },
  (options, learned) => startSonic({ ...options, learned }),
)
