import { z } from 'zod'

/** What CloudStack's API answers, as far as Ferrule reads it. Empty fields are left out by CloudStack. */
export const named = z.object({ id: z.string(), name: z.string() })
/** For commands whose answer nobody looks into. */
export const anything = z.unknown()
export const done = z.object({ success: z.coerce.string().optional() })

const map = z.record(z.string(), z.string())

export const extension = named.extend({
  path: z.string().optional(),
  pathready: z.boolean().optional(),
  state: z.string().optional(),
  orchestratorrequirespreparevm: z.boolean().optional(),
  details: map.optional(),
  resources: z
    .array(z.object({ id: z.string(), name: z.string().optional(), type: z.string().optional() }))
    .optional(),
})
export type WireExtension = z.output<typeof extension>
export const extensionAnswer = z.object({ extension })

export const cluster = named.extend({ hypervisortype: z.string().optional() })
/** Of addCluster and addHost: a list of one. */
export const clusterAnswer = z.object({ cluster: z.array(cluster).min(1) })

export const host = named.extend({
  clusterid: z.string().optional(),
  resourcestate: z.string().optional(),
  hypervisor: z.string().optional(),
  hosttags: z.string().optional(),
  details: map.optional(),
})

/** Options come as one text, or as a list. */
const options = z.union([z.string(), z.array(z.string()).transform((list) => list.join(','))])

export const customAction = named.extend({
  enabled: z.boolean().optional(),
  timeout: z.coerce.number().optional(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        required: z.union([z.boolean(), z.string().transform((text) => text === 'true')]).optional(),
        valueoptions: options.optional(),
      }),
    )
    .optional(),
})
export type WireCustomAction = z.output<typeof customAction>

export const template = named.extend({
  details: map.optional(),
  extensionid: z.string().optional(),
})

export const serviceOffering = named.extend({
  cpunumber: z.coerce.number().optional(),
  memory: z.coerce.number().optional(),
  serviceofferingdetails: map.optional(),
})

export const virtualMachine = named.extend({
  instancename: z.string().optional(),
  state: z.string(),
  templateid: z.string().optional(),
})
