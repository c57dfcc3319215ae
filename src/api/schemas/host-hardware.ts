import { z } from 'zod'
import { largestPage, time } from './common.ts'

const optionalText = z.string().nullable()

const bmcInventory = z.object({
  manufacturer: optionalText,
  model: optionalText,
  serial: optionalText,
  uuid: optionalText.describe('SMBIOS UUID of the machine'),
  firmware: optionalText.describe('Version of the BMC itself'),
  bmcUuid: optionalText.optional().describe("The BMC's own UUID, where it has one apart from the machine's"),
  disks: z
    .array(
      z.object({
        name: z.string(),
        serial: optionalText,
        model: optionalText,
        sizeBytes: z.number().nullable(),
      }),
    )
    .describe('Empty where the BMC does not see into the machine, as with IPMI'),
  notes: z.array(z.string()).optional().describe('What could not be read or was not believed, and why'),
})

export const hostInventory = z
  .object({
    bmc: bmcInventory.describe('What the BMC says; null: it does not tell'),
    maas: z
      .object({ serial: optionalText, uuid: optionalText })
      .nullable()
      .describe('What commissioning found on the machine; null: MAAS does not know it, or does not answer'),
    differences: z
      .array(z.string())
      .describe(
        'Where the BMC cannot be that of the machine that was commissioned, serials of disks included',
      ),
  })
  .meta({ id: 'HostInventory' })

export const hostSensors = z
  .object({
    items: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(['temperature', 'fan', 'power', 'voltage', 'current', 'other']),
        value: z.number().nullable().describe('null: no reading now, as while the host is off'),
        unit: z.enum(['°C', 'rpm', 'W', 'V', 'A', '%', 'Hz', 'VA', 'J', 'CFM', '']),
        health: z
          .enum(['ok', 'warning', 'critical', 'unknown'])
          .describe('unknown: the BMC has no thresholds'),
        states: z
          .array(z.string())
          .describe('What a discrete sensor asserts; for one that could not be read: why'),
      }),
    ),
  })
  .meta({ id: 'HostSensors' })

export const hostEventLog = z
  .object({
    items: z
      .array(
        z.object({
          id: z.string(),
          at: time.nullable().describe("By the BMC's clock; null: that was not set"),
          severity: z.enum(['info', 'warning', 'critical']),
          source: z.string(),
          message: z.string(),
        }),
      )
      .describe('Oldest first'),
  })
  .meta({ id: 'HostEventLog' })

export const eventLogQuery = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(largestPage)
    .default(100)
    .describe('So many of the newest entries'),
})

export const identifyBody = z
  .strictObject({
    seconds: z
      .union([z.int().min(0).max(255), z.literal('forever')])
      .describe('0: off; forever: until it is switched off'),
  })
  .meta({ id: 'Identify' })
