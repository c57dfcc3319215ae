import { z } from 'zod'
import type { BmcLogEntry } from '../types.ts'
import type { RedfishClient } from './client.ts'
import { readMembers, readWhole } from './collection.ts'
import { unsupported } from './errors.ts'
import { optional, optionalMembers } from './optional.ts'
import type { RedfishSystem, SystemReading } from './system.ts'
import { link, text } from './wire.ts'

const what = 'show its event log'

/** A log is read from its beginning, which is the oldest entry with some BMCs: so many at most. */
const mostEntries = 5000

const managerSchema = z.object({ LogServices: link })
const serviceSchema = z.object({ Id: text, LogEntryType: text, Entries: link })
const entrySchema = z.object({
  Id: text,
  Created: text,
  EventTimestamp: text,
  Severity: text,
  MessageSeverity: text,
  SensorType: text,
  Name: text,
  EntryType: text,
  Message: text,
  MessageId: text,
})

type Entry = z.output<typeof entrySchema>

/** The newest entries of the log that is like IPMI's SEL, oldest first. */
export async function readEventLog(system: RedfishSystem, limit: number): Promise<BmcLogEntry[]> {
  const { client } = system
  const entries = await entriesPath(client, await system.read(what))
  if (entries === undefined) {
    throw unsupported(client.address, 'event log', 'Read the log at the BMC itself.')
  }
  const members = await readMembers(client, client.path(entries, what), what, mostEntries)
  const inline = members.every((one) => 'Message' in one.inline || 'Created' in one.inline)
  // Without the entries themselves there are only their numbers to tell which are new.
  const wanted = inline ? members : newestByPath(members, limit)
  const whole = (await readWhole(client, wanted, what)).flatMap(
    (one) => entrySchema.safeParse(one).data ?? [],
  )
  return whole
    .map((entry, index) => ({ entry, index, at: timeOf(entry) }))
    .sort((a, b) => order(a.at, b.at) || order(numberOf(a.entry), numberOf(b.entry)) || a.index - b.index)
    .slice(-limit)
    .map(({ entry, at }) => toEntry(entry, at))
}

/** Of the system, else of its BMC. */
async function entriesPath(
  client: RedfishClient,
  { system, traits }: SystemReading,
): Promise<string | undefined> {
  const manager = await optional(client, system.Links.ManagedBy[0], managerSchema, what)
  for (const collection of [system.LogServices, manager?.LogServices]) {
    const services = (await optionalMembers(client, collection, what)).flatMap(
      (one) => serviceSchema.safeParse(one).data ?? [],
    )
    const named = traits.eventLogs.map((id) => services.find((one) => one.Id === id))
    const chosen =
      named.find((one) => one) ?? services.find((one) => one.LogEntryType === 'SEL') ?? services[0]
    if (chosen?.Entries !== undefined) return chosen.Entries
  }
  return undefined
}

function newestByPath<M extends { path: string }>(members: readonly M[], limit: number): M[] {
  const number = (one: M) => Number(/(\d+)\/?$/.exec(one.path)?.[1] ?? 0)
  return [...members].sort((a, b) => number(a) - number(b)).slice(-limit)
}

/** A BMC whose clock was not set writes the time since its start, or a year before there were any. */
function timeOf(entry: Entry): number | null {
  const at = Date.parse(entry.EventTimestamp ?? entry.Created ?? '')
  return Number.isNaN(at) || at < Date.UTC(2000, 0, 1) ? null : at
}

function numberOf(entry: Entry): number | null {
  const number = Number(entry.Id ?? Number.NaN)
  return Number.isFinite(number) ? number : null
}

/** 0 where one of the two is not known. */
function order(a: number | null, b: number | null): number {
  return a === null || b === null ? 0 : a - b
}

function toEntry(entry: Entry, at: number | null): BmcLogEntry {
  return {
    id: entry.Id ?? '',
    at: at === null ? null : new Date(at).toISOString(),
    severity: severities[entry.MessageSeverity ?? entry.Severity ?? ''] ?? 'info',
    source: entry.SensorType ?? entry.Name ?? entry.EntryType ?? 'BMC',
    message: entry.Message ?? entry.MessageId ?? '',
  }
}

const severities: Readonly<Record<string, BmcLogEntry['severity']>> = {
  OK: 'info',
  Warning: 'warning',
  Critical: 'critical',
}
