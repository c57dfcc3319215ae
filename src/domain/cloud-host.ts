import type { CloudFinding } from './cloud-finding.ts'
import type { BmcProtocol, HostSituation } from './host.ts'
import type { OnlyHost } from './planner.ts'

/** A host of CloudStack that stands for one machine: what its details say. */
export interface CloudHost {
  /** CloudStack's id of it. */
  id: string
  name: string
  bootMac: string
  bmc: {
    /** Null: nobody reaches it from here. */
    address: string | null
    username: string
    /** Where its password is: the name of a file in the configured folder, or env:NAME. Null: it needs none. */
    password: string | null
    protocol: BmcProtocol | undefined
  }
  /** 0, like memory: not said, which is enough for one that is here already. */
  cpuCount: number
  cpuSpeedMhz: number
  memoryMib: number
  architecture: string
  tags: string[]
  /** CloudStack deploys on it itself, through the extension. Not so on one of its old bare-metal plugin: that is in the pool. */
  isOwn: boolean
}

/** What is remembered of a host of CloudStack between two looks. */
export interface KnownCloudHost {
  cloudId: string
  name: string
  /** The host here that it stands for; null: none (any more). */
  hostId: string | null
  /** It left the pool because CloudStack had no such host any more. */
  withdrawn: boolean
  /** It stood for a host here whose enlistment was over. */
  settled: boolean
  /** As of {@link CloudHost}. */
  isOwn: boolean
  /** The newest enlistment that was begun for it. */
  enlistment: {
    digest: string
    at: number
    ended: boolean
    error: { message: string; remedy: string } | null
  } | null
}

export interface CloudHostMatch {
  host: CloudHost
  hostId: string | null
  fault: { message: string; remedy: string } | null
}

/**
 * Which host here each of CloudStack's stands for: by any of its MACs, else by the address of its BMC. What is not
 * unequivocal is a fault, and nothing is done about any of those concerned.
 */
export function matchCloudHosts(
  cloud: readonly CloudHost[],
  fleet: readonly HostSituation[],
): CloudHostMatch[] {
  const matches = cloud.map((host) => ({ host, ...matchOne(host, cloud, fleet) }))
  return matches.map((match) => {
    const other = matches.find(
      (one) => one !== match && match.hostId !== null && one.hostId === match.hostId && !one.fault,
    )
    if (!other || match.fault) return match
    return {
      ...match,
      fault: {
        message: `CloudStack has two hosts for one machine: ${match.host.name} and ${other.host.name}`,
        remedy: 'Delete one of them in CloudStack, or correct its details mac and bmc_address.',
      },
    }
  })
}

function matchOne(
  host: CloudHost,
  cloud: readonly CloudHost[],
  fleet: readonly HostSituation[],
): Omit<CloudHostMatch, 'host'> {
  const twin = cloud.find(
    (one) =>
      one !== host &&
      (one.bootMac === host.bootMac || (host.bmc.address !== null && one.bmc.address === host.bmc.address)),
  )
  const byMac = fleet.find((one) => hasMac(one, host.bootMac))?.host
  const byBmc = fleet.find(
    (one) => host.bmc.address !== null && one.host.bmc.address === host.bmc.address,
  )?.host
  const hostId = byMac?.id ?? byBmc?.id ?? null
  if (twin)
    return {
      hostId,
      fault: {
        message: `CloudStack has two hosts with the same MAC or BMC: ${host.name} and ${twin.name}`,
        remedy: 'Delete one of them in CloudStack, or correct its details mac and bmc_address.',
      },
    }
  if (byMac && byBmc && byMac.id !== byBmc.id)
    return {
      hostId: null,
      fault: {
        message: `host ${host.name} of CloudStack has the MAC of ${byMac.name} and the BMC of ${byBmc.name}`,
        remedy: 'Correct its details mac and bmc_address in CloudStack.',
      },
    }
  return { hostId, fault: null }
}

function hasMac({ host }: HostSituation, mac: string): boolean {
  return host.bootMac === mac || host.nics.some((nic) => nic.mac === mac)
}

