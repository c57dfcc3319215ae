import type { CloudstackDials } from './dials.ts'
import type { ExtensionPrograms } from './orchestrator/programs.ts'
import type { VirtualRouters } from './routers.ts'
import type { CloudState, Job } from './state.ts'

/** The management server as its commands and its orchestrator see it. */
export interface Cloud {
  readonly state: CloudState
  readonly routers: VirtualRouters
  readonly programs: ExtensionPrograms
  readonly dials: CloudstackDials
  newId(): string
  /** Was this id ever given, to something that may be gone by now? */
  isId(text: string): boolean
  /** A number from 0 to `below` - 1. */
  pick(below: number): number
  /** CloudStack's way to write a time: 2026-01-30T10:55:11+0000. */
  now(): string
  /** Resolves after virtual time; rejects when the server ends. */
  sleep(ms: number): Promise<void>
  /** To be called after each change of the state. */
  touch(): void
  /** Work on one VM, one after the other, as CloudStack's queue of jobs has it. */
  inTurn<T>(vmId: string, work: () => Promise<T>): Promise<T>
  isBusy(vmId: string): boolean
  startJob(command: string, about: { id?: string; type?: string }, work: () => Promise<unknown>): Job
  /** Throws what ends every piece of work of a server that was killed meanwhile. */
  alive(): void
  /** An action event, and its webhooks. */
  event(
    type: string,
    state: 'Scheduled' | 'Started' | 'Completed',
    about: { resourceType: string; id?: string | null; description: string; failed?: boolean },
  ): void
}

/** The server was killed: whatever it was doing is not finished, and nobody hears of it. */
export class ServerGone extends Error {
  constructor() {
    super('the management server was killed')
    this.name = 'ServerGone'
  }
}
