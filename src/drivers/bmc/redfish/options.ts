import type { BmcEndpoint, SerialConsole } from '../types.ts'
import type { ConsolePlace } from './console-place.ts'

/** Time as an argument, so that a test can own it. */
export interface Clock {
  now(): number
  /** Runs `task` after `ms` milliseconds; the answer cancels it. */
  after(ms: number, task: () => void): () => void
}

/**
 * Remembers the sessions that are open on BMCs, so that those of a process that died can be deleted: a BMC has few of
 * them (iDRAC: 8) and keeps each for up to half an hour.
 */
export interface SessionStore {
  opened(address: string, uri: string): Promise<void>
  closed(address: string, uri: string): Promise<void>
  /** Sessions on this BMC that nobody uses any more. */
  leaked(address: string): Promise<string[]>
}

/** Redfish says where a machine's serial port is to be had; other protocols carry it. */
export type OpenConsoleAt = (
  endpoint: BmcEndpoint,
  place: ConsolePlace,
  options: { takeOver: boolean },
) => Promise<SerialConsole>

export interface RedfishDriverOptions {
  /** Until the TLS connection stands. Milliseconds, default 5000. */
  connectMs?: number
  /** From the request to the end of its answer. Milliseconds, default 20000. */
  requestMs?: number
  /** How long an idle session is kept. Milliseconds, default 150000: longer than from one look at the power to the next. */
  sessionLingerMs?: number
  /** Keep the connection between requests. Default false: many BMCs choke on long-lived sockets. */
  keepAlive?: boolean
  /** How long a BMC's second lasts, for all waits between tries. Milliseconds, default 1000; less in a lab. */
  secondMs?: number
  /** After so many of a BMC's seconds, "powering on" and "powering off" count as unknown. Default 30. */
  transitionSeconds?: number
  /** How many of a BMC's seconds a task may take before what it was to change is looked at. Default 60. */
  taskSeconds?: number
  /**
   * How long a refused login is not sent again, so that a poller does not lock the account; doubles each time.
   * Milliseconds, default 30000.
   */
  refusedLoginMs?: number
  /** Bytes of one answer. Default 4 MiB. */
  maxAnswerBytes?: number
  sessions?: SessionStore
  /** Without it there is no console. */
  openConsole?: OpenConsoleAt
  clock?: Clock
}

export type RedfishSettings = Required<Omit<RedfishDriverOptions, 'openConsole'>>

const realClock: Clock = {
  now: Date.now,
  after(ms, task) {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
}

/** For whoever has nowhere to remember: sessions of a crash then live until the BMC ends them. */
const forgetful: SessionStore = {
  opened: async () => undefined,
  closed: async () => undefined,
  leaked: async () => [],
}

/**
 * The two time-outs together stay below the configuration's `deadlines.deviceTimeout` (30 s), which is how long a
 * survivor waits for the last call of a replica that died.
 */
export function withDefaults(options: RedfishDriverOptions): RedfishSettings {
  return {
    connectMs: options.connectMs ?? 5_000,
    requestMs: options.requestMs ?? 20_000,
    sessionLingerMs: options.sessionLingerMs ?? 150_000,
    keepAlive: options.keepAlive ?? false,
    secondMs: options.secondMs ?? 1_000,
    transitionSeconds: options.transitionSeconds ?? 30,
    taskSeconds: options.taskSeconds ?? 60,
    refusedLoginMs: options.refusedLoginMs ?? 30_000,
    maxAnswerBytes: options.maxAnswerBytes ?? 4 * 1024 * 1024,
    sessions: options.sessions ?? forgetful,
    clock: options.clock ?? realClock,
  }
}

/** Waits so many of a BMC's seconds. */
export function wait(settings: RedfishSettings, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    settings.clock.after(seconds * settings.secondMs, resolve)
  })
}
