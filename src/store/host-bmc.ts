import type { BmcProtocol, FoundProtocol, Host } from '../domain/host.ts'
import type { Queryable } from './database.ts'
import { type SealedBmcSecrets, sealedSecrets } from './sealed-secrets.ts'

/** Null if the host is gone. */
export async function hostBmcSecrets(db: Queryable, host: Host): Promise<SealedBmcSecrets | null> {
  const known = sealedSecrets.get(host)
  if (known !== undefined) return known
  const { rows } = await db.query<{ bmc_password_sealed: string; bmc_kg_sealed: string | null }>(
    'select bmc_password_sealed, bmc_kg_sealed from host where id = $1',
    [host.id],
  )
  return rows[0] ? { password: rows[0].bmc_password_sealed, kg: rows[0].bmc_kg_sealed } : null
}

export interface BmcRecord {
  address: string | null
  username: string
  /** Absent: as it is. */
  passwordSealed?: string
  /** Absent: as it is; null: none any more. */
  kgSealed?: string | null
  protocol: BmcProtocol
  fingerprint: string | null
  sshFingerprint: string | null
  system: string | null
}

/** What `auto` found is forgotten: it may have been about another BMC. */
export async function setBmc(db: Queryable, id: string, bmc: BmcRecord): Promise<void> {
  await db.query(
    `update host set bmc_address = $2, bmc_username = $3, bmc_protocol = $4, bmc_fingerprint = $5, bmc_system = $6,
       bmc_password_sealed = coalesce($7, bmc_password_sealed),
       bmc_kg_sealed = case when $8::boolean then $9 else bmc_kg_sealed end,
       bmc_ssh_fingerprint = $10, bmc_found = null
     where id = $1`,
    [
      id,
      bmc.address,
      bmc.username,
      bmc.protocol,
      bmc.fingerprint,
      bmc.system,
      bmc.passwordSealed ?? null,
      bmc.kgSealed !== undefined,
      bmc.kgSealed ?? null,
      bmc.sshFingerprint,
    ],
  )
}

export async function setBmcFound(db: Queryable, id: string, found: FoundProtocol): Promise<void> {
  await db.query(`update host set bmc_found = $2 where id = $1 and bmc_protocol = 'auto'`, [id, found])
}
