import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type pg from 'pg'
import type { Consoles } from '../console/rooms.ts'
import type { Caller, Services } from '../services/context.ts'
import type { Mode } from '../services/recovery-mode.ts'
import type { Log } from '../telemetry/log.ts'
import type { LabRoom } from './lab.ts'
import type { LiveFeed } from './live.ts'
import type { ProviderRoom } from './provider.ts'
import type { OpenStreams } from './sse.ts'
import type { TakeWebhook } from './webhook.ts'

/** A fastify whose handlers are typed by the zod schemas of their routes. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

export interface ApiOptions {
  services: Services
  consoles: Consoles
  /** For LISTEN alone: everything else goes through the services. */
  database: pg.Pool
  log: Log
  version: string
  /** SHA-256 in hex, as tokens are stored. */
  hashToken(token: string): string
  /** While it refuses, every call but health, the OpenAPI document and the recovery's own is refused with its reason. */
  mode: Mode
  /** The configuration as it may be shown. */
  settings(): Record<string, unknown>
  /** The provider's settings in its file. */
  provider: ProviderRoom
  /** What this process has counted, in Prometheus' text format. */
  meters: { text(): Promise<string> }
  /** Absent: it runs on real racks. */
  lab?: LabRoom
  /** Absent: no webhooks of CloudStack's are taken. */
  takeWebhook?: TakeWebhook
}

export interface ApiContext extends ApiOptions {
  live: LiveFeed
  streams: OpenStreams
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the authentication of every secured route. */
    caller: Caller
  }
}
