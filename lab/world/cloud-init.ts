import { parse } from 'yaml'
import { z } from 'zod'
import { type CloudConfig, readCloudConfig } from './cloud-config.ts'
import { askVirtualRouter } from './cloudstack-source.ts'
import type { SystemNetwork } from './network.ts'
import { runInSystem } from './sandbox.ts'
import { SHADOW, withPassword } from './shadow.ts'
import type { PowerRequest } from './stand-ins.ts'
import type { Surroundings } from './surroundings.ts'
import type { SystemConsole } from './system-console.ts'
import type { Nic } from './types.ts'
import { readUserData, type UserDataPlan } from './user-data.ts'

/** cloud-init's own wait for a MAAS that its configuration names and that does not answer, at each boot. */
const MAAS_HANG_MS = 600_000
/** DataSourceCloudStack's wait for a metadata service that is not there. */
const CLOUDSTACK_WAIT_MS = 50_000
/** From the first stage to the first command of the final one. */
const STAGES_MS = 15_000

const CACHE = '/var/lib/cloud/instance/obj.pkl'
const USER_DATA = '/var/lib/cloud/instance/user-data.txt'
const OUTPUT = '/var/log/cloud-init-output.log'
const SEED = '/var/lib/cloud/seed/nocloud'
/** The default user of every Ubuntu image. */
const USER = 'ubuntu'
const KEYS = `/home/${USER}/.ssh/authorized_keys`
const SSHD = '/etc/ssh/sshd_config.d/50-cloud-init.conf'

const seed = z.object({
  'instance-id': z.string(),
  'local-hostname': z.string().nullable().default(null),
  'public-keys': z.array(z.string()).default([]),
})

/** The system that cloud-init runs in. */
export interface CloudInitHost {
  readonly machine: string
  readonly network: SystemNetwork
  readonly console: SystemConsole
  readonly around: Surroundings
  readonly signal: AbortSignal
  /** The system's files; `save` brings a change to the disk. */
  files: Record<string, string>
  save(): void
  sleep(ms: number): Promise<void>
  hang(reason: string | null): void
  setHostname(hostname: string): void
}

interface Instance {
  datasource: 'MAAS' | 'CloudStack' | 'NoCloud' | 'None'
  instanceId: string
  idHash: string | null
  userData: string | null
  sshKeys: string[]
  hostname: string | null
  /** For the default user, of this boot alone: it is nowhere kept. */
  password: string | null
}

/**
 * One boot's cloud-init, all stages: find the datasource (or trust the cached one), run the user-data if this instance
 * has not run it yet, tell MAAS. Its memory are files under /var/lib/cloud, as in the real one, so a script that
 * removes them makes the next boot a first boot. Resolves with the power_state that the user-data asked for.
 */
export async function runCloudInit(host: CloudInitHost): Promise<PowerRequest> {
  if (host.files['/etc/cloud/cloud-init.disabled'] !== undefined) return null
  const { console } = host
  const config = readCloudConfig(host.files)
  const cached = trustedCache(host.files, config)
  console.cloudInit('init')
  console.netInfo(host.network.live())
  const asksMaas = cached
    ? cached.datasource === 'MAAS'
    : config.datasourceList.includes('MAAS') && config.maas !== null
  if ((asksMaas || config.reportsToMaas) && !maasReachable(host)) {
    host.hang(
      asksMaas
        ? 'cloud-init waits for the MAAS metadata service'
        : 'cloud-init reports to a MAAS that does not answer',
    )
    await host.sleep(MAAS_HANG_MS)
    host.hang(null)
  }

  const instance = cached ?? (await findInstance(host, config))
  let power: PowerRequest = null
  if (instance) {
    remember(host, instance)
    console.cloudInit('modules:config')
    await host.sleep(STAGES_MS)
    console.cloudInit('modules:final')
    setPassword(host, instance, config.setsPasswords)
    const ran = await runOnce(host, instance)
    // A script that pulls the power itself ends cloud-init before its last words.
    if (ran.byScript) return ran.power
    power = ran.power
    host.files['/var/lib/cloud/data/result.json'] = JSON.stringify({
      v1: { datasource: `DataSource${instance.datasource}`, errors: [] },
    })
    console.log.program(
      'cloud-init[812]',
      `Cloud-init v. 23.4.4 finished. Datasource DataSource${instance.datasource}`,
    )
    host.files['/var/lib/cloud/instance/boot-finished'] = new Date(host.around.clock.now()).toISOString()
    host.save()
  }
  if ((config.reportsToMaas || instance?.datasource === 'MAAS') && config.node && maasReachable(host)) {
    host.around.bootServer.finished(config.node.systemId, config.node.token)
  }
  return power
}

