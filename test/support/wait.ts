import { setTimeout as pause } from 'node:timers/promises'

/** As `expect.poll`, also outside of a test: looks until it is so, or says what it waited for. */
export async function waitUntil(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  ms = 60_000,
): Promise<void> {
  for (const until = Date.now() + ms; !(await isSo()); await pause(25))
    if (Date.now() > until) throw new Error(`not so after ${ms} ms: ${what}`)
}
