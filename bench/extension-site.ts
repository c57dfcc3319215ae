import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { loadConfig } from '../src/config/load.ts'
import type { Daemon } from '../src/daemon.ts'
import { startDaemon } from '../src/daemon.ts'
import { ferruleCpuMs, postmasterOf } from './cpu.ts'

/** A daemon on its own PostgreSQL that knows so many running VMs, each on a host whose power was read just now. */
export interface ExtensionSite {
  daemon: Daemon
  /** Payload of one VM's status, and of the whole pool's, in files. */
  payloads: { status: string; statuses: string; inbuilt: string }
  /** As the observer does every minute. */
  readPower(): Promise<void>
  /** CPU of the daemon and of PostgreSQL since the last call. Milliseconds. */
  cpuMs(): number
  stop(): Promise<void>
}

const POOL = 'rack-1'

export async function startSite(dir: string, vms: number): Promise<ExtensionSite> {
  const file = join(dir, 'ferrule.yaml')
  await writeFile(
    file,
    `listen: { port: 0 }\ndataDir: ${dir}/data\nobservers: { powerEvery: 3650d, portsEvery: 3650d }\n`,
  )
  const daemon = await startDaemon(loadConfig({ file, env: {} }), {
    log: (level, message, data) => {
      if (level !== 'info') process.stderr.write(`${level} ${message} ${JSON.stringify(data ?? {})}\n`)
    },
    env: {},
    onLeaseLost: () => process.stderr.write('the replica lost its lease: the figures of this run are void\n'),
  })
  const maas = await startMaas()
  const stop = async () => {
    maas.close()
    maas.closeAllConnections()
    await daemon.stop()
  }
  try {
    const { db } = daemon.services.tools
    const vm = await addVms(daemon, vms)
    const postmaster = await postmasterOf(db)
    let counted = ferruleCpuMs(postmaster)
    const { port } = maas.address() as AddressInfo
    const payload = async (name: string, body: unknown) => {
      const path = join(dir, `${name}.json`)
      await writeFile(path, JSON.stringify(body))
      return path
    }
    const captured = JSON.parse(
      await readFile(new URL('../../test/fixtures/cloudstack/status.json', import.meta.url), 'utf8'),
    )
    const about = { ...captured, virtualmachineid: vm.uuid, virtualmachinename: vm.name }
    const host = { pool: POOL }
    const key = { endpoint: `http://127.0.0.1:${port}`, apikey: 'consumer:token:secret' }
    return {
      daemon,
      payloads: {
        status: await payload('status', { ...about, externaldetails: { ...captured.externaldetails, host } }),
        statuses: await payload('statuses', { externaldetails: { host } }),
        inbuilt: await payload('inbuilt', { ...about, externaldetails: { host: key } }),
      },
      readPower: async () => {
        await db.query('update power_reading set at = now()')
      },
      cpuMs() {
        const before = counted
        counted = ferruleCpuMs(postmaster)
        return counted - before
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Straight into the records: how they come about is not what is measured. */
async function addVms({ services }: Daemon, count: number): Promise<{ uuid: string; name: string }> {
  const { db } = services.tools
  const [template, offering, tag] = [randomUUID(), randomUUID(), randomUUID()]
  await db.query(
    `insert into template (id, name, url, image, os_family, architecture) values ($1, 'jammy', 'ubuntu/jammy', 'ubuntu/jammy', 'ubuntu', 'amd64')`,
    [template],
  )
  await db.query(
    `insert into offering (id, name, cpu_count, cpu_speed_mhz, memory_mib, host_tags, architecture, match, bond_mode)
     values ($1, 'large', 16, 0, 65536, '{}', 'amd64', 'equal', 'active-backup')`,
    [offering],
  )
  await db.query(
    `insert into host (id, name, bmc_address, bmc_username, bmc_password_sealed, boot_mac, cpu_count, cpu_speed_mhz, memory_mib, architecture, in_pool)
     select gen_random_uuid(), 'h' || n, '127.1.0.1:' || n, '', '', 'mac ' || n, 16, 0, 65536, 'amd64', true from generate_series(1, $1::int) as n`,
    [count],
  )
  await db.query(
    `insert into power_reading (host_id, state, at, since, known, known_at) select id, 'on', now(), now(), 'on', now() from host`,
  )
  await db.query(
    `insert into instance (id, name, external_id, state, template_id, offering_id, nics, hostname, cloudstack_host)
     select gen_random_uuid(), 'i-2-' || substr(name, 2) || '-VM', $3 || name, 'running', $1, $2, '[]', name, $4 from host`,
    [template, offering, tag, `pool=${POOL}`],
  )
  await db.query(
    `insert into tenancy (host_id, instance_id) select host.id, instance.id from host join instance on instance.hostname = host.name`,
  )
  await db.query('analyze')
  return { uuid: `${tag}h1`, name: 'i-2-1-VM' }
}

/** What the in-built extension asks: it answers at once, and what it costs is nobody's. */
async function startMaas(): Promise<Server> {
  const machine = JSON.stringify({ system_id: 'abc123', status_name: 'Deployed', power_state: 'on' })
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(machine)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
