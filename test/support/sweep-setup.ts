import { sweep } from './sweep.ts'

/** Before the first test and after the last: what earlier runs left, and what workers of this one that were killed leave. */
export async function setup(): Promise<void> {
  for (const line of await sweep()) process.stderr.write(`${line}\n`)
}

export const teardown = setup
