import { stringify } from 'yaml'
import { RACK_ADDRESS } from './initial-state.ts'
import type { BlockDevice, Node } from './model.ts'
import { netplanFile, networkConfig } from './netplan.ts'
import type { Region } from './region.ts'
import { type Filesystem, partitionsOf, virtualDevice } from './storage.ts'

/** The rack controller's metadata service, as machines in the PXE VLAN reach it. */
const METADATA = `http://${RACK_ADDRESS}:5248/MAAS/metadata`

/** What cloud-init 23.4 has of its own in Ubuntu, as far as the lab heeds it. */
const PACKAGED = `users:
   - default
disable_root: true
cloud_init_modules:
 - bootcmd
 - write_files
 - set_hostname
 - update_hostname
 - users_groups
 - ssh
cloud_config_modules:
 - locale
 - set_passwords
 - runcmd
`

/** What curtin leaves on the root disk for the first boot (maasserver/preseed.py, compose_curtin_cloud_config). */
export function installedFiles(region: Region, node: Node): Record<string, string> {
  const parts = cloudConfig(node)
  const files: Record<string, string> = {
    '/etc/hostname': `${node.hostname}\n`,
    '/etc/cloud/cloud.cfg': PACKAGED,
    '/etc/netplan/50-cloud-init.yaml': netplanFile(region, node),
    // From the debconf answer cloud-init/local-cloud-config: cloud-init keeps its cache, hence never looks for
    // another datasource, until somebody removes this.
    '/etc/cloud/cloud.cfg.d/90_dpkg_local_cloud_config.cfg': stringify(localCloudConfig(node), {
      sortMapEntries: true,
    }),
  }
  for (const part of Object.values(parts)) files[part.path] = part.content
  return files
}

/** GET op=get_curtin_config, as YAML. */
export function curtinConfig(region: Region, node: Node): string {
  const config = {
    apt: { preserve_sources_list: false, proxy: `http://${RACK_ADDRESS}:8000/`, sources: {} },
    cloudconfig: cloudConfig(node),
    debconf_selections: { maas: debconf(node), grub2: 'grub2   grub2/update_nvram  boolean false' },
    early_commands: { driver_00: ['sh', '-c', 'echo third party drivers not installed or necessary.'] },
    install: {
      error_tarfile: '/tmp/curtin-logs.tar',
      log_file: '/tmp/install.log',
      post_files: ['/tmp/install.log', '/tmp/curtin-logs.tar'],
    },
    'kernel-crash-dumps': { enabled: false },
    late_commands: {
      maas: [
        'wget',
        '--no-proxy',
        `${METADATA}/latest/by-id/${node.systemId}/`,
        '--post-data',
        'op=netboot_off',
        '-O',
        '/dev/null',
      ],
    },
    network: networkConfig(region, node),
    network_commands: { builtin: ['curtin', 'net-meta', 'custom'] },
    partitioning_commands: { builtin: ['curtin', 'block-meta', 'custom'] },
    reporting: { maas: reporting(node) },
    showtrace: true,
    storage: { config: storage(node), version: 1 },
    verbosity: 3,
  }
  return stringify(config, { sortMapEntries: true })
}

function cloudConfig(node: Node): Record<string, { path: string; content: string }> {
  const folder = '/etc/cloud/cloud.cfg.d'
  const yaml = (value: unknown): string => `#cloud-config\n${stringify(value, { sortMapEntries: true })}`
  return {
    'maas-cloud-config': {
      path: `${folder}/90_maas_cloud_config.cfg`,
      content: yaml({ datasource: { MAAS: { ...credentials(node), metadata_url: `${METADATA}/` } } }),
    },
    'maas-datasource': {
      path: `${folder}/90_maas_datasource.cfg`,
      content: 'datasource_list: [ MAAS ]',
    },
    'maas-reporting': {
      path: `${folder}/90_maas_cloud_init_reporting.cfg`,
      content: yaml({ reporting: { maas: reporting(node) } }),
    },
    'maas-ubuntu-sso': {
      path: `${folder}/90_maas_ubuntu_sso.cfg`,
      content: yaml({ snap: { email: `${node.owner ?? 'admin'}@example.com` } }),
    },
  }
}

