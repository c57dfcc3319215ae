import { z } from 'zod'
import { time } from './common.ts'

export const consoleTicket = z
  .object({
    ticket: z.string().describe('Opens once'),
    host: z.string(),
    mayWrite: z.boolean(),
    expiresAt: time,
  })
  .meta({ id: 'ConsoleTicket' })

export const consoleState = z
  .object({
    line: z
      .enum(['closed', 'connecting', 'open', 'retrying', 'taken', 'failed'])
      .describe('closed: nobody watches, and no session with the BMC is kept'),
    viewers: z.array(z.object({ name: z.string(), writing: z.boolean() })),
  })
  .meta({ id: 'Console' })
