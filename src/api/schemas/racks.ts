import { z } from 'zod'
import { page, time } from './common.ts'

export const rack = z
  .object({
    name: z.string(),
    appliedAt: time,
    switches: z.array(
      z.object({
        id: z.string(),
        address: z.string(),
        type: z.string(),
        username: z.string(),
        pxeVlan: z.int(),
        quarantineVlan: z.int(),
        vlanRange: z.object({ from: z.int(), to: z.int() }),
        ports: z.array(z.object({ port: z.string(), mac: z.string() })),
      }),
    ),
  })
  .meta({ id: 'Rack' })

export const racks = page(rack).meta({ id: 'Racks' })
