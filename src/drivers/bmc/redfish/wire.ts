import { z } from 'zod'
import { line } from './messages.ts'

/**
 * What of a BMC's answers is used, and no more. A field that is missing or of another type is as good as not there:
 * BMCs leave out what they like. Texts are cut, for they come from a stranger.
 */

/** Most members of one collection, or links of one kind, that are followed. */
export const mostMembers = 128

export const text = z
  .string()
  .nullish()
  .catch(null)
  .transform((value) => (value ? line(value) : null))

export const amount = z.number().nullish().catch(null)
export const flag = z.boolean().nullish().catch(null)

/** `{"@odata.id": "/redfish/v1/…"}` as its path; undefined if there is none. */
export const link = z
  .object({ '@odata.id': z.string().min(1) })
  .transform((one) => one['@odata.id'])
  .optional()
  .catch(undefined)

export const links = z
  .array(link)
  .catch([])
  .prefault([])
  .transform((all) => all.filter((one) => one !== undefined).slice(0, mostMembers))

const words = z
  .array(z.string())
  .nullish()
  .catch(null)
  .transform((list) => (list ? list.slice(0, mostMembers).map((one) => line(one)) : null))

export const rootSchema = z.object({
  Systems: link,
  SessionService: link,
  Links: z.object({ Sessions: link }).prefault({}).catch({}),
  Vendor: text,
  Product: text,
  Oem: z.record(z.string(), z.unknown()).prefault({}).catch({}),
  ProtocolFeaturesSupported: z
    .object({ ExpandQuery: z.object({ NoLinks: flag, ExpandAll: flag }).prefault({}).catch({}) })
    .prefault({})
    .catch({ ExpandQuery: {} }),
})

export const collectionSchema = z.object({
  Members: z.array(z.unknown()).prefault([]),
  'Members@odata.nextLink': z.string().optional().catch(undefined),
})

export const memberSchema = z.looseObject({ '@odata.id': z.string().min(1) })

export const bootSchema = z.object({
  BootSourceOverrideTarget: text,
  BootSourceOverrideEnabled: text,
  BootSourceOverrideMode: text,
  HttpBootUri: text,
  'BootSourceOverrideTarget@Redfish.AllowableValues': words,
  'BootSourceOverrideEnabled@Redfish.AllowableValues': words,
})

const resetAction = z
  .object({
    target: z.string().optional().catch(undefined),
    'ResetType@Redfish.AllowableValues': words,
    '@Redfish.ActionInfo': z.string().optional().catch(undefined),
  })
  .optional()
  .catch(undefined)

/** One protocol of a serial console (ComputerSystem 1.13 and newer). */
const consoleSchema = z.object({
  ServiceEnabled: flag,
  Port: z.int().min(1).max(65_535).nullish().catch(null),
  ConsoleEntryCommand: text,
  SharedWithManagerCLI: flag,
})
const consoleProtocol = consoleSchema.optional().catch(undefined)

const noBoot = {}

export const systemSchema = z.object({
  '@odata.etag': text,
  Id: text,
  Manufacturer: text,
  Model: text,
  SerialNumber: text,
  UUID: text,
  PowerState: text,
  LastResetTime: text,
  Boot: bootSchema.prefault(noBoot).catch(bootSchema.parse(noBoot)),
  '@Redfish.Settings': z.object({ SettingsObject: link }).prefault({}).catch({}),
  Actions: z.object({ '#ComputerSystem.Reset': resetAction }).prefault({}).catch({}),
  Storage: link,
  SimpleStorage: link,
  LogServices: link,
  Links: z.object({ Chassis: links, ManagedBy: links }).prefault({}).catch({ Chassis: [], ManagedBy: [] }),
  IndicatorLED: text,
  LocationIndicatorActive: flag,
  SerialConsole: z
    .object({ IPMI: consoleProtocol, SSH: consoleProtocol, Telnet: consoleProtocol })
    .optional()
    .catch(undefined),
})

/** Before ComputerSystem had a SerialConsole, the manager did. */
export const managerConsoleSchema = z.object({
  SerialConsole: z.object({ ServiceEnabled: flag, ConnectTypesSupported: words }).optional().catch(undefined),
})

export const settingsSchema = z.object({
  Boot: bootSchema.prefault(noBoot).catch(bootSchema.parse(noBoot)),
})

export const actionInfoSchema = z.object({
  Parameters: z
    .array(z.object({ Name: text, AllowableValues: words }))
    .prefault([])
    .catch([]),
})

export type WireRoot = z.output<typeof rootSchema>
export type WireSystem = z.output<typeof systemSchema>
export type WireConsole = z.output<typeof consoleSchema>
export type WireBoot = z.output<typeof bootSchema>
