import type pg from 'pg'
import { migration0001 } from './migrations/0001-records.ts'
import { migration0002 } from './migrations/0002-recovery.ts'
import { migration0003 } from './migrations/0003-bmc-protocols.ts'
import { migration0004 } from './migrations/0004-power-readings.ts'
import { migration0005 } from './migrations/0005-consoles.ts'
import { migration0006 } from './migrations/0006-system-nics.ts'
import { migration0007 } from './migrations/0007-bmc-ssh-key.ts'
import { migration0008 } from './migrations/0008-switch-trust.ts'
import { migration0009 } from './migrations/0009-switch-vlans.ts'
import { migration0010 } from './migrations/0010-vm-places.ts'
import { migration0011 } from './migrations/0011-switch-looks.ts'
import { migration0012 } from './migrations/0012-cloud-views.ts'
import { migration0013 } from './migrations/0013-cloud-hosts.ts'
import { migration0014 } from './migrations/0014-refused-prepares.ts'
import { migration0015 } from './migrations/0015-lags.ts'
import { migration0016 } from './migrations/0016-pre-made-lags.ts'
import { migration0017 } from './migrations/0017-tenant-data.ts'
import { migration0019 } from './migrations/0019-tenants.ts'
import { migration0020 } from './migrations/0020-disk-layouts.ts'
import { migration0021 } from './migrations/0021-switch-watches.ts'
import { migration0022 } from './migrations/0022-cloud-racks.ts'
import { migration0023 } from './migrations/0023-three-sides.ts'

const migrations: readonly { number: number; sql: string }[] = [
  { number: 1, sql: migration0001 },
  { number: 2, sql: migration0002 },
  { number: 3, sql: migration0003 },
  { number: 4, sql: migration0004 },
  { number: 5, sql: migration0005 },
  { number: 6, sql: migration0006 },
  { number: 7, sql: migration0007 },
  { number: 8, sql: migration0008 },
  { number: 9, sql: migration0009 },
  { number: 10, sql: migration0010 },
  { number: 11, sql: migration0011 },
  { number: 12, sql: migration0012 },
  { number: 13, sql: migration0013 },
  { number: 14, sql: migration0014 },
  { number: 15, sql: migration0015 },
  { number: 16, sql: migration0016 },
  { number: 17, sql: migration0017 },
  { number: 19, sql: migration0019 },
  { number: 20, sql: migration0020 },
  { number: 21, sql: migration0021 },
  { number: 22, sql: migration0022 },
  { number: 23, sql: migration0023 },
]

/** Any number, the same in every replica: only one migrates at a time. */
const MIGRATION_LOCK = 4_620_017

/** Brings schema `ferrule` up to date; safe to run by several replicas at once. */
export async function migrate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await client.query('create schema if not exists ferrule')
    await client.query(
      'create table if not exists ferrule.migration (number int primary key, at timestamptz not null default now())',
    )
    const done = await client.query<{ number: number }>('select number from ferrule.migration')
    const applied = new Set(done.rows.map((row) => row.number))
    for (const { number, sql } of migrations) {
      if (applied.has(number)) continue
      await client.query('begin')
      await client.query('set local search_path to ferrule, public')
      await client.query(sql)
      await client.query('insert into ferrule.migration (number) values ($1)', [number])
      await client.query('commit')
    }
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined)
    client.release()
  }
}
