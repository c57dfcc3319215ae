import { z } from 'zod'
import type { Answer, Ask } from './exchange.ts'
import { json } from './http.ts'
import { unreadable } from './http-errors.ts'

/** What of MAAS's answers is used, and no more: MAAS may add and drop other fields as it likes. */

const vlan = z.object({ id: z.number(), vid: z.number(), fabric: z.string(), dhcp_on: z.boolean() })

const link = z.object({ id: z.number(), mode: z.string(), subnet: z.object({ id: z.number() }).nullish() })

export const interfaceSchema = z.object({
  id: z.number(),
  name: z.string(),
  type: z.string(),
  mac_address: z.string().nullable(),
  vlan: z.object({ id: z.number() }).nullable(),
  parents: z.array(z.string()),
  links: z.array(link),
  // MAAS writes an empty string where an interface has no parameters.
  params: z.record(z.string(), z.unknown()).catch({}),
})

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')

const filesystem = z.object({ fstype: text, mount_point: text }).nullish()

const disk = z.object({
  id: z.number(),
  name: z.string(),
  serial: z.string().nullable(),
  model: z.string().nullable(),
  size: z.number(),
  partitions: z.array(z.object({ size: z.number(), filesystem })).default([]),
})

export const machineSchema = z.object({
  system_id: z.string(),
  hostname: z.string(),
  status: z.number(),
  status_message: text,
  power_state: z.enum(['on', 'off', 'unknown', 'error']).catch('unknown'),
  power_type: text,
  owner: z.string().nullable(),
  locked: z.boolean(),
  architecture: text,
  cpu_count: z.number(),
  cpu_speed: z.number(),
  memory: z.number(),
  tag_names: z.array(z.string()),
  workload_annotations: z.record(z.string(), z.string()).default({}),
  osystem: text,
  distro_series: text,
  netboot: z.boolean(),
  interface_set: z.array(interfaceSchema),
  boot_interface: z.object({ id: z.number() }).nullable(),
  physicalblockdevice_set: z.array(disk),
  virtualblockdevice_set: z.array(z.object({ filesystem })).default([]),
  boot_disk: z.object({ name: z.string() }).nullish(),
  error_description: text,
  current_commissioning_result_id: z.number().nullish(),
  hardware_uuid: text,
  hardware_info: z.object({ system_serial: text }).nullish(),
})

export const versionSchema = z.object({ version: z.string(), capabilities: z.array(z.string()) })
export const userSchema = z.object({ username: z.string(), is_superuser: z.boolean() })
export const powerStateSchema = z.object({
  state: z.enum(['on', 'off', 'unknown', 'error']).catch('unknown'),
})
export const powerParametersSchema = z.object({
  power_address: z.string(),
  power_user: text,
  power_pass: text,
  node_id: text,
})

export const imageSchema = z.object({ type: z.string(), name: z.string(), architecture: z.string() })
export const subnetSchema = z.object({ id: z.number(), name: z.string(), cidr: z.string(), vlan })
export const ipRangeSchema = z.object({
  type: z.string(),
  start_ip: z.string(),
  end_ip: z.string(),
  subnet: z.object({ id: z.number() }),
})
export const subnetAddressesSchema = z.array(z.object({ ip: z.string() }))

export const eventsSchema = z.object({
  events: z.array(
    z.object({
      id: z.number(),
      type: z.string(),
      description: z.string(),
      level: z.string(),
      created: z.string(),
    }),
  ),
})

const scriptResult = z.object({
  id: z.number(),
  name: z.string(),
  status_name: z.string(),
  exit_status: z.number().nullable(),
  started: z.string().nullable(),
  ended: z.string().nullable(),
  output: text,
})

export const resultSetSchema = z.object({
  id: z.number(),
  type: z.number(),
  status_name: z.string(),
  started: z.string().nullable(),
  ended: z.string().nullable(),
  results: z.array(scriptResult),
})

export type WireMachine = z.infer<typeof machineSchema>
export type WireInterface = z.infer<typeof interfaceSchema>
export type WireResultSet = z.infer<typeof resultSetSchema>

/** Parses an answer's body; a difference is named by its place, never by its value (answers can carry secrets). */
export function decode<Schema extends z.ZodType>(schema: Schema, ask: Ask, answer: Answer): z.output<Schema> {
  const parsed = schema.safeParse(json(ask, answer))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw unreadable(
    ask,
    answer,
    issue ? `${issue.path.join('.') || 'the whole'}: ${issue.message}` : undefined,
  )
}

/** "Mon, 23 Nov 2026 16:53:29 +0000", or without a zone and with a dot after the month, as events have it: UTC. */
export function isoTime(value: string): string {
  const zoned = /[+-]\d{4}$/.test(value) ? value : `${value.replace(/(?<=[A-Za-z])\./, '')} +0000`
  const at = Date.parse(zoned)
  return Number.isNaN(at) ? value : new Date(at).toISOString()
}
