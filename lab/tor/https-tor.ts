import type { AnnouncedMac } from '../announced-macs.ts'
import { dialView } from '../faults/dial-view.ts'
import type { Identity } from '../redfish/certificate.ts'
import { startEos } from '../switch/eapi/server.ts'
import type { HttpOptions, HttpServer } from '../switch/https/server.ts'
import type { Nvued } from '../switch/nvue/nvued.ts'
import { startCumulus } from '../switch/nvue/server.ts'
import { startNxos } from '../switch/nxapi/server.ts'
import { startSonic } from '../switch/restconf/server.ts'
import type { SwitchportSetup } from '../switch/switchport/model.ts'
import { type Front, modelSwitch, type PortsModel, type SavedSwitch } from './model-switch.ts'
import type { TorKind, TorOptions } from './tor-kind.ts'

interface Started {
  http: HttpServer
  model: PortsModel
  stop(): Promise<void>
}

/** What its ports hear. */
interface Heard {
  learned: (port: string) => { mac: string; vlan: number }[]
  announced: () => readonly AnnouncedMac[]
}

/** A make that is driven over HTTPS, with the ports of one switch behind it. */
function httpsTor(
  make: Pick<TorKind, 'type' | 'portName'> & Partial<Pick<TorKind, 'usualPort'>>,
  startFront: (options: HttpOptions & SwitchportSetup, heard: Heard) => Promise<Started>,
): TorKind {
  return {
    usualPort: 443,
    ...make,
    over: 'https',
    async start(options: TorOptions) {
      const { name, address, port, username, password, hosts, unused, uplinks, pxeVlan, vlans } = options
      const setup = { hosts, unused, uplinks, pxeVlan, vlans }
      // the lab wrote it itself; whoever has pinned the certificate finds it again
      const identity = (options.saved as SavedSwitch | undefined)?.front as Identity | undefined
      const users = [{ username, password }]
      const started = await startFront(
        { ...setup, address, port, users, identity },
        {
          learned: (of) => options.learned().filter((one) => one.port === of),
          announced: options.announced,
        },
      )
      const { model } = started
      const front = httpsFront(started)
      return modelSwitch({ name, address, type: make.type, model, front, bootTime: options.bootTime })
    },
  }
}

/** What somebody applies, and what a reboot brings back, is a configuration of NVUE: the ports follow from it. */
function portsOfNvue(nvued: Nvued): PortsModel {
  const { model } = nvued
  return {
    get running() {
      return model.running
    },
    seen: (port) => model.seen(port),
    savedMembership: (port) => model.savedMembership(port),
    onChange: (listener) => model.onChange(listener),
    onEdit: (listener) => void model.onEdit(listener),
    putInto: (port, vlan) => nvued.putInto(port, vlan),
    reboot: () => nvued.reboot(),
    snapshot: () => nvued.snapshot(),
    restore: (state) => nvued.restore(state),
  }
}

function httpsFront({ http, stop }: Started): Front {
  return {
    port: http.port,
    fingerprint: http.identity.fingerprint,
    faults: dialView(
      http.dials,
      [
        ...(['down', 'rejectPassword', 'otherCertificate', 'refuseNext', 'dropNext'] as const),
        ...(['okButNothing', 'halfApply', 'delayMs', 'saveLies'] as const),
      ],
      http.showCertificate,
    ),
    setPower: http.setPower,
    snapshot: () => http.identity,
    stop,
  }
}

export const eosTor = httpsTor(
  { type: 'eAPI', portName: (number) => `Ethernet${number}` },
  (options, heard) => startEos({ ...options, ...heard }),
)

/** Its ports are counted in lanes: four to each. */
export const sonicTor = httpsTor(
  { type: 'RESTCONF', portName: (number) => `Ethernet${(number - 1) * 4}` },
  (options, heard) => startSonic({ ...options, ...heard }),
)

export const nxapiTor = httpsTor(
  { type: 'NX-API', portName: (number) => `Ethernet1/${number}` },
  (options, heard) => startNxos({ ...options, ...heard }),
)

export const nvueTor = httpsTor(
  { type: 'NVUE', usualPort: 8765, portName: (number) => `swp${number}` },
  async (options, { learned }) => {
    const { http, nvued, stop } = await startCumulus({ ...options, learned })
    return { http, model: portsOfNvue(nvued), stop }
  },
)
