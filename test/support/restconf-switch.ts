import { startSonic } from '../../lab/switch/restconf/server.ts'
import { restconf } from '../../src/drivers/switch/openconfig/restconf/driver.ts'
import { type Kind, PXE, user } from './https-switch.ts'

/** SONiC by RESTCONF. What it saved cannot be read, so that it is none of the kinds that all tests are for. */
export const restconfKind: Kind = {
  driver: restconf,
  ports: [
    { written: 'Ethernet0', name: 'Ethernet0' },
    { written: ' Ethernet4', name: 'Ethernet4' },
    { written: 'Ethernet8', name: 'Ethernet8' },
  ],
  missingPort: 'Ethernet192',
  refusedVlan: 150,
  shuts: false,
  blindWrite: null,
  isWrite: ({ method }) => method !== 'GET',
  unseenSave: ({ path }) => path.endsWith(':copy'),
  async start() {
    const sonic = await startSonic({
      address: '127.0.0.1',
      users: [user],
      hosts: restconfKind.ports.map(({ name }) => name),
      uplinks: ['Ethernet48'],
      pxeVlan: PXE,
      vlans: [555, 999],
      reservedVlans: [restconfKind.refusedVlan],
      learned: (port) => (port === 'Ethernet4' ? [{ mac: '52:54:00:aa:bb:02', vlan: 101 }] : []),
    })
    return {
      http: sonic.http,
      model: sonic.model,
      foreignAccess: (port, vlan) =>
        sonic.model.change(({ ports }) => {
          const before = ports.get(port)
          if (before) ports.set(port, { ...before, mode: 'access', access: vlan })
        }),
      reboot: sonic.reboot,
      unsettled: () => 0,
      leftovers: () => 0,
      stop: sonic.stop,
    }
  },
}
