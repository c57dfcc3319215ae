import { setTimeout as sleep } from 'node:timers/promises'
import type { AnnouncedMac } from '../../announced-macs.ts'
import {
  type How,
  type HttpAsk,
  type HttpFront,
  type HttpOptions,
  type HttpReply,
  type HttpServer,
  startHttpFront,
} from '../https/server.ts'
import { CliRefusal, type Dialect, SwitchportCli } from '../switchport/cli.ts'
import { cloneConfig } from '../switchport/config.ts'
import { SwitchportModel, type SwitchportSetup } from '../switchport/model.ts'
import { showBrief, showConfig, showMacs, showNeighbours, showSwitchport, showVlanBrief } from './show.ts'

export interface NxosOptions extends HttpOptions, SwitchportSetup {
  /** VLANs that the switch keeps for itself, beside 3968-4094. */
  reservedVlans?: readonly number[]
  learned?: (port: string) => readonly { mac: string; vlan: number }[]
  announced?: () => readonly AnnouncedMac[]
}

/** A Nexus switch on the network: its NX-API before, its ports behind. */
export interface NxosServer {
  readonly http: HttpServer
  readonly model: SwitchportModel
  /** Requests whose lines it is still working on. */
  readonly working: number
  /** What a person types after `configure terminal`. */
  type(...lines: string[]): void
  reboot(): void
  stop(): Promise<void>
}

interface Nxos {
  model: SwitchportModel
  dialect: Dialect
  learned: (port: string) => readonly { mac: string; vlan: number }[]
  announced: () => readonly AnnouncedMac[]
  saveLies: boolean
}

export async function startNxos(options: NxosOptions): Promise<NxosServer> {
  const model = new SwitchportModel(options)
  const nxos: Nxos = {
    model,
    dialect: nxosDialect(new Set(options.reservedVlans)),
    learned: options.learned ?? (() => []),
    announced: options.announced ?? (() => []),
    saveLies: false,
  }
  let working = 0
  const front: HttpFront = {
    async answer(ask, how) {
      nxos.saveLies = http.dials.saveLies
      working += 1
      try {
        return await answerIns(how === 'pretend' ? copyOf(nxos) : nxos, ask, how)
      } finally {
        working -= 1
      }
    },
  }
  const http = await startHttpFront(front, options)
  return {
    http,
    model,
    get working() {
      return working
    },
    type(...lines) {
      const cli = new LineByLine(nxos)
      for (const line of lines) cli.type(line)
    },
    reboot: () => model.reboot(),
    stop: () => http.stop(),
  }
}

interface Output {
  input: string
  msg: string
  code: string
  body?: unknown
  clierror?: string
}

async function answerIns(nxos: Nxos, ask: HttpAsk, how: How): Promise<HttpReply> {
  if (ask.path !== '/ins') return { status: 404, body: 'Not Found' }
  if (ask.method !== 'POST') return { status: 405, body: 'Method Not Allowed' }
  const asked = readIns(ask.body)
  if (asked === null) return reply('', [{ input: '', msg: 'Request parsing error', code: '400' }])
  const all = asked.input.split(' ;').map((command) => command.trim())
  const commands = how === 'half' ? all.slice(0, Math.ceil(all.length / 2)) : all
  if (asked.type === 'cli_conf') {
    if (ask.user.readOnly) {
      return reply(asked.type, [clierror(all[0] ?? '', '% Permission denied for the role')])
    }
    const rollback = asked.rollback === 'rollback-on-error'
    return reply(asked.type, await configure(nxos, commands, rollback, how === 'late' ? SLOW_LINE_MS : 0))
  }
  if (asked.type !== 'cli_show' && asked.type !== 'cli_show_ascii') {
    return reply(asked.type, [{ input: asked.input, msg: 'Wrong message type', code: '400' }])
  }
  const structured = asked.type === 'cli_show'
  return reply(
    asked.type,
    commands.map((command) => execute(nxos, command, structured, ask.user.readOnly ?? false)),
  )
}

/** How long a line takes when the switch is slow. */
const SLOW_LINE_MS = 60