/**
 * cloud-init's local stage, before any network: a boot without a known data source renders the network of the
 * system's configuration, and lacking that makes up its own, DHCP on the first NIC (Distro.generate_fallback_config).
 * So a bond of the installer vanishes unless something says `network: {config: disabled}`. A system that still asks
 * MAAS is left alone: curtin has its own file there, which says the same as the netplan.
 */
export function renderNetwork(files: Record<string, string>, nics: readonly Nic[]): void {
  if (files['/etc/cloud/cloud-init.disabled'] !== undefined) return
  const config = readCloudConfig(files)
  const asksMaas = config.maas !== null && config.datasourceList.includes('MAAS')
  if (trustedCache(files, config) || config.network === 'disabled' || asksMaas) return
  const [first] = nics
  const fallback = first && {
    version: 2,
    ethernets: { [first.name]: { match: { macaddress: first.mac }, 'set-name': first.name, dhcp4: true } },
  }
  // netplan reads JSON too: it is YAML.
  files['/etc/netplan/50-cloud-init.yaml'] = JSON.stringify({ network: config.network ?? fallback ?? {} })
}

/** The instance in the cache, where cloud-init does not look for another (Init._restore_from_checked_cache). */
function trustedCache(files: Record<string, string>, config: CloudConfig): Instance | null {
  const text = files[CACHE]
  if (text === undefined) return null
  const cached: Omit<Instance, 'userData' | 'password'> = JSON.parse(text)
  const known =
    config.manualCacheClean ||
    // DataSourceNoCloud.check_instance_id: the seed still says the same
    (cached.datasource === 'NoCloud' && cached.instanceId === readSeed(files)?.instanceId) ||
    (cached.datasource === 'MAAS' && cached.idHash === config.maas?.idHash)
  return known ? { ...cached, userData: files[USER_DATA] ?? null, password: null } : null
}

async function findInstance(host: CloudInitHost, config: CloudConfig): Promise<Instance | null> {
  for (const datasource of config.datasourceList) {
    const found = await ask(host, config, datasource)
    if (found) return found
  }
  return null
}

async function ask(host: CloudInitHost, config: CloudConfig, datasource: string): Promise<Instance | null> {
  const nothing = { idHash: null, userData: null, sshKeys: [], hostname: null, password: null }
  if (datasource === 'None') return { ...nothing, datasource, instanceId: 'iid-datasource-none' }
  if (datasource === 'MAAS') {
    if (!config.maas || !config.node || !maasReachable(host)) return null
    const answer = host.around.bootServer.fetchUserData(config.node.systemId, config.node.token)
    if (!answer) return null
    return {
      ...nothing,
      datasource,
      instanceId: config.node.systemId,
      idHash: config.maas.idHash,
      userData: answer.userData,
    }
  }
  if (datasource === 'NoCloud') return readSeed(host.files)
  if (datasource !== 'CloudStack') return null
  const face = host.network.defaultInterface()
  const from = face?.lease?.ip
  const server = face?.vlan == null ? undefined : host.around.dhcpServers.get(face.vlan)
  const found =
    from === undefined ? null : askVirtualRouter((request) => server?.answer?.(from, request) ?? null)
  if (found === null) {
    await host.sleep(CLOUDSTACK_WAIT_MS)
    return null
  }
  return { ...nothing, ...found, datasource }
}

