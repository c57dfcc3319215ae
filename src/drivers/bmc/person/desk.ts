import { FerruleError } from '../../../domain/errors.ts'
import type { PersonTopic } from '../../../domain/person.ts'
import type { BmcHost } from '../types.ts'

/** Where questions to a person are left, and where their answers are found. */
export interface PersonDesk {
  /**
   * The newest word about it, and the question that stands. A word that is older than the last question is none: what
   * was asked for may have changed it.
   */
  look(hostId: string, topic: PersonTopic): Promise<{ word: PersonWord | null; question: string | null }>
  /** Leaves a question; the same one again stays as old as it is. */
  ask(hostId: string, topic: PersonTopic, question: string, operationId: string): Promise<void>
  /** The operation that has the host now: on its behalf a person may be asked. */
  holder(hostId: string): Promise<string | null>
}

export interface PersonWord {
  says: string
  ageMs: number
}

export interface PersonSettings {
  desk: PersonDesk
  /** How long one call waits for a person; then it fails, and whoever made it tries again. Milliseconds. */
  waitMs: number
  /** How long a person's word about the power holds. Milliseconds. */
  wordMs: number
  pollMs: number
  now(): number
  sleep(ms: number): Promise<void>
}

/** Waits until somebody has said something about it that is not older than `wordMs`; null: nobody did in time. */
export async function waitForWord(
  settings: PersonSettings,
  host: BmcHost,
  topic: PersonTopic,
  options: { wordMs: number; stopped: () => boolean },
): Promise<string | null> {
  const until = settings.now() + settings.waitMs
  for (;;) {
    if (options.stopped()) throw driverClosed(host)
    const { word } = await settings.desk.look(host.id, topic)
    if (word && word.ageMs <= options.wordMs) return word.says
    if (settings.now() >= until) return null
    await settings.sleep(settings.pollMs)
  }
}

/** A driver that goes by the host itself cannot do without one. */
export function hostOf(endpoint: { host?: BmcHost }): BmcHost {
  if (endpoint.host) return endpoint.host
  throw new FerruleError('internal', 'a BMC without a host was opened', 'Report this.')
}

export function driverClosed(host: BmcHost): FerruleError {
  return new FerruleError(
    'cancelled',
    `Nobody was asked about ${host.name}: Ferrule is shutting down.`,
    'Ask again when it runs; operations go on by themselves.',
    { host: host.name },
  )
}
