import { readdirSync, readFileSync } from 'node:fs'
import type { Database } from '../src/store/database.ts'

/** Clock ticks of /proc are hundredths of a second (USER_HZ). */
const MS_PER_TICK = 10

/** The process of PostgreSQL that started all others. */
export async function postmasterOf(db: Database): Promise<number> {
  const { rows } = await db.query<{ pid: number }>(
    "select pid from pg_stat_activity where backend_type = 'checkpointer'",
  )
  return Number(statOf(Number(rows[0]?.pid))?.[1])
}

/** CPU of PostgreSQL since it started: its living processes, and those that have ended. Milliseconds. */
export function postgresCpuMs(postmaster: number): number {
  let ticks = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const fields = statOf(pid)
    if (fields === null) continue
    const isPostmaster = Number(pid) === postmaster
    if (isPostmaster || Number(fields[1]) === postmaster) ticks += Number(fields[11]) + Number(fields[12])
    if (isPostmaster) ticks += Number(fields[13]) + Number(fields[14])
  }
  return ticks * MS_PER_TICK
}

/** CPU of this process and of PostgreSQL. Milliseconds. */
export function ferruleCpuMs(postmaster: number): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000 + postgresCpuMs(postmaster)
}

/** proc(5): the fields behind the name, from the state on; null if the process has ended. */
function statOf(pid: number | string): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}
