import type { Command } from 'commander'
import { collect, run } from '../action.ts'
import { parseCable } from '../cable-spec.ts'
import { type Schemas, take, takeAll } from '../client.ts'
import { usage } from '../failure.ts'
import { finish } from '../finish.ts'
import { formatBytes, formatMemory, parseMemory } from '../memory.ts'
import { wholeNumber } from '../numbers.ts'
import { orDash, printFields, printJson, printList, when } from '../output.ts'
import type { Session } from '../session.ts'
import { type BmcOptions, bmcOf, bmcOptions, spoken } from './bmc-options.ts'
import { describePower, hostPowerCommands } from './host-power.ts'

type Host = Schemas['Host']
type Erase = 'full' | 'secure' | 'quick'

interface AddOptions extends BmcOptions {
  bmcFingerprint?: string
  mac: string
  cpus: string
  speed?: string
  switch?: string
  port?: string
  cable?: string[]
  memory: string
  tag?: string[]
  systemId?: string
  arch?: string
  disksClean?: string
}

export function hostCommands(program: Command): Command {
  const host = program.command('host').description('physical servers')
  bmcOptions(
    host.command('add').argument('<name>').description('enlist a new server, or adopt one that MAAS has'),
    ' (or FERRULE_BMC_PASSWORD)',
  )
    .option('--bmc-fingerprint <sha256>', 'certificate of the BMC that you have compared and trust')
    .requiredOption('--mac <mac>', 'MAC of the NIC that it boots from')
    .requiredOption('--cpus <count>', 'number of CPUs')
    .option('--speed <MHz>', 'CPU speed')
    .option('--switch <address>', 'where the NIC that it boots from is plugged in, if no rack file says it')
    .option('--port <port>', 'port of that switch')
    .option('--cable <cable>', 'mac=MAC,switch=ADDRESS,port=PORT of another NIC, one for each', collect)
    .requiredOption('--memory <size>', 'MiB, or with a unit: 32G')
    .option('--tag <tag>', 'host tag, several times if need be', collect)
    .option('--system-id <id>', 'adopt exactly this machine of MAAS')
    .option('--arch <name>', 'architecture, amd64 if absent')
    .option('--disks-clean <reason>', 'your word instead of the first erase; recorded with your name')
    .action(
      run<AddOptions>(async (session, options, name = '') => {
        const { host: added, operation } = await take(
          session.client.POST('/api/v1/hosts', { body: await newHost(name, options) }),
        )
        return finish(session, operation, {
          thing: () => getHost(session, added.id),
        })
      }),
    )
  host
    .command('list')
    .description('all hosts')
    .action(
      run(async (session) => {
        const hosts = await takeAll((after) =>
          session.client.GET('/api/v1/hosts', { params: { query: after === undefined ? {} : { after } } }),
        )
        printList(session, hosts, {
          name: (one) => one.name,
          state: (one) => one.state,
          power: (one) => one.power.state,
          cpus: (one) => String(one.cpuCount),
          memory: (one) => formatMemory(one.memoryMib),
          tags: (one) => orDash(one.tags.join(',')),
          bmc: (one) => orDash(one.bmc.address),
          protocol: (one) => spoken(one.bmc),
          maas: (one) => orDash(one.systemId),
        })
        return undefined
      }),
    )
  host
    .command('show')
    .argument('<host>')
    .description('one host')
    .action(
      run(async (session, _options, key = '') => {
        printFields(session, await getHost(session, key), fields)
        return undefined
      }),
    )
  host
    .command('remove')
    .argument('<host>')
    .description('remove a host; its machine stays in MAAS')
    .action(
      run(async (session, _options, key = '') => {
        await take(session.client.DELETE('/api/v1/hosts/{key}', { params: { path: { key } } }))
        if (session.json) session.out('{}\n')
        else session.out(`host ${key} removed\n`)
        return undefined
      }),
    )
  host
    .command('erase')
    .argument('<host>')
    .description('erase a host that carries no instance')
    .option('--erase <policy>', 'full, secure or quick')
    .action(
      run<{ erase?: Erase }>(async (session, { erase }, key = '') => {
        const operation = await take(
          session.client.POST('/api/v1/hosts/{key}/erase', {
            params: { path: { key } },
            body: erase === undefined ? {} : { erase },
          }),
        )
        return finish(session, operation, { thing: () => getHost(session, key) })
      }),
    )
  host
    .command('heal')
    .argument('<host>')
    .description('ports, saved configuration and boot device as wanted; see "ferrule drift"')
    .option('--power', 'also switch it on or off; without this power is only reported')
    .action(
      run<{ power?: boolean }>(async (session, { power }, key = '') => {
        const operation = await take(
          session.client.POST('/api/v1/hosts/{key}/heal', {
            params: { path: { key } },
            body: power ? { power } : {},
          }),
        )
        return finish(session, operation, { thing: () => getHost(session, key) })
      }),
    )
  host
    .command('certificates')
    .argument('<host>')
    .description('what was proven about its disks, newest first')
    .action(
      run(async (session, _options, key = '') => {
        const { items } = await take(
          session.client.GET('/api/v1/hosts/{key}/certificates', { params: { path: { key } } }),
        )
        if (session.json) printJson(session, items)
        else
          printList(session, items, {
            at: (one) => when(one.at),
            proven: (one) => (one.proven ? 'yes' : 'NO'),
            operation: (one) => one.operationId,
            certificate: (one) => one.id,
          })
        return undefined
      }),
    )
  hostPowerCommands(host, fields)
  return host
}

