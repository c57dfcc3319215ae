import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { run } from '../action.ts'
import { type Schemas, take, takeAll } from '../client.ts'
import { exitCodes, usage } from '../failure.ts'
import { orDash, printFields, printJson, printList, when } from '../output.ts'
import type { Session } from '../session.ts'
import { rackImportCommands } from './rack-import.ts'

type Rack = Schemas['Rack']

export function rackCommands(program: Command): void {
  const rack = program.command('rack').description('which NIC hangs on which switch port')
  rack
    .command('apply')
    .argument('<file>', 'rack configuration, JSON or YAML; - for stdin')
    .description('apply a rack configuration: all of it or nothing')
    .option('--name <name>', 'name of the configuration', 'default')
    .action(
      run<{ name: string }>(async (session, { name }, file = '-') => {
        const body = readFile(file)
        const applied = await take(
          session.client.PUT('/api/v1/racks/{key}', {
            params: { path: { key: name } },
            // as it is, so that faults are told with the lines of the file
            body: body as never,
            bodySerializer: () => body,
            headers: { 'content-type': 'application/yaml' },
          }),
        )
        printFields(session, applied, fields)
        return undefined
      }),
    )
  rack
    .command('check')
    .argument('<file>', 'rack configuration, JSON or YAML; - for stdin')
    .description('what applying it would change, or every fault of it; nothing is applied')
    .option('--name <name>', 'name of the configuration', 'default')
    .action(
      run<{ name: string }>(async (session, { name }, file = '-') => {
        const body = readFile(file)
        const found = await take(
          session.client.POST('/api/v1/racks/{key}/check', {
            params: { path: { key: name } },
            body: body as never,
            bodySerializer: () => body,
            headers: { 'content-type': 'application/yaml' },
          }),
        )
        const place = (at: (typeof found.changes)[number]['before']) => (at ? `${at.switch} ${at.port}` : '-')
        printList(session, found.changes, {
          mac: (one) => one.mac,
          before: (one) => place(one.before),
          after: (one) => place(one.after),
        })
        session.err(`nothing is wrong with it; switches: ${found.switches}, cables: ${found.cables}\n`)
        return undefined
      }),
    )
  rack
    .command('list')
    .description('all rack configurations')
    .action(
      run(async (session) => {
        const racks = await takeAll((after) =>
          session.client.GET('/api/v1/racks', { params: { query: after === undefined ? {} : { after } } }),
        )
        printList(session, racks, {
          name: (one) => one.name,
          switches: (one) => String(one.switches.length),
          ports: (one) => String(one.switches.reduce((sum, { ports }) => sum + ports.length, 0)),
          applied: (one) => when(one.appliedAt),
        })
        return undefined
      }),
    )
  rack
    .command('show')
    .argument('<name>')
    .description('switches and ports of a rack configuration')
    .action(
      run(async (session, _options, key = '') => {
        const found = await take(session.client.GET('/api/v1/racks/{key}', { params: { path: { key } } }))
        printFields(session, found, fields)
        return undefined
      }),
    )
  rack
    .command('discover')
    .description(
      'print a rack file of the cables that LLDP heard; users and types of new switches are to be filled in',
    )
    .action(
      run(async (session) => {
        const { racks, notes } = await take(session.client.GET('/api/v1/rack-discovery'))
        printJson(session, { racks })
        for (const note of notes) session.err(`${note}\n`)
        return undefined
      }),
    )
  rackImportCommands(rack)
  rack
    .command('verify')
    .argument('<name>')
    .description(
      'which cables are where the rack file says, by LLDP and by what the switches have learned; exit status 1 if one is not',
    )
    .action(
      run(async (session, _options, key = '') => {
        const found = await take(
          session.client.GET('/api/v1/racks/{key}/cables', { params: { path: { key } } }),
        )
        if (session.json) printJson(session, found)
        else printCables(session, found)
        return found.well ? exitCodes.ok : exitCodes.failed
      }),
    )
  rack
    .command('drift')
    .argument('[name]')
    .description(
      'ports that were not as wanted at the last look at their switch; exit status 1 if there is one',
    )
    .action(
      run(async (session, _options, key) => {
        const racks = await takeAll((after) =>
          session.client.GET('/api/v1/racks', { params: { query: after === undefined ? {} : { after } } }),
        )
        return printDrift(
          session,
          racks.filter(({ name }) => key === undefined || name === key),
        )
      }),
    )
  rack
    .command('remove')
    .argument('<name>')
    .description('forget a rack configuration; refused while its hosts are in use')
    .action(
      run(async (session, _options, key = '') => {
        await take(session.client.DELETE('/api/v1/racks/{key}', { params: { path: { key } } }))
        if (session.json) session.out('{}\n')
        else session.out(`rack ${key} removed\n`)
        return undefined
      }),
    )
}