/** Each line is in force before the next one is read. */
async function configure(
  nxos: Nxos,
  lines: readonly string[],
  rollback: boolean,
  lineMs: number,
): Promise<Output[]> {
  const checkpoint = cloneConfig(nxos.model.running)
  const cli = new LineByLine(nxos)
  const outputs: Output[] = []
  for (const line of lines) {
    if (lineMs > 0) await sleep(lineMs, undefined, { ref: false })
    try {
      cli.type(line)
      outputs.push({ input: line, msg: 'Success', code: '200', body: {} })
    } catch (error) {
      if (!(error instanceof CliRefusal)) throw error
      if (rollback) nxos.model.put(checkpoint)
      return [...outputs, clierror(line, error.message)]
    }
  }
  return outputs
}

function execute(nxos: Nxos, command: string, structured: boolean, readOnly: boolean): Output {
  const { running, startup } = nxos.model
  const success = (body: unknown): Output => ({ input: command, msg: 'Success', code: '200', body })
  if (command === 'copy running-config startup-config' && !structured) {
    if (readOnly) return clierror(command, '% Permission denied for the role')
    if (!nxos.saveLies) nxos.model.save()
    return success('[########################################] 100%\nCopy complete.\n')
  }
  if (command === 'show startup-config') {
    if (!structured) return success(showConfig(startup))
    return { input: command, msg: 'Structured output unsupported', code: '501' }
  }
  if (structured) {
    if (command === 'show interface switchport') return success(showSwitchport(running))
    if (command === 'show interface brief') return success(showBrief(running))
    if (command === 'show vlan brief') return success(showVlanBrief(running))
    if (command === 'show mac address-table')
      return success(showMacs([...running.ports.keys()], nxos.learned))
    if (command === 'show lldp neighbors detail') return success(showNeighbours(nxos.announced()))
    const [, written] = /^show mac address-table interface (\S+)$/.exec(command) ?? []
    const port = written === undefined ? null : nxos.dialect.interfaceName(written)
    if (port !== null && running.ports.has(port)) return success(showMacs([port], nxos.learned))
  }
  return clierror(command, '% Invalid command\n')
}

function clierror(input: string, said: string): Output {
  return { input, msg: 'Input CLI command error', code: '400', clierror: said }
}

/** One output stands alone, several are a list. */
function reply(type: string, outputs: readonly Output[]): HttpReply {
  const output = outputs.length === 1 ? outputs[0] : outputs
  return { status: 200, body: { ins_api: { type, version: '1.0', sid: 'eoc', outputs: { output } } } }
}

function readIns(body: string): { type: string; input: string; rollback?: string } | null {
  try {
    const { ins_api: asked } = JSON.parse(body)
    return typeof asked?.input === 'string' && typeof asked.type === 'string' ? asked : null
  } catch {
    return null
  }
}

class LineByLine {
  readonly #model: SwitchportModel
  readonly #dialect: Dialect
  #context: string | null = null

  constructor({ model, dialect }: Nxos) {
    this.#model = model
    this.#dialect = dialect
  }

  type(line: string): void {
    this.#model.change((config) => {
      const cli = new SwitchportCli(config, this.#dialect)
      const opens = /^(vlan|interface) /.test(line)
      if (!opens && this.#context !== null) cli.type(this.#context)
      cli.type(line)
      if (opens) this.#context = line
    })
  }
}

function nxosDialect(reserved: ReadonlySet<number>): Dialect {
  return {
    interfaceName(written) {
      const match = /^(eth|ethernet|po|port-channel)\s*(\d+(?:\/\d+){0,2})$/i.exec(written)
      if (match === null) return null
      return `${match[1]?.toLowerCase().startsWith('p') ? 'port-channel' : 'Ethernet'}${match[2]}`
    },
    invalid: () => '% Invalid command',
    noInterface: (name) => `% Invalid interface format: ${name}`,
    reserved: (vlan) =>
      reserved.has(vlan) || vlan >= 3968 ? `ERROR: VLAN ${vlan} is reserved for internal use` : null,
    makesAccessVlan: false,
    nameTaken: (name) => `ERROR: VLAN with the name ${name} exists already`,
    notLayer2: (port) => `ERROR: ${port}: requested config not allowed on a routed port`,
  }
}

/** For an answer as if: nothing of it reaches the switch. */
function copyOf(nxos: Nxos): Nxos {
  const model = new SwitchportModel({ hosts: [], uplinks: [], pxeVlan: 1 })
  model.put(cloneConfig(nxos.model.running))
  return { ...nxos, model }
}
