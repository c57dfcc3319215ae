import type { VirtualMs } from '../world/types.ts'
import type { Image, Script, State } from './model.ts'

/** The PXE subnet is data only: nothing listens on its addresses. */
export const RACK_ADDRESS = '10.10.0.2'
export const PXE_SUBNET = 3
export const PXE_VLAN = 5003
const RACK_ID = 'w3qwxd'

export function initialState(now: VirtualMs): State {
  return {
    nodes: [],
    fabrics: [{ id: 0, name: 'fabric-0' }],
    vlans: [
      { id: 5004, vid: 100, name: 'tenant100', fabric: 0, mtu: 1500, dhcpOn: false, primaryRack: null },
      { id: PXE_VLAN, vid: 0, name: 'untagged', fabric: 0, mtu: 1500, dhcpOn: true, primaryRack: RACK_ID },
    ],
    subnets: [
      {
        id: PXE_SUBNET,
        name: 'pxe',
        cidr: '10.10.0.0/24',
        vlan: PXE_VLAN,
        gateway: '10.10.0.1',
        dns: [RACK_ADDRESS],
        managed: true,
      },
      {
        id: 4,
        name: 'tenant100',
        cidr: '10.100.0.0/24',
        vlan: 5004,
        gateway: '10.100.0.1',
        dns: [],
        managed: false,
      },
    ],
    ipRanges: [
      { id: 1, subnet: PXE_SUBNET, type: 'dynamic', start: '10.10.0.100', end: '10.10.0.199', comment: '' },
    ],
    images: images(),
    scripts: builtinScripts(now),
    scriptSets: [],
    events: [],
    tags: [],
    zones: [{ id: 1, name: 'default', description: '' }],
    pools: [{ id: 0, name: 'default', description: 'Default pool' }],
    domains: [{ id: 0, name: 'maas', description: '' }],
    config: {
      enable_disk_erasing_on_release: false,
      disk_erase_with_secure_erase: true,
      disk_erase_with_quick_erase: false,
      node_timeout: 30,
      default_osystem: 'ubuntu',
      default_distro_series: 'noble',
      commissioning_distro_series: 'noble',
      maas_name: 'lab',
      ntp_servers: 'ntp.ubuntu.com',
    },
    leases: {},
    lastIds: {
      vlan: 5004,
      fabric: 0,
      subnet: 4,
      ipRange: 1,
      image: 7,
      script: 62,
      tag: 0,
      zone: 1,
      pool: 0,
      domain: 0,
    },
  }
}

function images(): Image[] {
  const synced = (id: number, name: string, subarch: string, architecture = 'amd64'): Image => ({
    id,
    kind: 'Synced',
    name,
    architecture,
    subarch,
    title: '',
    lastDeployed: null,
    cloudInit: true,
  })
  return [
    synced(4, 'centos/centos70', 'generic'),
    synced(3, 'ubuntu/jammy', 'ga-22.04'),
    synced(2, 'ubuntu/noble', 'ga-24.04'),
    synced(6, 'windows/win2022', 'generic'),
    synced(7, 'ubuntu/focal', 'ga-20.04', 'arm64'),
    {
      id: 5,
      kind: 'Uploaded',
      name: 'debian12',
      architecture: 'amd64',
      subarch: 'generic',
      title: 'Debian 12',
      lastDeployed: null,
      cloudInit: true,
    },
  ]
}

/** Builtin commissioning scripts with the ids that a fresh 3.7.3 gives them, in its listing order. */
export const COMMISSIONING_SCRIPTS: readonly (readonly [name: string, id: number])[] = [
  ['20-maas-01-install-lldpd', 32],
  ['20-maas-02-dhcp-unconfigured-ifaces', 33],
  ['20-maas-03-machine-resources', 35],
  ['30-maas-01-bmc-config', 34],
  ['40-maas-01-machine-config-hints', 36],
  ['50-maas-01-commissioning', 37],
  ['maas-capture-lldpd', 44],
  ['maas-get-fruid-api-data', 41],
  ['maas-kernel-cmdline', 42],
  ['maas-list-modaliases', 40],
  ['maas-lshw', 39],
  ['maas-serial-ports', 43],
  ['maas-support-info', 38],
]

function builtinScripts(now: VirtualMs): Script[] {
  const base = {
    timeoutSeconds: 300,
    hardwareType: 0,
    parameters: {},
    packages: {},
    tags: [],
    content: '#!/bin/sh\n',
    builtin: true,
    created: now,
    comment: 'Created by maas-None',
    title: '',
    description: '',
  }
  const commissioning = COMMISSIONING_SCRIPTS.map(
    ([name, id]): Script => ({ ...base, id, revision: id, name, type: 0, tags: ['node'] }),
  )
  const wipe: Script = {
    ...base,
    id: 62,
    revision: 62,
    name: 'wipe-disks',
    title: 'Wipe disks content',
    description: 'Wipe disks content, optionally with quick or secure erase',
    type: 3,
    timeoutSeconds: 0,
    tags: ['wipe', 'disk', 'node'],
    parameters: {
      quick_erase: { type: 'boolean', argument_format: '--quick-erase' },
      secure_erase: { type: 'boolean', argument_format: '--secure-erase' },
    },
    packages: { apt: ['nvme-cli'] },
  }
  return [...commissioning, wipe]
}
