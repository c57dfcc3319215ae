import type { Command } from 'commander'
import { run } from '../action.ts'
import { type Schemas, take, takeAll } from '../client.ts'
import { orDash, printJson, printList, table } from '../output.ts'
import type { Session } from '../session.ts'

type Drift = Schemas['Drift']
type Port = NonNullable<Drift['ports'][number]['running']>

/** How many hosts are asked at once: each asks its BMC, MAAS and its switches. */
const AT_ONCE = 4

export function driftCommands(program: Command): void {
  program
    .command('drift')
    .argument('[host]')
    .description('what differs from what is wanted: ports, saved configuration, boot device, power, MAAS')
    .action(
      run(async (session, _options, key) => {
        if (key === undefined) return listAll(session)
        const drift = await driftOf(session, key)
        if (session.json) printJson(session, drift)
        else print(session, drift)
        return undefined
      }),
    )
}

function driftOf(session: Session, key: string): Promise<Drift> {
  return take(session.client.GET('/api/v1/hosts/{key}/drift', { params: { path: { key } } }))
}

/** Only hosts of which there is something to say. */
async function listAll(session: Session): Promise<undefined> {
  const hosts = await takeAll((after) =>
    session.client.GET('/api/v1/hosts', { params: { query: after === undefined ? {} : { after } } }),
  )
  const queue = hosts.map((host) => host.name).reverse()
  const found: Drift[] = []
  const worker = async () => {
    for (let name = queue.pop(); name !== undefined; name = queue.pop())
      found.push(await driftOf(session, name))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const telling = found
    .filter((one) => one.differences.length > 0 || one.unread.length > 0 || one.unknown !== null)
    .sort((a, b) => a.host.localeCompare(b.host))
  printList(session, telling, {
    host: (one) => one.host,
    instance: (one) => orDash(one.instance),
    differences: (one) => String(one.differences.length),
    first: (one) => firstOf(one),
  })
  return undefined
}

function firstOf({ differences: [first], unread: [silent], unknown }: Drift): string {
  if (first) return `${first.thing}: ${first.seen} instead of ${first.wanted}`
  return silent ? `${silent.thing}: ${silent.message}` : orDash(unknown)
}

function print(session: Session, drift: Drift): void {
  const say = (text: string): void => session.out(`${text}\n`)
  say(`${drift.host}: ${drift.unknown ?? drift.because ?? ''}`)
  const boot = drift.bootDevice.seen
  const rows = [
    ...drift.ports.map((port) => [
      `${port.switch} ${port.port}${port.nic === null ? '' : ` (${port.nic})`}`,
      cell(port.wanted),
      cell(port.running),
      cell(port.saved),
    ]),
    ['boot device', orDash(drift.bootDevice.wanted), boot?.valid ? boot.device : '-', ''],
    ['power', orDash(drift.power.wanted), drift.power.seen, ''],
    ['MAAS', orDash(drift.maas.wanted), orDash(drift.maas.seen), ''],
  ]
  session.out(table(['', 'WANTED', 'NOW', 'SAVED'], rows))
  for (const { thing, message } of drift.unread) say(`not read: ${thing}: ${message}`)
  for (const { thing, wanted, seen, remedy } of drift.differences)
    say(`differs: ${thing}: ${seen} instead of ${wanted}\n  do: ${remedyOf(drift.host, remedy)}`)
  if (drift.differences.length === 0 && drift.unread.length === 0 && drift.unknown === null)
    say('nothing differs')
}

function cell(port: Port | null): string {
  if (port === null) return '-'
  const tagged = port.tagged.length > 0 ? ` + ${port.tagged.join(',')}` : ''
  return `${port.untagged ?? 'none'}${tagged}${port.enabled ? '' : ' (shut down)'}`
}

function remedyOf(host: string, remedy: Drift['differences'][number]['remedy']): string {
  if (remedy === 'person') return 'look at the machine in MAAS: somebody else changed it'
  return `ferrule host ${remedy === 'heal' ? 'heal' : 'heal --power'} ${host}`
}
