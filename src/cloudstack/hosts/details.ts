import { z } from 'zod'
import type { CloudHost } from '../../domain/cloud-host.ts'
import { normaliseMac } from '../../domain/mac.ts'
import { schemaWords } from '../../domain/schema-words.ts'
import { normaliseAddress } from '../../services/bmc-input.ts'

/** Of CloudStack's listHosts, as far as it is read here. */
export const wireHost = z.object({
  id: z.string(),
  name: z.string(),
  hypervisor: z.string().optional(),
  /** Of its BMC, where it is one of the old bare-metal plugin. */
  ipaddress: z.string().optional(),
  extensionname: z.string().optional(),
  hosttags: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
})
export type WireHost = z.output<typeof wireHost>

/** A host of CloudStack's old bare-metal plugin (addBaremetalHost). */
export function isOldPlugins({ hypervisor }: WireHost): boolean {
  return hypervisor === 'BareMetal'
}

export interface HostFault {
  message: string
  remedy: string
}

const optional = <T extends z.ZodType>(type: T) =>
  z.preprocess((text) => (text === '' ? undefined : text), type.optional())
const count = z.coerce
  .number({ error: 'is no number' })
  .int('is no whole number')
  .positive('must be more than 0')

/** Only what a person may write: neither quotes of it nor anything else of a detail gets into a message. */
const details = z.object({
  mac: z
    .string()
    .regex(/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i, 'is no MAC address')
    .transform(normaliseMac),
  bmc_address: optional(
    z
      .string()
      .max(255)
      .regex(/^[0-9A-Za-z.:[\]-]+$/, 'is no address'),
  ),
  bmc_username: optional(z.string().max(64)),
  bmc_password: optional(z.string().max(128)),
  bmc_protocol: optional(z.enum(['auto', 'ipmi', 'redfish', 'maas', 'manual'], { error: 'is unknown' })),
  cpu: optional(count),
  cpu_speed: optional(count),
  memory: optional(count),
  arch: optional(z.enum(['amd64', 'arm64'], { error: 'is neither amd64 nor arm64' })),
})

const hostName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/**
 * A host of CloudStack that stands for a machine, by its details. Null: it stands for a pool, or for nothing of ours.
 * CloudStack writes `External:` before the names of details, and may leave it out where it shows them.
 */
export function cloudHostOf(wire: WireHost): CloudHost | HostFault | null {
  const own = Object.fromEntries(
    Object.entries(wire.details ?? {}).map(([key, value]) => [key.replace(/^External:/, ''), value]),
  )
  if (typeof own.mac !== 'string' || own.mac === '' || typeof own.pool === 'string') return null
  const parsed = details.safeParse(own, { error: schemaWords })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return {
      message: `detail ${String(issue?.path[0])} of host ${wire.name} in CloudStack ${wordsOf(issue?.message)}`,
      remedy: 'Correct the details of the host in CloudStack.',
    }
  }
  if (!hostName.test(wire.name))
    return {
      message: `the name of host ${wire.id} in CloudStack is none that a host here can have`,
      remedy: 'Give it a name of letters, digits, ".", "_" and "-", at most 63 of them.',
    }
  const { mac, arch, cpu, memory } = parsed.data
  const { bmc_address: address, bmc_protocol: protocol } = parsed.data
  return {
    id: wire.id,
    isOwn: !isOldPlugins(wire),
    name: wire.name,
    bootMac: mac,
    bmc: {
      address: normaliseAddress(address, protocol ?? 'auto'),
      username: parsed.data.bmc_username ?? '',
      password: parsed.data.bmc_password ?? null,
      protocol,
    },
    cpuCount: cpu ?? 0,
    cpuSpeedMhz: parsed.data.cpu_speed ?? 0,
    memoryMib: memory ?? 0,
    architecture: arch ?? 'amd64',
    tags: (wire.hosttags ?? '')
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => hostName.test(tag)),
  }
}

export function isFault(host: CloudHost | HostFault): host is HostFault {
  return 'remedy' in host
}

/** Only words of our own: those of the library may quote what was written. */
function wordsOf(message = ''): string {
  return message.startsWith('is ') || message.startsWith('must ') ? message : 'is not valid'
}
