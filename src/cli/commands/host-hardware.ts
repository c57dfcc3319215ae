import type { Command } from 'commander'
import { run } from '../action.ts'
import { type Schemas, take } from '../client.ts'
import { usage } from '../failure.ts'
import { formatBytes } from '../memory.ts'
import { wholeNumber } from '../numbers.ts'
import { orDash, printFields, printList, when } from '../output.ts'

/** What a host's BMC knows of its machine. */
export function hostHardwareCommands(host: Command): void {
  host
    .command('inventory')
    .argument('<host>')
    .description('what its BMC says that it is, beside what was commissioned')
    .action(
      run(async (session, _options, key = '') => {
        const inventory = await take(
          session.client.GET('/api/v1/hosts/{key}/inventory', { params: { path: { key } } }),
        )
        printFields(session, inventory, inventoryFields)
        return undefined
      }),
    )
  host
    .command('sensors')
    .argument('<host>')
    .description('what its BMC measures and watches now')
    .action(
      run(async (session, _options, key = '') => {
        const { items } = await take(
          session.client.GET('/api/v1/hosts/{key}/sensors', { params: { path: { key } } }),
        )
        printList(session, items, {
          sensor: (one) => one.name,
          kind: (one) => one.kind,
          reading: (one) => (one.value === null ? '-' : `${rounded(one.value)} ${one.unit}`.trim()),
          health: (one) => (one.health === 'unknown' ? '-' : one.health),
          states: (one) => orDash(one.states.join(', ')),
        })
        return undefined
      }),
    )
  host
    .command('event-log')
    .argument('<host>')
    .description("the newest entries of its BMC's own log of the hardware, oldest first")
    .option('--limit <count>', 'so many at most', '100')
    .action(
      run<{ limit: string }>(async (session, options, key = '') => {
        const { items } = await take(
          session.client.GET('/api/v1/hosts/{key}/event-log', {
            params: { path: { key }, query: { limit: wholeNumber(options.limit, '--limit') } },
          }),
        )
        printList(session, items, {
          at: (one) => when(one.at),
          severity: (one) => one.severity,
          source: (one) => one.source,
          message: (one) => one.message,
          id: (one) => orDash(one.id),
        })
        return undefined
      }),
    )
  host
    .command('identify')
    .argument('<host>')
    .argument('[how]', 'seconds, at most 255; "forever"; or "off"', '60')
    .description('switch the light that a person in the room looks for')
    .action(
      run(async (session, _options, key = '', how = '') => {
        const seconds = secondsOf(how)
        await take(
          session.client.POST('/api/v1/hosts/{key}/identify', {
            params: { path: { key } },
            body: { seconds },
          }),
        )
        if (session.json) session.out('{}\n')
        else session.out(`identify light of ${key}: ${said(seconds)}\n`)
        return undefined
      }),
    )
}

function secondsOf(how: string): number | 'forever' {
  if (how === 'forever') return how
  const seconds = how === 'off' ? 0 : Number(how)
  if (how.trim() === '' || !Number.isInteger(seconds) || seconds < 0 || seconds > 255)
    throw usage(`${how} is neither a time nor "forever" nor "off"`, 'Write seconds from 0 to 255.')
  return seconds
}

function said(seconds: number | 'forever'): string {
  if (seconds === 'forever') return `on, until "off"`
  return seconds === 0 ? 'off' : `on for ${seconds} s`
}

/** Some BMCs tell fifteen digits. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}

function inventoryFields({ bmc, maas, differences }: Schemas['HostInventory']): Record<string, string> {
  return {
    manufacturer: bmc.manufacturer ?? '',
    model: bmc.model ?? '',
    serial: bmc.serial ?? '',
    'serial in MAAS': maas?.serial ?? '',
    UUID: bmc.uuid ?? '',
    'UUID in MAAS': maas?.uuid ?? '',
    'BMC firmware': bmc.firmware ?? '',
    'BMC UUID': bmc.bmcUuid ?? '',
    disks: bmc.disks
      .map(({ name, serial, model, sizeBytes }) =>
        [name, sizeBytes === null ? '-' : formatBytes(sizeBytes), orDash(serial), model ?? '']
          .join('  ')
          .trim(),
      )
      .join('\n'),
    differences: differences.join('\n'),
    notes: (bmc.notes ?? []).join('\n'),
  }
}
