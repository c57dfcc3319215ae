import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createDoor } from '../../src/cloudstack/door-server.ts'
import type { Rig } from './rig.ts'

const fixtures = join(import.meta.dirname, '../fixtures/cloudstack')
const executable = join(import.meta.dirname, '../../extension/ferrule.sh')

export interface Said {
  exit: number | null
  stdout: string
  stderr: string
  ms: number
  body: {
    status?: string
    message?: unknown
    power_state?: string | Record<string, string>
    details?: Record<string, string>
  }
}

export interface Nic {
  mac: string
  vlan: number
  network?: string
}

/** The door on a socket of its own, and CloudStack's way of knocking: one process per call, the payload in a file. */
export async function startDoor(rig: Rig) {
  const socket = join(rig.dir, 'door.sock')
  const { services, mode } = rig.core
  const logged: string[] = []
  const door = await createDoor({
    services,
    log: (_level, _message, data) => logged.push(String(data?.call)),
    mode,
    socket,
    publicUrl: () => 'https://ferrule.example',
    hint: rig.core.cloudHint,
  })
  await door.listen({ path: socket })
  await mkdir(join(rig.dir, 'payloads'), { recursive: true })

  async function knock(
    action: string,
    payload: unknown,
    timeout = 60,
    options: { socket?: string; started?: (child: ChildProcess) => void } = {},
  ): Promise<Said> {
    const id = randomUUID()
    const file = join(rig.dir, 'payloads', `${id}.json`)
    await writeFile(file, JSON.stringify(payload) ?? '')
    const said = await run([action, file, String(timeout)], options.socket ?? socket, options.started)
    if (said.exit === 1 && said.stdout !== '') await expectReference(said, id, options.socket === undefined)
    return said
  }

  /** What holds of every refusal of every test: its reference can be looked up. */
  async function expectReference({ body }: Said, id: string, wasHeard: boolean): Promise<void> {
    const [, kind, value] =
      /^(?=.{1,380}$)\S.* \[(operation|call) ([\w-]+)\]$/.exec(String(body.message)) ?? []
    expect({ message: body.message, kind }).toEqual({ message: body.message, kind: expect.any(String) })
    if (wasHeard) expect(logged).toContain(id)
    if (kind === 'call') return expect(value).toBe(id)
    const { rows } = await services.tools.db.query('select from operation where number = $1', [value])
    expect(rows).toHaveLength(1)
  }
  return { knock, socket, close: () => door.close() }
}

export type Door = Awaited<ReturnType<typeof startDoor>>

/** The extension as CloudStack starts it. Its promises hold for every call of every test: silent on stderr, short, in time. */
export async function run(
  argv: string[],
  socket: string,
  started?: (child: ChildProcess) => void,
): Promise<Said> {
  const from = performance.now()
  const child = spawn('sh', [executable, ...argv], {
    env: { PATH: process.env.PATH, FERRULE_SOCKET: socket, FERRULE_EXTENSION_CONFIG: '/nonexistent' },
    detached: true,
  })
  started?.(child)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const exit = await new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
  const ms = performance.now() - from
  expect(stderr).toBe('')
  expect(stdout.length).toBeLessThan(65_536)
  if (argv[2] && exit !== null) expect(ms).toBeLessThan(Number(argv[2]) * 1000)
  return { exit, stdout, stderr, ms, body: stdout.trim() === '' ? {} : JSON.parse(stdout) }
}

/** One VM of CloudStack: what it knows of it, put into the captured payload of each action. */
export class CloudVm {
  readonly uuid = randomUUID()
  readonly name: string
  nics: Nic[]
  /** What prepare gave back, as CloudStack keeps and repeats it. */
  details: Record<string, string> = {}
  /** Details of its template or offering, which CloudStack copies to it. */
  template: Record<string, string> = {}
  /** What was filled in in the form of a custom action. */
  parameters: Record<string, string> = {}
  /** Details of the host that it is under in CloudStack. */
  host: Record<string, string> | null = null
  /** Who asks, as CloudStack names the types of accounts. */
  callerType: 'ADMIN' | 'NORMAL' = 'ADMIN'
  private readonly door: Door

  constructor(door: Door, name: string, nics: Nic[]) {
    this.door = door
    this.name = name
    this.nics = nics
  }

  payload(action: string): unknown {
    // Captured JSON of a real CloudStack: its shape is known here, and nowhere else needed.
    const captured = JSON.parse(readFileSync(join(fixtures, `${action}.json`), 'utf8')) as Captured
    const vm = captured['cloudstack.vm.details']
    const [nic] = vm.nics
    captured.virtualmachineid = this.uuid
    captured.virtualmachinename = this.name
    Object.assign(vm, {
      uuid: this.uuid,
      name: this.name,
      cpus: 8,
      minRam: 32 * 2 ** 30,
      maxRam: 32 * 2 ** 30,
    })
    vm.nics = nic ? this.nics.map((one, index) => adapted(nic, one, index)) : []
    vm.details = { ...vm.details, ...this.details }
    captured.parameters = this.parameters
    captured.caller = { ...captured.caller, type: this.callerType }
    if (this.host) captured.externaldetails.host = this.host
    for (const [key, value] of Object.entries(this.details))
      captured.externaldetails.virtualmachine[key.replace('External:', '')] = value
    Object.assign(captured.externaldetails.virtualmachine, this.template)
    return captured
  }

  async call(action: string, timeout = 60, started?: (child: ChildProcess) => void): Promise<Said> {
    const known = ['prepare', 'create', 'start', 'stop', 'reboot', 'delete', 'status', 'getconsole']
    const payload = this.payload(known.includes(action) ? action : 'custom-action')
    const said = await this.door.knock(action, payload, timeout, started ? { started } : {})
    if (action === 'prepare' && said.exit === 0) this.details = said.body.details ?? {}
    return said
  }

  /** As `call`, and the exit code with the answer in one word, so that a failed test shows what was said. */
  async exit(action: string, timeout = 60): Promise<string> {
    const said = await this.call(action, timeout)
    return said.exit === 0 ? String(said.body.power_state ?? '0') : `1 ${String(said.body.message)}`
  }
}

interface Captured {
  virtualmachineid: string
  virtualmachinename: string
  'cloudstack.vm.details': { nics: object[]; details: Record<string, string> }
  externaldetails: { virtualmachine: Record<string, string>; host?: Record<string, string> }
  parameters?: Record<string, string>
  caller?: object
}

function adapted(nic: object, { mac, vlan, network }: Nic, index: number): object {
  const name = network ?? `net-${index}`
  return {
    ...nic,
    deviceId: index,
    defaultNic: index === 0,
    nicUuid: `00000000-0000-4000-8000-${mac.replaceAll(':', '')}`,
    uuid: `10000000-0000-4000-8000-${name.padEnd(12, '0').slice(0, 12)}`,
    networkSegmentName: name,
    mac,
    broadcastUri: `vlan://${vlan}`,
    isolationUri: `vlan://${vlan}`,
  }
}
