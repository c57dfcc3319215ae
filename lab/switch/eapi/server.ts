import {
  type How,
  type HttpAsk,
  type HttpFront,
  type HttpOptions,
  type HttpReply,
  type HttpServer,
  startHttpFront,
} from '../https/server.ts'
import { CliRefusal, SwitchportCli } from '../switchport/cli.ts'
import { channelName, cloneConfig, type SwitchportConfig } from '../switchport/config.ts'
import { SwitchportModel, type SwitchportSetup } from '../switchport/model.ts'
import { Sessions } from './sessions.ts'
import { type Eos, EosShell, eosDialect, Unconverted } from './shell.ts'

export interface EosOptions extends HttpOptions, SwitchportSetup {
  internalVlans?: readonly number[]
  learned?: Eos['learned']
  announced?: Eos['announced']
  /** Real milliseconds that a second of a commit timer takes. */
  msPerSecond?: number
}

/** An Arista switch on the network: its eAPI before, its ports behind. */
export interface EosServer {
  readonly http: HttpServer
  readonly model: SwitchportModel
  readonly sessions: Sessions
  /** What a person types after `configure terminal`. */
  type(...lines: string[]): void
  reboot(): void
  stop(): Promise<void>
}

export async function startEos(options: EosOptions): Promise<EosServer> {
  const model = new SwitchportModel(options)
  const eos: Eos = {
    model,
    sessions: new Sessions(model, options.msPerSecond ?? 1000),
    internalVlans: new Set(options.internalVlans),
    learned: (port) => learnedAt(model.running, port, options.learned ?? (() => [])),
    announced: options.announced ?? (() => []),
    saveLies: false,
  }
  const front: HttpFront = {
    changes: ({ body }) => body.includes('configure session') || body.includes('write memory'),
    answer(ask, how) {
      eos.saveLies = http.dials.saveLies
      return answerRpc(how === 'pretend' ? copyOf(eos) : eos, ask, how)
    },
  }
  const http = await startHttpFront(front, options)
  return {
    http,
    model,
    sessions: eos.sessions,
    type(...lines) {
      model.change((config) => {
        const cli = new SwitchportCli(config, eosDialect(eos))
        for (const line of lines) cli.type(line)
      })
    },
    reboot() {
      eos.sessions.forget()
      model.reboot()
    },
    async stop() {
      eos.sessions.forget()
      await http.stop()
    },
  }
}

/** What comes in at a member is learned at its port-channel. */
function learnedAt({ ports }: SwitchportConfig, name: string, heard: Eos['learned']) {
  if (ports.get(name)?.channel) return []
  const members = [...ports].filter(([, { channel }]) => channel && channelName(channel.group) === name)
  return [name, ...members.map(([member]) => member)].flatMap((port) => [...heard(port)])
}

interface RunCmds {
  jsonrpc: string
  method: string
  id: unknown
  params: { version: unknown; cmds: (string | { cmd: string })[]; format?: string }
}

function answerRpc(eos: Eos, ask: HttpAsk, how: How): HttpReply {
  if (ask.path !== '/command-api') return { status: 404, body: 'Not Found' }
  if (ask.method !== 'POST') return { status: 405, body: 'Method Not Allowed' }
  const rpc = readRpc(ask.body)
  if (rpc === null) return failure(null, -32_700, 'Unable to parse JSON', [])
  if (rpc.method !== 'runCmds') return failure(rpc.id, -32_601, 'Method not found', [])
  const format = rpc.params.format === 'text' ? 'text' : 'json'
  const all = rpc.params.cmds.map((cmd) => (typeof cmd === 'string' ? cmd : cmd.cmd))
  const commands = how === 'half' ? all.slice(0, Math.ceil(all.length / 2)) : all
  const shell = new EosShell(eos, ask.user.readOnly ?? false)
  const done: unknown[] = []
  for (const [index, command] of commands.entries()) {
    try {
      done.push(shell.run(command, format))
    } catch (error) {
      if (!(error instanceof CliRefusal) && !(error instanceof Unconverted)) throw error
      const unconverted = error instanceof Unconverted
      const why = unconverted ? 'unconverted command' : 'invalid command'
      const message = `CLI command ${index + 1} of ${all.length} '${command}' failed: ${why}`
      const errors = [unconverted ? 'Command cannot be used over the API with JSON output' : error.message]
      return failure(rpc.id, unconverted ? 1003 : 1002, message, [...done, { errors }])
    }
  }
  return { status: 200, body: { jsonrpc: '2.0', id: rpc.id, result: done } }
}

function failure(id: unknown, code: number, message: string, data: unknown[]): HttpReply {
  return { status: 200, body: { jsonrpc: '2.0', id, error: { code, message, data } } }
}

function readRpc(body: string): RunCmds | null {
  try {
    const rpc: RunCmds = JSON.parse(body)
    return Array.isArray(rpc.params?.cmds) && rpc.jsonrpc === '2.0' ? rpc : null
  } catch {
    return null
  }
}

/** For an answer as if: nothing of it reaches the switch. */
function copyOf(eos: Eos): Eos {
  const model = new SwitchportModel({ hosts: [], uplinks: [], pxeVlan: 1 })
  model.put(cloneConfig(eos.model.running))
  return { ...eos, model, sessions: eos.sessions.copyTo(model) }
}
