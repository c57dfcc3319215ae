import { z } from 'zod'
import { bondModes } from '../../domain/bond-plan.ts'
import { erasePolicy, line, name, page } from './common.ts'

export const newTemplate = z
  .strictObject({
    name,
    url: line(1024).describe('An image of MAAS, e.g. maas://ubuntu/jammy, or an alias of the configuration'),
    architecture: name.optional(),
  })
  .meta({ id: 'NewTemplate' })

export const template = z
  .object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    image: z.string().describe('The image of MAAS that the URL names'),
    osFamily: z.string(),
    architecture: z.string(),
  })
  .meta({ id: 'Template' })

export const templates = page(template).meta({ id: 'Templates' })

const bondMode = z.enum(bondModes)
const match = z.enum(['equal', 'atLeast'])

export const newOffering = z
  .strictObject({
    name,
    cpuCount: z.int().min(1).max(65536),
    cpuSpeedMhz: z.int().min(0).max(100_000).optional(),
    memoryMib: z.int().min(1).max(1_073_741_824),
    hostTags: z.array(name).max(64).optional(),
    architecture: name.optional(),
    match: match.optional().describe('equal: CPU and memory exactly; atLeast: that or more'),
    erase: erasePolicy.optional(),
    bondMode: bondMode.optional().describe('802.3ad: only on hosts whose switch can be given a LAG for it'),
    diskLayout: line(256)
      .optional()
      .describe(
        'flat, lvm or bcache as MAAS makes them, with ",root_size=200G" or ",root_disk=nvme0n1" behind it if need be; absent: as commissioned',
      ),
  })
  .meta({ id: 'NewOffering' })

export const offering = z
  .object({
    id: z.string(),
    name: z.string(),
    cpuCount: z.int(),
    cpuSpeedMhz: z.int(),
    memoryMib: z.int(),
    hostTags: z.array(z.string()),
    architecture: z.string(),
    planner: z.literal('BareMetalPlanner'),
    match,
    erase: erasePolicy.nullable(),
    bondMode,
    diskLayout: z.string().nullable().describe('Null: as commissioned in MAAS'),
  })
  .meta({ id: 'Offering' })

export const offerings = page(offering).meta({ id: 'Offerings' })

const networkKind = z.enum(['isolated', 'shared', 'l2'])

export const newNetwork = z
  .strictObject({
    id: name.optional().describe("CloudStack's id of it"),
    name,
    kind: networkKind.default('isolated'),
    vlan: z.int().min(1).max(4094).nullable().default(null),
  })
  .meta({ id: 'NewNetwork' })

export const network = z
  .object({ id: z.string(), name: z.string(), kind: networkKind, vlan: z.int().nullable() })
  .meta({ id: 'Network' })

export const networks = page(network).meta({ id: 'Networks' })
