import type { HostSituation } from './host.ts'
import type { Instance, InstanceNic } from './instance.ts'
import type { SeenPort, WantedPort } from './port-plan.ts'
import { carriesSame, describePort, pxePort, quarantinePort, tenantPort } from './port-plan.ts'

/** What a host is to be like by our records, while no operation changes it. */
export interface WantedHost {
  /** Why: whose state it is. */
  because: string
  /** The NICs whose VLANs its ports carry; null: its ports are parked. */
  nics: readonly InstanceNic[] | null
  /** By switch: the LAG that its ports are members of while they carry the NICs' VLANs. */
  lags?: Readonly<Record<string, number>>
  bootDevice: 'disk' | 'network'
  power: 'on' | 'off'
  /** MAAS's status; null: any. */
  maas: string | null
}

type PowerState = 'on' | 'off' | 'unknown'

/** What could not be read is null; why is said in `unread`. */
export interface ObservedHost {
  ports: ObservedPort[]
  bootDevice: { device: string; persistent: boolean; valid: boolean } | null
  power: PowerState
  maas: string | null
  unread: { thing: string; message: string }[]
}

export interface ObservedPort {
  switchId: string
  switch: string
  port: string
  /** Null: no NIC is wired to it any more, but the ledger still knows it. */
  nic: string | null
  pxeVlan: number
  quarantineVlan: number
  running: SeenPort | null
  /** What the port would be after a restart of the switch. */
  saved: SeenPort | null
}

export interface Difference {
  about: 'port' | 'saved-port' | 'boot-device' | 'power' | 'maas'
  thing: string
  wanted: string
  seen: string
  /** What puts it right; `person`: nothing of ours. */
  remedy: 'heal' | 'heal --power' | 'person'
}

/** From the records alone; a sentence, where nobody can say what the host is to be like at the moment. */
export function wantedHost(
  { host, hold, tenancy }: HostSituation,
  instance: Instance | null,
): WantedHost | { unknown: string } {
  if (host.readOnly)
    return { unknown: `${host.name} was adopted while Deployed in MAAS: it is only looked at` }
  if (hold) return { unknown: `${host.name} is being changed by a ${hold.kind}` }
  const rest = { nics: null, bootDevice: 'network', power: 'off' } as const
  if (!tenancy) return { because: `${host.name} is free`, ...rest, maas: host.inPool ? 'Ready' : null }
  const lags = tenancy.lags ? { lags: tenancy.lags } : {}
  const because = `${instance?.name ?? 'its instance'} is ${instance?.state ?? 'gone'}`
  switch (instance?.state) {
    case 'running':
      return { because, nics: instance.nics, ...lags, bootDevice: 'disk', power: 'on', maas: 'Deployed' }
    case 'stopped':
      // a stop that kept fixed VLANs on the ports left everything else as it was, too
      if (instance.clearAt === null)
        return { because, nics: instance.nics, ...lags, bootDevice: 'disk', power: 'off', maas: 'Deployed' }
      return { because, ...rest, maas: 'Deployed' }
    case 'failed':
      return { because, ...rest, maas: null }
    default:
      return { unknown: `${because}, and no operation works on it` }
  }
}

/** The wanted state of one port, given what is known of the host's power. */
export function wantedPort(
  wanted: Pick<WantedHost, 'nics' | 'lags'>,
  port: Pick<ObservedPort, 'switchId' | 'pxeVlan' | 'quarantineVlan' | 'running'>,
  power: PowerState,
): WantedPort {
  if (wanted.nics) return tenantPort(wanted.nics, wanted.lags?.[port.switchId])
  const pxe = pxePort(port.pxeVlan)
  if (power === 'off') return pxe
  // a host that is not confirmed off never gets the PXE VLAN; one that may be off is left where it is
  if (power === 'unknown' && port.running && carriesSame(port.running, pxe)) return pxe
  return quarantinePort(port.quarantineVlan)
}

/** wanted × observed: empty, if all that could be read is as it should be. Pure. */
export function differences(wanted: WantedHost, observed: ObservedHost): Difference[] {
  const found = observed.ports.flatMap((port) =>
    portDifferences(port, wantedPort(wanted, port, observed.power)),
  )
  const boot = observed.bootDevice
  if (boot && !(boot.valid && boot.persistent && boot.device === wanted.bootDevice))
    found.push({
      about: 'boot-device',
      thing: 'boot device',
      wanted: `${wanted.bootDevice}, persistent`,
      seen: boot.valid ? `${boot.device}, ${boot.persistent ? 'persistent' : 'once'}` : 'none',
      remedy: 'heal',
    })
  if (observed.power !== 'unknown' && observed.power !== wanted.power)
    found.push({
      about: 'power',
      thing: 'power',
      wanted: wanted.power,
      seen: observed.power,
      remedy: 'heal --power',
    })
  if (wanted.maas !== null && observed.maas !== null && observed.maas !== wanted.maas)
    found.push({
      about: 'maas',
      thing: 'status in MAAS',
      wanted: wanted.maas,
      seen: observed.maas,
      remedy: 'person',
    })
  return found
}

function portDifferences(port: ObservedPort, wanted: WantedPort): Difference[] {
  const name = `switch ${port.switch} port ${port.port}${port.nic === null ? '' : ` (${port.nic})`}`
  const differs = (seen: SeenPort | null) => seen !== null && !carriesSame(seen, wanted)
  return [
    ...(differs(port.running)
      ? [{ about: 'port' as const, thing: name, ...words(wanted, port.running) }]
      : []),
    ...(differs(port.saved)
      ? [{ about: 'saved-port' as const, thing: `${name}, saved`, ...words(wanted, port.saved) }]
      : []),
  ]
}

function words(wanted: WantedPort, seen: SeenPort | null) {
  return {
    wanted: describePort(wanted),
    seen: seen ? describePort(seen) : 'unknown',
    remedy: 'heal' as const,
  }
}
