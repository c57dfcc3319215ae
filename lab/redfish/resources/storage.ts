import type { Disk } from '../../world/types.ts'
import { collection, type Json, link, ROOT, type Route, resource } from '../resource.ts'

const STORAGE = '/Systems/1/Storage'
const CONTROLLER = `${STORAGE}/1`
const NICS = '/Systems/1/EthernetInterfaces'

export const STORAGE_ROUTES: readonly Route[] = [
  { pattern: STORAGE, get: () => collection(STORAGE, 'Storage', 'Storage Collection', ['1']) },
  {
    pattern: CONTROLLER,
    get({ service }) {
      const { disks } = service.controller.machine
      return resource(CONTROLLER, 'Storage.v1_16_0', '1', 'SATA Controller', {
        Status: { State: 'Enabled', Health: 'OK' },
        Drives: disks.map(({ name }) => link(`${CONTROLLER}/Drives/${name}`)),
        'Drives@odata.count': disks.length,
      })
    },
  },
  {
    pattern: `${CONTROLLER}/Drives/:disk`,
    get(x) {
      const disk = x.service.controller.machine.disks.find(({ name }) => name === x.param('disk'))
      return disk === undefined ? null : drive(disk)
    },
  },
  {
    pattern: NICS,
    get({ service }) {
      const names = service.controller.machine.nics.map(({ name }) => name)
      return collection(NICS, 'EthernetInterface', 'Ethernet Interface Collection', names)
    },
  },
  {
    pattern: `${NICS}/:nic`,
    get(x) {
      const nic = x.service.controller.machine.nics.find(({ name }) => name === x.param('nic'))
      if (nic === undefined) return null
      return resource(`${NICS}/${nic.name}`, 'EthernetInterface.v1_12_0', nic.name, nic.name, {
        MACAddress: nic.mac,
        PermanentMACAddress: nic.mac,
        SpeedMbps: nic.linkUp ? 10_000 : null,
        LinkStatus: nic.linkUp ? 'LinkUp' : 'LinkDown',
        Status: { State: 'Enabled', Health: nic.linkUp ? 'OK' : 'Warning' },
        Links: { Chassis: { '@odata.id': `${ROOT}/Chassis/1` } },
      })
    },
  },
]

function drive(disk: Disk): Json {
  return resource(`${CONTROLLER}/Drives/${disk.name}`, 'Drive.v1_19_0', disk.name, disk.name, {
    Manufacturer: 'LAB',
    Model: disk.model,
    SerialNumber: disk.serial,
    CapacityBytes: disk.size,
    BlockSizeBytes: 512,
    MediaType: 'SSD',
    Protocol: 'SATA',
    Status: { State: 'Enabled', Health: 'OK' },
  })
}
