import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadConfig } from '../src/config/load.ts'
import { startDaemon } from '../src/daemon.ts'
import { newToken } from '../src/secrets/tokens.ts'
import type { Services } from '../src/services/context.ts'
import { insertToken } from '../src/store/tokens.ts'

/** A daemon on its own PostgreSQL that knows so many hosts, with everything that a page shows of them. */
export interface UiSite {
  url: string
  token: string
  stop(): Promise<void>
}

const SWITCH_PORTS = 40
/** One in so many carries an instance, is dirty, or needs a person. */
const EVERY = { instance: 4, dirty: 50, attention: 500 }

export async function startUiSite(dir: string, hosts: number): Promise<UiSite> {
  const file = join(dir, 'ferrule.yaml')
  await writeFile(file, `listen: { port: 0 }\ndataDir: ${dir}/data\nobservers: { powerEvery: 3650d }\n`)
  const daemon = await startDaemon(loadConfig({ file, env: {} }), {
    log: (level, message, data) => {
      if (level !== 'info') process.stderr.write(`${level} ${message} ${JSON.stringify(data ?? {})}\n`)
    },
    env: {},
    onLeaseLost: () => process.stderr.write('the replica lost its lease: the figures of this run are void\n'),
  })
  try {
    const { db } = daemon.services.tools
    await seed(daemon.services, hosts)
    const { token, hash } = newToken()
    await insertToken(db, { name: 'bench', role: 'admin', hash })
    return { url: daemon.url, token, stop: () => daemon.stop() }
  } catch (error) {
    await daemon.stop()
    throw error
  }
}

/** Straight into the records: how they come about is not what is measured. Two NICs and two disks each, both cabled. */
async function seed({ tools: { db }, seal }: Services, hosts: number): Promise<void> {
  const run = (sql: string, values: unknown[] = []) => db.query(sql, values)
  await run(
    `insert into template (id, name, url, image, os_family, architecture)
     values (gen_random_uuid(), 'jammy', 'ubuntu/jammy', 'ubuntu/jammy', 'ubuntu', 'amd64')`,
  )
  await run(
    `insert into offering (id, name, cpu_count, cpu_speed_mhz, memory_mib, host_tags, architecture, match, bond_mode)
     values (gen_random_uuid(), 'bm.large', 16, 0, 65536, '{}', 'amd64', 'equal', 'active-backup'),
            (gen_random_uuid(), 'bm.small', 8, 0, 32768, '{}', 'amd64', 'equal', 'active-backup')`,
  )
  await run(`insert into rack_config (name, body) values ('hall', '{"racks":[]}')`)
  const switches = Array.from({ length: Math.ceil((hosts * 2) / SWITCH_PORTS) + 1 }, (_, n) => `sw-${n}`)
  await run(
    `insert into switch (id, rack, address, type, username, password_sealed, pxe_vlan, quarantine_vlan, vlan_from, vlan_to)
     select id, 'hall', '10.9.' || n / 250 || '.' || n % 250, 'Force10', '', sealed, 10, 999, 100, 899
     from unnest($1::text[], $2::text[]) with ordinality as switch (id, sealed, n)`,
    [switches, switches.map((id) => seal('switch', id, 'nobody asks'))],
  )
  await run(
    `insert into host (id, name, system_id, bmc_address, bmc_username, bmc_password_sealed, boot_mac, cpu_count, cpu_speed_mhz, memory_mib,
       architecture, tags, interfaces, disks, in_pool, attention)
     select gen_random_uuid(), 'h' || lpad(n::text, 5, '0'), 'sys' || n, '10.1.' || n / 250 || '.' || n % 250, 'admin', '',
       mac || '01', case when n % 2 = 0 then 16 else 8 end, 2400, case when n % 2 = 0 then 65536 else 32768 end, 'amd64', '{rack}',
       jsonb_build_array(jsonb_build_object('name', 'eno1', 'mac', mac || '01'), jsonb_build_object('name', 'eno2', 'mac', mac || '02')),
       jsonb_build_array(jsonb_build_object('name', 'sda', 'serial', 'S' || n || 'A', 'model', 'SSD 480', 'size', 480000000000),
         jsonb_build_object('name', 'sdb', 'serial', 'S' || n || 'B', 'model', 'SSD 960', 'size', 960000000000)),
       true,
       case when n % $2 = 0 then jsonb_build_object('code', 'bmc-unreachable', 'message', 'its BMC does not answer',
         'remedy', 'Look at the BMC.', 'since', now()) end
     from (select n, '52:54:' || lpad(to_hex(n / 65536), 2, '0') || ':' || lpad(to_hex(n / 256 % 256), 2, '0') || ':' || lpad(to_hex(n % 256), 2, '0') || ':' as mac
       from generate_series(1, $1::int) as n) as numbered`,
    [hosts, EVERY.attention],
  )
  await run(
    `insert into cable (mac, switch_id, port)
     select mac, 'sw-' || place / $1, '1/' || place % $1 + 1
     from (select mac, row_number() over (order by mac) - 1 as place from (
       select jsonb_array_elements(interfaces) ->> 'mac' as mac from host) as nic) as placed`,
    [SWITCH_PORTS],
  )
  await run(
    `insert into power_reading (host_id, state, at, since, known, known_at)
     select id, 'off', now(), now(), 'off', now() from host
     on conflict (host_id) do update set state = excluded.state, at = excluded.at, since = excluded.since, known = excluded.known, known_at = excluded.known_at`,
  )
  await run(
    `insert into instance (id, name, state, template_id, offering_id, nics, hostname)
     select gen_random_uuid(), 'vm-' || host.name, 'running', template.id, offering.id, '[]', host.name
     from host, template, offering where offering.name = 'bm.large' and substr(host.name, 2)::int % $1 = 0`,
    [EVERY.instance],
  )
  await run(
    `insert into tenancy (host_id, instance_id) select host.id, instance.id from host join instance on instance.hostname = host.name`,
  )
  await run(
    `insert into dirty_mark (key, reason) select system_id, 'bench' from host where substr(name, 2)::int % $1 = 1`,
    [EVERY.dirty],
  )
  await run('analyze')
}