async function newHost(name: string, options: AddOptions): Promise<Schemas['NewHostInput']> {
  const needed = options.bmcProtocol !== 'maas' && options.bmcProtocol !== 'manual'
  return {
    name,
    bmc: {
      ...(await bmcOf(options, needed)),
      ...(options.bmcFingerprint === undefined ? {} : { fingerprint: options.bmcFingerprint }),
    },
    bootMac: options.mac,
    ...portOf(options),
    ...(options.cable === undefined ? {} : { cables: options.cable.map(parseCable) }),
    cpuCount: wholeNumber(options.cpus, '--cpus'),
    cpuSpeedMhz: options.speed === undefined ? 0 : wholeNumber(options.speed, '--speed'),
    memoryMib: parseMemory(options.memory),
    tags: options.tag ?? [],
    ...(options.systemId === undefined ? {} : { systemId: options.systemId }),
    ...(options.arch === undefined ? {} : { architecture: options.arch }),
    ...(options.disksClean === undefined ? {} : { disksClean: { reason: options.disksClean } }),
  }
}

function portOf({ switch: address, port }: AddOptions) {
  if (address !== undefined && port !== undefined) return { port: { switch: address, port } }
  if (address === undefined && port === undefined) return {}
  throw usage('--switch and --port go together', 'Give both, or neither where a rack file has the MAC.')
}

export function getHost(session: Session, key: string): Promise<Host> {
  return take(session.client.GET('/api/v1/hosts/{key}', { params: { path: { key } } }))
}

export function fields(host: Host): Record<string, string> {
  return {
    name: host.name,
    id: host.id,
    state: host.state,
    power: describePower(host.power),
    'power policy': host.powerPolicy,
    'MAAS system id': host.systemId ?? '',
    BMC: host.bmc.address === null ? 'none' : `${host.bmc.address} as ${host.bmc.username}`,
    'BMC protocol': spoken(host.bmc),
    'BMC system': host.bmc.system ?? '',
    'trusted certificate': host.bmc.fingerprint ?? '',
    'trusted SSH key': host.bmc.sshFingerprint ?? '',
    CPUs: host.cpuSpeedMhz > 0 ? `${host.cpuCount} at ${host.cpuSpeedMhz} MHz` : String(host.cpuCount),
    memory: formatMemory(host.memoryMib),
    architecture: host.architecture,
    tags: host.tags.join(', '),
    NICs: host.nics
      .map(
        (nic) =>
          `${nic.name}  ${nic.mac}  ${nic.switch === null ? 'not wired' : `${nic.switch} ${nic.port}`}`,
      )
      .join('\n'),
    disks: host.disks.map((disk) => `${disk.name}  ${formatBytes(disk.size)}  ${disk.serial}`).join('\n'),
    instance: host.instanceId ?? '',
    operation: host.operationId ?? '',
    attention: host.attention ? `${host.attention.message}\n${host.attention.remedy}` : '',
  }
}