/** What a call about a VM says of the host that CloudStack chose for it, if that stands for one machine. */
export interface ChosenMachine {
  mac: string | null
  name: string | null
}

/** CloudStack chose a machine and not a pool: that one, or none. */
export function tiedByCloudHost(fleet: readonly HostSituation[], chosen: ChosenMachine | null): OnlyHost[] {
  if (chosen === null) return []
  const { mac, name } = chosen
  const found = fleet.find((one) => (mac !== null ? hasMac(one, mac) : one.host.name === name))
  const because = found
    ? `CloudStack chose its host for ${found.host.name}`
    : `CloudStack chose its host for ${mac ?? name}, which Ferrule does not have`
  return [{ hostId: found?.host.id ?? null, because }]
}

/**
 * Machines that CloudStack has as hosts of their own, by host id: a pool that gave one of them out, too, would have its
 * capacity counted twice, and CloudStack's next VM for it would be refused.
 *
 * @param gone CloudStack's ids of hosts that it has no more, though they are remembered
 */
export function ownInCloud(
  known: readonly Pick<KnownCloudHost, 'cloudId' | 'hostId' | 'name' | 'isOwn'>[],
  gone: ReadonlySet<string>,
): Map<string, string> {
  return new Map(
    known.flatMap(({ cloudId, hostId, name, isOwn }) =>
      hostId === null || !isOwn || gone.has(cloudId) ? [] : [[hostId, name]],
    ),
  )
}

/** How long an enlistment that failed is left alone, unless what it was begun with has changed. Milliseconds. */
const RETRY_AFTER = 3_600_000

export function mayEnlist(
  { enlistment }: Pick<KnownCloudHost, 'enlistment'>,
  digest: string,
  now: number,
): boolean {
  if (enlistment === null) return true
  return enlistment.ended && (enlistment.digest !== digest || now - enlistment.at > RETRY_AFTER)
}

export type HostAct = 'report' | 'enlist'

/** CloudStack has it, and there is no host for it here. */
export function unknownHost(
  { id, name, bootMac }: CloudHost,
  known: KnownCloudHost | undefined,
  act: HostAct,
): CloudFinding {
  const object = { key: `host:${id}`, name, hostId: null }
  // a person's decision here outweighs what CloudStack still has: an enlistment may erase disks
  if (known?.settled)
    return {
      ...object,
      code: 'host-removed',
      message: `CloudStack still has host ${name}, which was removed here`,
      remedy: 'Delete it in CloudStack, or add it here again: "ferrule host add".',
    }
  const error = known?.enlistment?.error
  if (act === 'enlist' && error)
    return {
      ...object,
      code: 'host-failed',
      message: `host ${name} of CloudStack could not be enlisted: ${error.message}`,
      remedy: `${error.remedy} It is tried again after an hour, and at once when its details in CloudStack change.`,
    }
  return {
    ...object,
    code: 'host-unknown',
    message: `CloudStack has a host ${name} (MAC ${bootMac}), and Ferrule has no such machine`,
    remedy:
      act === 'enlist'
        ? 'Nothing: it is enlisted when three looks have seen it.'
        : `Add it: "ferrule host add", or set cloudstack.hosts.act to enlist.`,
  }
}

/** It stood for a host here, and CloudStack has it no more. Nothing is ever removed, in MAAS or here. */
export function goneHost(
  { cloudId, name }: KnownCloudHost,
  { host, tenancy, hold }: HostSituation,
  act: HostAct,
): CloudFinding {
  const object = { key: `host:${cloudId}`, name, hostId: host.id, code: 'host-gone' as const }
  const gone = `CloudStack has no host ${name} any more`
  if (tenancy || hold)
    return {
      ...object,
      message: `${gone}, but ${host.name} ${tenancy ? 'carries an instance' : 'is at work'}: it stays as it is`,
      remedy: 'Add the host in CloudStack again, or destroy the instance first.',
    }
  return {
    ...object,
    message: `${gone}; ${host.name} ${act === 'enlist' ? 'is out of the pool' : 'is still in the pool'}, and stays in MAAS`,
    remedy: `If it is not to come back: "ferrule host remove ${host.name}", which leaves it in MAAS.`,
  }
}
