import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { NotSeen } from './report.mjs'

/**
 * Looks for the lab's passwords and MAAS's secret in everything that Ferrule wrote or said: its log, its whole database
 * (the engine's tables too), and the texts given. ferrule.yaml and the lab's files are what they were told with.
 *
 * @param {object} facts lab/facts.ts
 * @param {ReturnType<import('../start/places.mjs').placesIn>} places
 * @param {Record<string, string>} texts by what they are
 */
export async function findSecrets(facts, places, texts) {
  const secrets = secretsOf(facts)
  const holds = (text) => secrets.filter(({ forms }) => forms.some((form) => text.includes(form)))
  // a search that finds nothing where there is something would prove nothing
  if (holds(readFileSync(places.config, 'utf8')).length === 0)
    throw new Error('the search for secrets is blind')
  const rows = await databaseRows(places)
  const all = { ...texts, 'the log of ferruled': readFileSync(places.daemonLog, 'utf8'), ...rows }
  for (const [what, text] of Object.entries(all)) {
    const found = holds(text)
    if (found.length > 0)
      throw new NotSeen(
        `secrets in ${what}`,
        [],
        found.map(({ name }) => name),
      )
  }
  const size = Object.values(all).reduce((sum, text) => sum + text.length, 0)
  return `none of ${secrets.length} secrets in ${Object.keys(all).length} places, ${(size / 2 ** 20).toFixed(1)} MiB: log, answers, events, operations, ${Object.keys(rows).length} tables`
}

/** Each as it is, and as base64 and hex would hide it. */
function secretsOf({ machines, switches, maas }) {
  return [
    ...machines.map(({ name, bmc }) => ({ name: `BMC password of ${name}`, secret: bmc.password })),
    ...switches.map(({ name, password }) => ({ name: `password of ${name}`, secret: password })),
    { name: "MAAS's secret", secret: maas.key.split(':')[2] },
  ].map(({ name, secret }) => {
    const bytes = Buffer.from(secret)
    // the last characters of base64 depend on what follows
    const base64 = bytes.toString('base64').replace(/=+$/, '').slice(0, -1)
    return { name, forms: [secret, base64, bytes.toString('hex')] }
  })
}

/** Every row of every table of every database of Ferrule's PostgreSQL, as text. */
async function databaseRows(places) {
  const rows = {}
  const names = await query(
    places,
    'ferrule',
    'select datname from pg_database where datallowconn and not datistemplate',
  )
  for (const { datname } of names) {
    const tables = await query(
      places,
      datname,
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    )
    for (const { name } of tables) {
      const found = await query(places, datname, `select t::text as row from ${name} t`)
      rows[`table ${datname}.${name}`] = found.map(({ row }) => row).join('\n')
    }
  }
  return rows
}

async function query(places, database, text) {
  const cluster = join(places.data, 'postgres', 'cluster')
  const [, , , port, socketFolder] = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')
  const password = readFileSync(join(places.data, 'postgres', 'password'), 'utf8').trim()
  const client = new pg.Client({
    host: socketFolder,
    port: Number(port),
    user: 'ferrule',
    password,
    database,
  })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** Every file in a folder, by its path. */
export function filesIn(folder) {
  const files = {}
  for (const name of readdirSync(folder, { recursive: true })) {
    const path = join(folder, name)
    if (statSync(path).isFile()) files[path] = readFileSync(path, 'utf8')
  }
  return files
}
