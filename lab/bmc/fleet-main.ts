import { createInterface } from 'node:readline'
import { z } from 'zod'
import { type Fleet, startFleet } from './fleet.ts'

/**
 * A fleet as a process of its own. One JSON object per line on stdin, one per line back on stdout, in order: the first
 * one is {"start": {…}}, then any of {"dials": …}, {"power": …}, {"reachable": …}, {"stats": true}. The answer is
 * {"ok": …} or {"error": "…"}. The end of stdin ends it, so that it never outlives whoever started it.
 */
const range = { from: z.number().int().min(0), to: z.number().int() }

const order = z.union([
  z.strictObject({
    start: z.strictObject({
      count: z.number().int(),
      first: z.string(),
      port: z.number().int().min(0).max(65_535),
      username: z.string(),
      password: z.string(),
      sessions: z.number().int().min(1).optional(),
      inactivityMs: z.number().min(1).optional(),
      seed: z.number().int().optional(),
    }),
  }),
  z.strictObject({
    dials: z
      .strictObject({
        loss: z.number().min(0).max(1),
        delayMs: z.number().min(0),
        suites: z.array(z.union([z.literal(3), z.literal(17)])),
      })
      .partial(),
  }),
  z.strictObject({ power: z.strictObject({ ...range, on: z.boolean() }) }),
  z.strictObject({ reachable: z.strictObject({ ...range, is: z.boolean() }) }),
  z.strictObject({ stats: z.literal(true) }),
])

const running: { fleet: Fleet | null } = { fleet: null }

async function obey(line: string): Promise<unknown> {
  const said = order.parse(JSON.parse(line))
  const { fleet } = running
  if ('start' in said) {
    if (fleet !== null) throw new Error('this fleet is running already')
    const fresh = await startFleet(said.start)
    running.fleet = fresh
    return { port: fresh.port, addresses: fresh.addresses }
  }
  if (fleet === null) throw new Error('start the fleet first')
  // Zod leaves no key in the result that was not given.
  if ('dials' in said) fleet.setDials(said.dials as Parameters<Fleet['setDials']>[0])
  if ('power' in said) fleet.setPower(said.power, said.power.on)
  if ('reachable' in said) fleet.setReachable(said.reachable, said.reachable.is)
  return 'stats' in said ? fleet.stats() : {}
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await obey(line).then(
    (ok) => ({ ok }),
    (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
  )
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
await running.fleet?.close()
