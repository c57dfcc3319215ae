import { z } from 'zod'
import type { ChosenMachine } from '../domain/cloud-host.ts'
import { FerruleError } from '../domain/errors.ts'
import type { InstanceNic } from '../domain/instance.ts'
import { isMac, normaliseMac } from '../domain/mac.ts'
import { schemaWords } from '../domain/schema-words.ts'
import { parseBroadcastUri } from '../domain/vlan.ts'

/**
 * What CloudStack 4.21+ writes into the payload file of an orchestrator extension: only the fields used. Numbers and
 * booleans may come as strings. A NIC's `uuid` is its network's; `nicUuid` is its own.
 */
const flag = z.union([z.boolean(), z.string().transform((text) => text === 'true')])
const number = z.coerce.number()
const nic = z.object({
  deviceId: number.nullish(),
  defaultNic: flag.nullish(),
  nicUuid: z.string(),
  uuid: z.string(),
  networkSegmentName: z.string().nullish(),
  mac: z.string(),
  broadcastUri: z.string().nullish(),
  ip6address: z.string().nullish(),
  ip6cidr: z.string().nullish(),
})
const details = z.record(z.string(), z.unknown())
const payload = z.object({
  virtualmachineid: z.string().nullish(),
  virtualmachinename: z.string().nullish(),
  'cloudstack.vm.details': z
    .object({
      name: z.string().nullish(),
      hostName: z.string().nullish(),
      cpus: number.nullish(),
      minSpeed: number.nullish(),
      minRam: number.nullish(),
      maxRam: number.nullish(),
      arch: z.string().nullish(),
      details: details.nullish(),
      disks: z.array(z.object({ type: z.string().nullish() })).nullish(),
      nics: z.array(nic).nullish(),
    })
    .nullish(),
  externaldetails: z.object({ virtualmachine: details.nullish(), host: details.nullish() }).nullish(),
  parameters: details.nullish(),
  caller: z.object({ type: z.string().nullish() }).nullish(),
})

export interface CloudstackVm {
  uuid: string
  name: string
  hostname: string
  cpuCount: number
  memoryMib: number
  /** Of its service offering, where a cluster's overcommitment makes `memoryMib` less. */
  offeredMib: number
  architecture: string
  /** MAAS image: detail External:image, or the template's URL. */
  image: string | null
  /** Name of an offering in Ferrule, instead of CPU and memory. */
  offering: string | null
  hostTags: string[]
  erase: 'full' | 'secure' | 'quick' | null
  /** How the NICs are joined: detail External:bond_mode, as it was written; null: as the settings say. */
  bondMode: string | null
  /** How the disks are laid out: detail External:disk_layout, as it was written; null: as commissioned. */
  diskLayout: string | null
  /** What its stops do with ports whose VLANs are fixed: detail External:stop_ports, as it was written; null: as the settings say. */
  stopPorts: string | null
  /** Detail External:mac_policy of VM, template or offering, else of the host, as it was written; null: none. */
  macPolicy: string | null
  /** The host that CloudStack chose, if that stands for one machine; null: for a pool. */
  machine: ChosenMachine | null
  /** What our prepare gave back: proof that it ran. */
  token: string | null
  nics: CloudstackNic[]
  dataDisks: number
  /** Of a custom action's form: what was filled in, as text. */
  parameters: Readonly<Record<string, string>>
  /** Called by an administrator of the whole cloud. */
  byRootAdmin: boolean
}

export interface CloudstackNic {
  id: string
  networkId: string
  networkName: string
  mac: string
  vlan: number | null
  isDefault: boolean
  /** null: its network has no IPv6, or an administrator's own, of which CloudStack knows nothing. */
  ip6: { address: string; cidr: string } | null
}