function printDrift(session: Session, racks: readonly Rack[]) {
  const switches = racks.flatMap((rack) => rack.switches)
  const ports = switches.flatMap(({ address, look }) =>
    (look?.drift ?? []).map((drift) => ({ switch: address, ...drift })),
  )
  printList(session, ports, {
    switch: (one) => one.switch,
    port: (one) => one.port,
    host: (one) => one.host,
    wanted: (one) => one.wanted,
    running: (one) => one.running,
    saved: (one) => one.saved,
    since: (one) => when(one.since),
  })
  for (const { address, look, watch } of switches) {
    const last = look?.at ? `last looked at ${when(look.at)}` : 'not looked at yet'
    const failure = look?.failure ? `; now: ${look.failure}` : ''
    session.err(`switch ${address}: ${last}${failure}; ${watched(watch)}\n`)
  }
  return ports.length === 0 ? exitCodes.ok : exitCodes.failed
}

/** How somebody else's change of a port is noticed. */
function watched({ state, since, failure }: Rack['switches'][number]['watch']): string {
  if (state === 'polled') return 'polled'
  if (state === 'subscribed') return `tells its changes since ${when(since)}`
  const how = state === 'lost' ? 'its subscription is lost' : 'it refuses a subscription'
  return `${how} since ${when(since)}, and it is polled: ${failure ?? 'it ended'}`
}

type Cables = Schemas['RackCables']
type Cable = Cables['cables'][number]

function printCables(session: Session, { rack, well, cables, silent }: Cables): void {
  const place = (one: Cable['seen']) => (one ? `${one.switch} ${one.port}` : '-')
  const told = (one: Cable['learned'][number]) => `${place(one)}${one.by === 'lldp' ? ' (LLDP)' : ''}`
  printList(session, cables, {
    mac: (one) => one.mac,
    machine: (one) => orDash(one.machine),
    nic: (one) => orDash(one.nic),
    declared: (one) => place(one.declared),
    lldp: (one) => place(one.seen),
    learned: (one) => one.learned.map(told).join(', ') || '-',
    verdict: (one) => one.verdict,
  })
  for (const one of silent) {
    const what = one.by === 'fdb' ? 'what it has learned' : 'whom it hears by LLDP'
    session.err(`${one.switch} does not tell ${what}: ${one.reason}\n`)
  }
  const proven = cables.filter((one) => one.verdict === 'as-declared').length
  const rest = proven === cables.length ? '' : '; of the others nothing was heard'
  session.err(
    well
      ? `${proven} of ${cables.length} cables of ${rack} are where they are declared${rest}\n`
      : `cables of ${rack} are not where they are declared: correct them, or the file, and commission those machines again\n`,
  )
}

function fields(rack: Rack): Record<string, string> {
  return {
    name: rack.name,
    applied: when(rack.appliedAt),
    ...Object.fromEntries(
      rack.switches.map((one) => [
        `switch ${one.address}`,
        [
          `${one.type}, PXE VLAN ${one.pxeVlan}, quarantine ${one.quarantineVlan}, tenants ${one.vlanRange.from}-${one.vlanRange.to}`,
          watched(one.watch),
          ...one.ports.map(({ port, member, mac }) => `${member ? `${member} in ` : ''}${port}  ${mac}`),
        ].join('\n'),
      ]),
    ),
  }
}

function readFile(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw usage(`the file ${file} cannot be read (${code})`, 'Name a file that you may read.')
  }
}
