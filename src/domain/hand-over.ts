import { FerruleError } from './errors.ts'
import type { DataSource } from './hand-over-script.ts'
import { handOverScript } from './hand-over-script.ts'
import type { TaggedNic } from './instance.ts'
import { isIp6 } from './ip6.ts'
import { normaliseMac } from './mac.ts'
import type { TenantSeed } from './tenant-data.ts'
import { seedFiles } from './tenant-data.ts'

export interface HandOver {
  /** Only ubuntu so far. */
  osFamily: string
  hostname: string
  /** CloudStack's MAC of the default NIC: the bond has it already, by MAAS's network configuration. */
  defaultMac: string
  bondName: string
  /** Networks that reach the host tagged, each with its own MAC from CloudStack. */
  taggedNics: readonly (TaggedNic & { mtu?: number })[]
  /** What the tenant's network does not serve at the second boot; null: its virtual router does. */
  seed?: TenantSeed | null
}

/**
 * User-data for the first boot of an installed system, in the PXE VLAN. It runs nothing of the tenant's: it unties
 * cloud-init from MAAS, ties it to CloudStack's data source, adds the tagged interfaces, and switches the server off.
 * The tenant's user-data and keys run at the second boot, which is in the tenant's network: from its virtual router, or,
 * where there is none, from files that this boot lays down and does not read.
 *
 * The text is a `#cloud-config`; its own comments tell whoever finds it on a server what it is for. Files are written
 * with `defer`, in cloud-init's last stage: written earlier, they would turn this boot's own reports to MAAS off.
 */
export function handOverUserData(options: HandOver): string {
  if (options.osFamily !== 'ubuntu') {
    throw new FerruleError(
      'check-failed',
      `there is no hand-over for the operating system family "${options.osFamily}"`,
      'Use an Ubuntu image, or one that is built on Ubuntu.',
      { osFamily: options.osFamily },
    )
  }
  const hostname = checkedHostname(options.hostname)
  const defaultMac = normaliseMac(options.defaultMac)
  const { seed = null } = options
  const source = seed ? 'NoCloud' : 'CloudStack'
  const files = [
    file('/etc/cloud/cloud.cfg.d/99-ferrule.cfg', '0644', cloudInitSettings(source)),
    ...(seed ? seedFiles(seed, hostname).map(({ path, content }) => encodedFile(path, content)) : []),
    ...(options.taggedNics.length > 0
      ? [file('/etc/netplan/60-ferrule.yaml', '0600', taggedInterfaces(options))]
      : []),
    file('/var/lib/ferrule/hand-over.sh', '0700', handOverScript(defaultMac, source)),
  ]
  return `#cloud-config
# Ferrule's part of the installation; the tenant's user-data runs at the next boot.
hostname: ${hostname}
# The keys of MAAS's user have no place on a tenant's server, and the default user comes with the tenant's.
users: []
allow_public_ssh_keys: false
write_files:
${files.join('')}runcmd:
  - sh /var/lib/ferrule/hand-over.sh
# Off, when cloud-init is done: only then is the server moved to the tenant's network.
power_state:
  mode: poweroff
  delay: now
  timeout: 30
  condition: true
`
}

function cloudInitSettings(source: DataSource): string {
  const settings =
    source === 'CloudStack'
      ? `datasource:
  CloudStack:
    # Seconds. A network without a virtual router has no metadata: the boot goes on without.
    max_wait: 120
    timeout: 10
`
      : ''
  return `# Written by Ferrule at installation.

# On one line, as ds-identify reads it with a shell. A single entry before None is taken as it is; with more,
# ds-identify would look for "CloudStack" in the DMI, where bare metal has its maker's name.
datasource_list: [ ${source}, None ]
${settings}
# MAAS sets this to true, and its instance would then stay for good: the tenant's user-data would never run.
manual_cache_clean: false

# MAAS is out of reach from the tenant's network; without this every boot would wait for it.
reporting:
  maas: null

# The network files below /etc/netplan are right as the installation left them.
network:
  config: disabled
`
}

function taggedInterfaces({ bondName, taggedNics }: HandOver): string {
  if (!/^[a-z][a-z0-9]{0,9}$/.test(bondName))
    throw invalid(`"${bondName}" is not a name for a bond`, 'Use a short one like bond0.')
  const doubled = taggedNics.find(
    (nic, index) => taggedNics.findIndex((other) => other.vlan === nic.vlan) !== index,
  )
  if (doubled)
    throw invalid(`VLAN ${doubled.vlan} is there twice`, 'Give each network of a server its own VLAN.')
  return `# Written by Ferrule: further networks, tagged, each with the MAC that CloudStack allocated.
network:
  version: 2
  vlans:
${taggedNics.map((nic) => taggedInterface(bondName, nic)).join('')}`
}

function taggedInterface(bondName: string, nic: HandOver['taggedNics'][number]): string {
  if (!Number.isInteger(nic.vlan) || nic.vlan < 1 || nic.vlan > 4094)
    throw invalid(`${nic.vlan} is not a VLAN`, 'VLANs are 1 to 4094.')
  if (nic.mtu !== undefined && !(Number.isInteger(nic.mtu) && nic.mtu >= 576 && nic.mtu <= 9216))
    throw invalid(`${nic.mtu} is not an MTU`, 'Use 576 to 9216.')
  if (nic.ip6 !== undefined && !isPrefixed(nic.ip6))
    throw invalid(`"${nic.ip6}" is not an IPv6 address with its prefix length`, 'Write it as 2001:db8::1/64.')
  const ip6 = nic.ip6 === undefined ? '' : `      addresses: [ "${nic.ip6}" ]\n`
  const mtu = nic.mtu === undefined ? '' : `      mtu: ${nic.mtu}\n`
  return `    ${bondName}.${nic.vlan}:
      id: ${nic.vlan}
      link: ${bondName}
      macaddress: "${normaliseMac(nic.mac)}"
${mtu}      dhcp4: true
      # The default route is the default network's.
      dhcp4-overrides:
        use-routes: false
      # So is that of IPv6, which a router here would advertise too. An advertised address is the only other thing
      # that is lost by that: it is written down.
      accept-ra: false
${ip6}      # The boot does not wait for it: the network may be detached by then.
      optional: true
`
}

function isPrefixed(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/')
  return rest.length === 0 && isIp6(address) && /^\d{1,3}$/.test(length) && Number(length) <= 128
}

function file(path: string, permissions: string, content: string): string {
  const block = content.replace(/^(?=.)/gm, '      ')
  return `  - path: ${path}\n    permissions: '${permissions}'\n    defer: true\n    content: |\n${block}`
}

/** For what somebody else wrote: nothing in it can end the block or be taken for YAML. Only root may read it. */
function encodedFile(path: string, content: string): string {
  const encoded = Buffer.from(content).toString('base64')
  return `  - path: ${path}\n    permissions: '0600'\n    defer: true\n    encoding: b64\n    content: '${encoded}'\n`
}

/** RFC 1123, 2.1; lower case, as CloudStack's host names are. */
function checkedHostname(hostname: string): string {
  const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
  const name = hostname.toLowerCase()
  if (name.length <= 253 && new RegExp(`^${label}(\\.${label})*$`).test(name) && !/^[0-9.]+$/.test(name))
    return name
  throw invalid(`"${hostname}" is not a host name`, 'Use letters, digits and hyphens, up to 63 of them.')
}

function invalid(message: string, remedy: string): FerruleError {
  return new FerruleError('invalid-input', message, remedy)
}
