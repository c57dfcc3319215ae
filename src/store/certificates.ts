import type { Queryable } from './database.ts'

export interface CertificateRow {
  id: string
  hostId: string
  operationId: string
  instanceId: string | null
  proven: boolean
  body: unknown
  at: string
}

/** Idempotent for one operation: a repeated step finds its certificate. */
export async function insertCertificate(
  db: Queryable,
  certificate: Omit<CertificateRow, 'at'>,
): Promise<void> {
  await db.query(
    'insert into certificate (id, host_id, operation_id, instance_id, proven, body) values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing',
    [
      certificate.id,
      certificate.hostId,
      certificate.operationId,
      certificate.instanceId,
      certificate.proven,
      JSON.stringify(certificate.body),
    ],
  )
}

export interface LastErase {
  at: string
  proven: boolean
}

/** The newest certificate of each, by host; those that never had one are not in it. */
export async function lastErases(db: Queryable, hostIds: readonly string[]): Promise<Map<string, LastErase>> {
  const { rows } = await db.query<{ host_id: string; at: Date; proven: boolean }>(
    'select distinct on (host_id) host_id, at, proven from certificate where host_id = any($1) order by host_id, at desc',
    [hostIds],
  )
  return new Map(rows.map(({ host_id, at, proven }) => [host_id, { at: at.toISOString(), proven }]))
}

export async function certificatesOfHost(db: Queryable, hostId: string): Promise<CertificateRow[]> {
  const { rows } = await db.query<{
    id: string
    host_id: string
    operation_id: string
    instance_id: string | null
    proven: boolean
    body: unknown
    at: Date
  }>('select * from certificate where host_id = $1 order by at desc', [hostId])
  return rows.map((row) => ({
    id: row.id,
    hostId: row.host_id,
    operationId: row.operation_id,
    instanceId: row.instance_id,
    proven: row.proven,
    body: row.body,
    at: row.at.toISOString(),
  }))
}
