import { SEL_CAPACITY } from '../../bmc/sel.ts'
import { type SelText, selText } from '../../bmc/sel-text.ts'
import { EVENT_SENSOR } from '../../bmc/sensor-table.ts'
import {
  collection,
  type Exchange,
  type Json,
  link,
  type Outcome,
  ROOT,
  type Route,
  resource,
  type Service,
} from '../resource.ts'

/** The one event log, which hangs in two places: boards put it at the system or at the manager, and clients look at both. */
export const LOG_ROUTES: readonly Route[] = ['/Systems/1', '/Managers/1'].flatMap(logRoutes)

function logRoutes(owner: string): Route[] {
  const services = `${owner}/LogServices`
  const log = `${services}/SEL`
  return [
    { pattern: services, get: () => collection(services, 'LogService', 'Log Service Collection', ['SEL']) },
    {
      pattern: log,
      get({ service }) {
        return resource(log, 'LogService.v1_7_0', 'SEL', 'System Event Log', {
          LogEntryType: 'SEL',
          MaxNumberOfRecords: SEL_CAPACITY,
          OverWritePolicy: 'NeverOverWrites',
          DateTime: isoTime(service.controller.clock.seconds()),
          DateTimeLocalOffset: '+00:00',
          ServiceEnabled: true,
          Status: { State: 'Enabled', Health: 'OK' },
          Entries: link(`${log}/Entries`),
          Actions: { '#LogService.ClearLog': { target: `${ROOT}${log}/Actions/LogService.ClearLog` } },
        })
      },
    },
    {
      pattern: `${log}/Actions/LogService.ClearLog`,
      get: () => null,
      post: { privilege: 'ConfigureManager', run: clear },
    },
    {
      pattern: `${log}/Entries`,
      get({ service }) {
        const entries = texts(service)
        return {
          ...collection(`${log}/Entries`, 'LogEntry', 'Log Entry Collection', []),
          'Members@odata.count': entries.length,
          Members: entries.map((entry) => entryResource(log, entry)),
        }
      },
    },
    {
      pattern: `${log}/Entries/:entry`,
      get(x) {
        const entry = texts(x.service).find(({ id }) => String(id) === x.param('entry'))
        return entry === undefined ? null : entryResource(log, entry)
      },
    },
  ]
}

function clear({ service }: Exchange): Outcome {
  const { controller } = service
  controller.log.clear()
  controller.sensors.note(EVENT_SENSOR.eventLog, 2)
  return { status: 204 }
}

function texts({ controller }: Service): SelText[] {
  controller.sensors.scan()
  return controller.log.records().flatMap((record) => selText(record, controller.sensors.table) ?? [])
}

function entryResource(log: string, entry: SelText): Json {
  return resource(
    `${log}/Entries/${entry.id}`,
    'LogEntry.v1_16_0',
    String(entry.id),
    `Log Entry ${entry.id}`,
    {
      EntryType: 'SEL',
      Severity: entry.severity,
      Created: isoTime(entry.at),
      SensorType: entry.sensorType,
      MessageId: entry.code,
      Message: entry.message,
      MessageArgs: [],
    },
  )
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