/** DataSourceNoCloud: both files must be there, and the metadata must be YAML with an instance-id. */
function readSeed(files: Record<string, string>): Instance | null {
  const [metaData, userData] = ['meta-data', 'user-data'].map((name) => files[`${SEED}/${name}`])
  if (metaData === undefined || userData === undefined) return null
  const parsed = seed.safeParse(parse(metaData))
  if (!parsed.success) return null
  const { 'instance-id': instanceId, 'local-hostname': hostname, 'public-keys': sshKeys } = parsed.data
  return { datasource: 'NoCloud', idHash: null, instanceId, hostname, sshKeys, userData, password: null }
}

/** MAAS answers a system that has a lease in the PXE VLAN. */
function maasReachable({ network, around }: CloudInitHost): boolean {
  return network
    .live()
    .some((one) => one.lease !== null && !one.tagged && one.vlan === around.bootServer.vlan)
}

function remember(host: CloudInitHost, instance: Instance): void {
  const { userData, password: _, ...rest } = instance
  host.files[CACHE] = JSON.stringify(rest)
  host.files['/var/lib/cloud/data/instance-id'] = `${instance.instanceId}\n`
  if (userData !== null) host.files[USER_DATA] = userData
  host.save()
}

/** The module set_passwords: once for an instance, unless the system's list of modules says at each boot. */
function setPassword(
  host: CloudInitHost,
  { password, instanceId }: Instance,
  often: CloudConfig['setsPasswords'],
): void {
  const semaphore = `/var/lib/cloud/instances/${instanceId}/sem/config_set_passwords`
  const due = often === 'always' || host.files[semaphore] === undefined
  host.files[semaphore] = ''
  if (due && password !== null) {
    host.files[SHADOW] = withPassword(host.files[SHADOW] ?? '', USER, password)
    host.files[SSHD] = 'PasswordAuthentication yes\n'
  }
  host.save()
}

/**
 * The user-data's once-per-instance part, if it has not begun yet. The semaphore is on the disk before the first
 * command: a system whose power goes in between stays half done for good.
 */
async function runOnce(
  host: CloudInitHost,
  instance: Instance,
): Promise<{ power: PowerRequest; byScript: boolean }> {
  const semaphore = `/var/lib/cloud/instances/${instance.instanceId}/sem/config_scripts_user`
  const first = host.files[semaphore] === undefined
  const plan = planOf(host, instance)
  let power = plan?.bootScript ? await runScript(host, plan.bootScript) : null
  if (!first) return { power, byScript: power !== null }

  host.files[semaphore] = ''
  const keys = [...instance.sshKeys, ...(plan?.sshKeys ?? [])]
  if (keys.length > 0) host.files[KEYS] = `${keys.join('\n')}\n`
  for (const { path, content, append } of plan?.writeFiles ?? []) {
    host.files[path] = append ? (host.files[path] ?? '') + content : content
  }
  const hostname = plan?.hostname ?? instance.hostname
  if (hostname) host.setHostname(hostname)
  host.save()
  const { machine, around } = host
  around.diary.note({
    machine,
    kind: 'boot',
    detail: `cloud-init runs the user-data of ${instance.datasource} (${instance.instanceId})`,
  })
  for (const script of plan?.scripts ?? []) power = (await runScript(host, script)) ?? power
  return { power: power ?? plan?.power ?? null, byScript: power !== null }
}

function planOf(host: CloudInitHost, instance: Instance): UserDataPlan | null {
  try {
    return instance.userData === null ? null : readUserData(instance.userData)
  } catch (error) {
    log(host, `user-data is not valid: ${String(error)}\n`)
    return null
  }
}

async function runScript(host: CloudInitHost, script: string): Promise<PowerRequest> {
  const ran = await host.around.clock.hold(runInSystem(host.files, script, host.signal), { still: true })
  host.files = ran.files
  log(host, ran.output)
  if (ran.refused) {
    host.around.diary.note({
      machine: host.machine,
      kind: 'boot',
      detail: `the lab refused a script of the user-data: ${ran.refused}`,
    })
  }
  host.save()
  return ran.power
}

function log(host: CloudInitHost, text: string): void {
  if (text === '') return
  host.files[OUTPUT] = (host.files[OUTPUT] ?? '') + text
  // cloud-init's `output: {all: '| tee -a …'}`, the default of every distribution.
  host.console.log.program('cloud-init[812]', text)
}
