import { chmod, readFile, rm } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import { createApi } from './api/server.ts'
import { createDoor } from './cloudstack/door-server.ts'
import { createRemoteDoor, type RemoteDoor } from './cloudstack/remote-door.ts'
import { isFromCloudstack } from './cloudstack/webhook.ts'
import type { Config } from './config/config.ts'
import { readSecret } from './config/secrets-ref.ts'
import { settingsView } from './config/view.ts'
import { createConsoles } from './console/rooms.ts'
import type { CoreOptions } from './core.ts'
import { startCore } from './core.ts'
import { openLabRoom } from './lab-room.ts'
import { type Changed, type FailedChange, openProviderRoom } from './provider-room.ts'
import { hashToken } from './secrets/tokens.ts'
import type { Services } from './services/context.ts'
import { tokenOwner } from './services/tokens.ts'
import { insertEvent } from './store/events.ts'
import { version } from './version.ts'

export interface Daemon {
  /** http://host:port */
  url: string
  /** Path of the unix socket for the CloudStack extension. */
  socket: string
  /** https://host:port for the extension on other machines; null: not configured. */
  remote: string | null
  services: Services
  stop(): Promise<void>
}

export interface DaemonOptions extends CoreOptions {
  /** Starts this replica anew with what is in its file then. Absent: it takes effect at the next start. */
  restart?: (changed: Changed) => void
  /** The last change of the file that it could not be started with. */
  failedChange?: FailedChange | null
}

/** A replica with its doors: the REST API over TCP, and CloudStack's extension over a unix socket and over HTTPS. */
export async function startDaemon(config: Config, options: DaemonOptions): Promise<Daemon> {
  const core = await startCore(config, options)
  const { services, mode } = core
  const consoles = createConsoles(services, { url: config.listen.url ?? null, log: options.log })
  const api = await createApi({
    services,
    consoles,
    database: core.pool,
    log: options.log,
    version,
    hashToken,
    mode,
    settings: () => settingsView(config),
    meters: core.meters,
    provider: openProviderRoom({
      config,
      env: options.env,
      failure: options.failedChange ?? null,
      restart: options.restart ?? (() => undefined),
      note: (message, diff) => insertEvent(services.tools.db, { kind: 'settings', message, data: { diff } }),
    }),
    ...(config.lab === undefined ? {} : { lab: openLabRoom(config.lab.control) }),
    ...webhookOf(config, options.env, core.cloudHint),
  })
  // without a name of its own it is reached where it listens, which is right for one machine
  let publicUrl = config.listen.url ?? null
  const door = await createDoor({
    services,
    log: options.log,
    mode,
    socket: config.socket,
    publicUrl: () => publicUrl,
    hint: core.cloudHint,
  })
  let remote: RemoteDoor | null = null
  const stop = async () => {
    await Promise.all([api.close(), door.close(), remote?.close()])
    await core.stop()
  }
  try {
    const url = await api.listen({ host: config.listen.host, port: config.listen.port })
    publicUrl ??= url
    await listenOnSocket(door, config.socket)
    remote = await openRemoteDoor(door, config, services, options)
    return { url, socket: config.socket, remote: remote?.url ?? null, services, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Only with a secret of its own: without one everybody could make us look. */
function webhookOf({ cloudstack: { api } }: Config, env: NodeJS.ProcessEnv, hint: () => void) {
  if (api?.webhookSecret === undefined) return {}
  const secret = readSecret(api.webhookSecret, env)
  return {
    takeWebhook: (body: string, signature: string | undefined) => {
      const known = isFromCloudstack(body, signature, secret)
      if (known) hint()
      return known
    },
  }
}

async function listenOnSocket(server: FastifyInstance, path: string): Promise<void> {
  await rm(path, { force: true })
  await server.listen({ path })
  // CloudStack's management server runs as user cloud: it reaches the socket through its group
  await chmod(path, 0o660)
}

async function openRemoteDoor(
  door: FastifyInstance,
  { cloudstack: { listen } }: Config,
  services: Services,
  { env, log }: CoreOptions,
): Promise<RemoteDoor | null> {
  if (listen === undefined) return null
  const tls = { cert: await readFile(listen.certificate, 'utf8'), key: readSecret(listen.key, env) }
  const mayEnter = async (token: string) => {
    const owner = await tokenOwner(services, hashToken(token))
    return owner?.role === 'cloudstack' || owner?.role === 'admin'
  }
  return createRemoteDoor(door, { ...tls, host: listen.host, port: listen.port }, mayEnter, log)
}
