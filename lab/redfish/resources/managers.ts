import { MOST_SESSIONS } from '../../ssh/command-line.ts'
import { collection, type Json, link, ROOT, type Route, resource } from '../resource.ts'
import { resetType } from './reset.ts'
import { wrongType } from './setters.ts'

const MANAGER = '/Managers/1'
const NICS = `${MANAGER}/EthernetInterfaces`

export const MANAGER_ROUTES: readonly Route[] = [
  { pattern: '/Managers', get: () => collection('/Managers', 'Manager', 'Manager Collection', ['1']) },
  {
    pattern: MANAGER,
    get({ service }) {
      const { controller, ipmiPort, sshPort } = service
      const { machine, clock } = controller
      return resource(MANAGER, 'Manager.v1_19_0', '1', 'BMC', {
        ManagerType: 'BMC',
        Manufacturer: machine.manufacturer,
        Model: 'Lab BMC',
        FirmwareVersion: '1.10',
        UUID: machine.uuid,
        ServiceEntryPointUUID: machine.uuid,
        DateTime: new Date(clock.seconds() * 1000).toISOString().replace('.000Z', 'Z'),
        DateTimeLocalOffset: '+00:00',
        PowerState: 'On',
        Status: { State: 'Enabled', Health: 'OK' },
        ...(ipmiPort === null && sshPort === null ? {} : { CommandShell: commandShell(sshPort) }),
        NetworkProtocol: link(`${MANAGER}/NetworkProtocol`),
        EthernetInterfaces: link(NICS),
        LogServices: link(`${MANAGER}/LogServices`),
        Links: { ManagerForServers: [link('/Systems/1')], ManagerForChassis: [link('/Chassis/1')] },
        Actions: {
          '#Manager.Reset': {
            target: `${ROOT}${MANAGER}/Actions/Manager.Reset`,
            'ResetType@Redfish.AllowableValues': ['GracefulRestart', 'ForceRestart'],
          },
        },
      })
    },
    patch: {
      privilege: () => 'ConfigureManager',
      setters: ({ service }) => ({
        DateTime: (value, name) => {
          const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
          if (Number.isNaN(at)) return wrongType(name, value)
          service.controller.clock.set(Math.floor(at / 1000))
          return []
        },
      }),
    },
  },
  {
    pattern: `${MANAGER}/Actions/Manager.Reset`,
    get: () => null,
    post: {
      privilege: 'ConfigureManager',
      run(x) {
        resetType(x, 'Manager.Reset', ['GracefulRestart', 'ForceRestart'])
        // The answer leaves before it happens.
        setImmediate(() => x.service.controller.restart())
        return { status: 204 }
      },
    },
  },
  {
    pattern: `${MANAGER}/NetworkProtocol`,
    get({ service }) {
      const { ipmiPort, sshPort, controller } = service
      return resource(
        `${MANAGER}/NetworkProtocol`,
        'ManagerNetworkProtocol.v1_10_0',
        'NetworkProtocol',
        'Network Protocol',
        {
          HostName: `${controller.machine.name}-bmc`,
          HTTPS: { ProtocolEnabled: true, Port: service.port() },
          HTTP: { ProtocolEnabled: false, Port: 80 },
          IPMI: { ProtocolEnabled: ipmiPort !== null, Port: ipmiPort ?? 623 },
          SSH: { ProtocolEnabled: sshPort !== null, Port: sshPort ?? 22 },
          SSDP: { ProtocolEnabled: false },
          Status: { State: 'Enabled', Health: 'OK' },
        },
      )
    },
  },
  { pattern: NICS, get: () => collection(NICS, 'EthernetInterface', 'Ethernet Interface Collection', ['1']) },
  {
    pattern: `${NICS}/1`,
    get({ service }) {
      const { address, mac } = service.controller.machine.bmc
      return resource(`${NICS}/1`, 'EthernetInterface.v1_12_0', '1', 'BMC LAN', {
        MACAddress: mac,
        PermanentMACAddress: mac,
        SpeedMbps: 1_000,
        LinkStatus: 'LinkUp',
        IPv4Addresses: [
          { Address: address, SubnetMask: '255.255.0.0', AddressOrigin: 'Static', Gateway: '0.0.0.0' },
        ],
        Status: { State: 'Enabled', Health: 'OK' },
      })
    },
  },
]

function commandShell(sshPort: number | null): Json {
  return sshPort === null
    ? { ServiceEnabled: false, MaxConcurrentSessions: 0, ConnectTypesSupported: ['IPMI'] }
    : { ServiceEnabled: true, MaxConcurrentSessions: MOST_SESSIONS, ConnectTypesSupported: ['SSH'] }
}