function localCloudConfig(node: Node): Record<string, unknown> {
  return { manage_etc_hosts: true, manual_cache_clean: true, reporting: { maas: reporting(node) } }
}

function reporting(node: Node): Record<string, string> {
  return { ...credentials(node), endpoint: `${METADATA}/status/${node.systemId}`, type: 'webhook' }
}

function credentials(node: Node): Record<string, string> {
  return { consumer_key: node.token.consumer, token_key: node.token.key, token_secret: node.token.secret }
}

function debconf(node: Node): string {
  const token = `oauth_consumer_key=${node.token.consumer}&oauth_token_key=${node.token.key}&oauth_token_secret=${node.token.secret}`
  const local = stringify(localCloudConfig(node), { sortMapEntries: true }).replaceAll('\n', '\\n')
  return [
    'cloud-init   cloud-init/datasources  multiselect MAAS',
    `cloud-init   cloud-init/maas-metadata-url  string ${METADATA}/`,
    `cloud-init   cloud-init/maas-metadata-credentials  string ${token}`,
    `cloud-init   cloud-init/local-cloud-config  string ${local}`,
    '',
  ].join('\n')
}

/** Curtin's own list: disks, what they are cut into, what is made of that, and where it is mounted. */
function storage(node: Node): unknown[] {
  const actions = node.disks.flatMap((disk) => diskActions(node, disk))
  const device = virtualDevice(node)
  if (device === null) return actions
  const { disk, partition } = device.on
  const made = `${disk.name}-part${partition.number}`
  return [
    ...actions,
    ...(node.storage?.name === 'lvm' ? volumeGroup(node.storage.group.uuid, made, device.size) : []),
    ...(node.storage?.name === 'bcache' ? [bcache(node, made)] : []),
    ...mounted(device.name, device.filesystem),
  ]
}

function diskActions(node: Node, disk: BlockDevice): unknown[] {
  const { name } = disk
  const boot = node.disks[0] === disk
  const parts = partitionsOf(node, disk)
  if (parts.length === 0) return []
  return [
    {
      ...(boot ? { grub_device: true } : {}),
      id: name,
      name,
      path: `/dev/${name}`,
      ptable: 'gpt',
      type: 'disk',
      wipe: 'superblock',
    },
    ...(boot ? [grubPartition(name)] : []),
    ...parts.map((part) => ({
      device: name,
      id: `${name}-part${part.number}`,
      name: `${name}-part${part.number}`,
      number: part.number,
      size: `${part.size}B`,
      type: 'partition',
      uuid: part.uuid,
      wipe: 'superblock',
    })),
    ...parts
      .filter(({ filesystem }) => filesystem.mount_point !== '')
      .flatMap((part) => mounted(`${name}-part${part.number}`, part.filesystem)),
  ]
}

function grubPartition(name: string) {
  return {
    device: name,
    flag: 'bios_grub',
    id: `${name}-part1`,
    number: 1,
    offset: '4194304B',
    size: '1048576B',
    type: 'partition',
    wipe: 'zero',
  }
}

function mounted(volume: string, { fstype, label, uuid, mount_point }: Filesystem): unknown[] {
  return [
    { fstype, id: `${volume}_format`, label, type: 'format', uuid, volume },
    { device: `${volume}_format`, id: `${volume}_mount`, path: mount_point, type: 'mount' },
  ]
}

function volumeGroup(uuid: string, device: string, size: number): unknown[] {
  return [
    { devices: [device], id: 'vgroot', name: 'vgroot', type: 'lvm_volgroup', uuid },
    {
      ...{ id: 'vgroot-lvroot', name: 'lvroot', size: `${size}B`, type: 'lvm_partition' },
      volgroup: 'vgroot',
    },
  ]
}

function bcache(node: Node, backing: string) {
  const cache = node.disks.find(({ id }) => id === node.storage?.cacheDevice)
  return {
    backing_device: backing,
    cache_device: `${cache?.name ?? '?'}-part1`,
    cache_mode: 'writethrough',
    id: 'bcache0',
    name: 'bcache0',
    type: 'bcache',
  }
}
