import type { Machine } from '../world/types.ts'
import type { Node } from './model.ts'

const SPEED = 10_000

/** The JSON that machine-resources prints: 50-maas-01-commissioning stores it, and MAAS reads the hardware from it. */
export function machineResources(machine: Machine, node: Node): string {
  const cores = Array.from({ length: machine.cpuCount }, (_, core) => ({
    core,
    threads: [{ id: core, thread: 0, online: true, numa_node: 0 }],
    frequency: machine.cpuSpeedMhz,
  }))
  return JSON.stringify({
    api_extensions: ['resources', 'resources_v2', 'api_os', 'resources_system', 'resources_usb_pci'],
    api_version: '1.0',
    environment: {
      kernel: 'Linux',
      kernel_architecture: 'x86_64',
      kernel_version: '6.8.0-generic',
      os_name: 'ubuntu',
      os_version: '24.04',
      server: 'maas-machine-resources',
      server_name: node.hostname,
      server_version: '4.11',
    },
    resources: {
      cpu: {
        architecture: 'x86_64',
        sockets: [{ socket: 0, name: CPU_MODEL, cores }],
        total: machine.cpuCount,
      },
      memory: {
        hugepages_total: 0,
        hugepages_used: 0,
        hugepages_size: 0,
        used: 0,
        total: machine.memoryMiB * 2 ** 20,
      },
      gpu: { cards: [], total: 0 },
      network: { cards: machine.nics.map((nic, index) => card(nic, index)), total: machine.nics.length },
      storage: {
        disks: machine.disks.map((disk) => ({
          id: disk.name,
          size: disk.size,
          model: disk.model,
          serial: disk.serial,
          partitions: [],
          type: disk.name.startsWith('nvme') ? 'nvme' : 'sata',
          read_only: false,
          removable: false,
          rpm: 0,
          numa_node: 0,
        })),
        total: machine.disks.length,
      },
      usb: { devices: [], total: 0 },
      system: {
        uuid: machine.uuid,
        vendor: machine.manufacturer,
        product: machine.model,
        serial: machine.serial,
      },
    },
  })
}

export const CPU_MODEL = 'Lab CPU'

function card(nic: Machine['nics'][number], index: number) {
  return {
    pci_address: `0000:00${String(index + 1).padStart(2, '0')}:00.0`,
    vendor: 'Intel Corporation',
    product: '82599ES 10-Gigabit SFI/SFP+ Network Connection',
    firmware_version: '0x800009fa',
    numa_node: 0,
    ports: [
      {
        id: nic.name,
        port: 0,
        address: nic.mac,
        protocol: 'ethernet',
        link_detected: nic.linkUp,
        link_speed: nic.linkUp ? SPEED : 0,
        link_duplex: 'full',
      },
    ],
  }
}
