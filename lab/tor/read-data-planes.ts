import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { OvsBridge } from './data-plane.ts'

const bridges = z.record(
  z.string(),
  z.strictObject({
    runFolder: z.string(),
    bridge: z.string(),
    ports: z.record(z.string(), z.string()),
    holdMs: z.number().min(0).optional(),
  }),
)

/** The file of the command line. @throws Error that says what is wrong with it */
export function readDataPlanes(file: string): Record<string, OvsBridge> {
  const parsed = bridges.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  if (parsed.success) return parsed.data
  throw new Error(`--data-planes ${file}: ${z.prettifyError(parsed.error)}`)
}