export function parsePayload(body: unknown): CloudstackVm {
  const parsed = payload.safeParse(body, { error: schemaWords })
  if (!parsed.success || !parsed.data.virtualmachineid) {
    throw new FerruleError(
      'invalid-input',
      'the payload is not what CloudStack writes for a VM action',
      'Check that the extension is registered as an orchestrator of CloudStack 4.21 or newer.',
      {
        issues: parsed.success
          ? ['virtualmachineid is missing']
          : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
      },
    )
  }
  const { virtualmachineid: uuid, virtualmachinename, externaldetails } = parsed.data
  const vm = parsed.data['cloudstack.vm.details'] ?? {}
  const name = virtualmachinename ?? vm.name ?? uuid
  const external = externaldetails?.virtualmachine ?? {}
  const text = (key: string) => textOf(external[key] ?? vm.details?.[`External:${key}`])
  return {
    uuid,
    name,
    hostname: vm.hostName ?? name,
    cpuCount: vm.cpus ?? 0,
    memoryMib: Math.round((vm.minRam ?? 0) / 2 ** 20),
    offeredMib: Math.round((vm.maxRam ?? vm.minRam ?? 0) / 2 ** 20),
    architecture: vm.arch === 'aarch64' ? 'arm64' : 'amd64',
    image: text('image') ?? text('template_url'),
    offering: text('offering'),
    hostTags: (text('host_tags') ?? '')
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
    erase: parseErase(text('erase'), 'the detail External:erase'),
    bondMode: text('bond_mode'),
    diskLayout: text('disk_layout'),
    stopPorts: text('stop_ports'),
    macPolicy: text('mac_policy') ?? textOf(externaldetails?.host?.mac_policy),
    machine: machineOf(externaldetails?.host ?? {}),
    token: text('ferrule_token'),
    nics: (vm.nics ?? []).map((one) => ({
      id: one.nicUuid,
      networkId: one.uuid,
      networkName: one.networkSegmentName ?? one.uuid,
      mac: normaliseMac(one.mac),
      vlan: parseBroadcastUri(one.broadcastUri),
      isDefault: one.defaultNic ?? false,
      ip6: one.ip6address && one.ip6cidr ? { address: one.ip6address, cidr: one.ip6cidr } : null,
    })),
    dataDisks: (vm.disks ?? []).filter((disk) => disk.type === 'DATADISK').length,
    parameters: Object.fromEntries(
      Object.entries(parsed.data.parameters ?? {}).flatMap(([key, value]) =>
        value === null || value === '' ? [] : [[key, String(value)]],
      ),
    ),
    byRootAdmin: parsed.data.caller?.type === 'ADMIN',
  }
}

/** A host with a pool is none, whatever else its details say: placeOf goes by the same order. */
function machineOf(host: Readonly<Record<string, unknown>>): ChosenMachine | null {
  const [pool, name, mac] = [textOf(host.pool), textOf(host.machine), textOf(host.mac)]
  if (pool !== null || (name === null && mac === null)) return null
  return { name, mac: mac !== null && isMac(mac) ? normaliseMac(mac) : mac }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

export function parseErase(text: string | null, where: string): CloudstackVm['erase'] {
  if (text === null) return null
  if (text === 'full' || text === 'secure' || text === 'quick') return text
  throw new FerruleError(
    'invalid-input',
    `erase policy "${text}" is unknown`,
    `Use full, secure or quick in ${where}.`,
    { erase: text },
  )
}

function ip6Of({ ip6 }: CloudstackNic): Pick<InstanceNic, 'ip6'> {
  const length = ip6?.cidr.split('/')[1]
  return ip6 === null || length === undefined ? {} : { ip6: `${ip6.address}/${length}` }
}

/** VLANs are taken from create and start only: at prepare a network may not be implemented yet. */
export function instanceNics(vm: CloudstackVm): InstanceNic[] {
  return vm.nics.map((one) => {
    if (one.vlan === null)
      throw new FerruleError(
        'check-failed',
        `network ${one.networkName} of the VM has no VLAN`,
        'Use a network with VLAN isolation.',
        { network: one.networkId },
      )
    const { id, networkId, mac, vlan, isDefault } = one
    return { id, networkId, mac, vlan, isDefault, ...ip6Of(one) }
  })
}
