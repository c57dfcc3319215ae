import { FerruleError } from '../../../domain/errors.ts'
import type { SwitchLease } from '../../../domain/lease.ts'
import { CommonReading } from '../common-reading.ts'
import { preMadeLagIn } from '../switchport/pre-made-lag.ts'
import type {
  Announcement,
  PortState,
  PreMadeLag,
  SwitchCapabilities,
  SwitchChange,
  SwitchDevice,
  SwitchDriver,
  SwitchEndpoint,
  SwitchTimeouts,
} from '../types.ts'
import { configure, type Due, unproven } from './apply.ts'
import { interfaces } from './config-text.ts'
import { endpointFaults, sshTarget } from './endpoint.ts'
import { refused, swallowed } from './errors.ts'
import { announcementsIn } from './neighbours.ts'
import { canonicalPort } from './port-name.ts'
import type { CliProfile, SeenConfig, Step } from './profile.ts'
import type { CliSession } from './session.ts'
import { Terminal } from './terminal.ts'

export const defaultTimeouts: SwitchTimeouts = { connectMs: 10_000, requestMs: 30_000 }

/** A family of switches that is driven by its command line over SSH. */
export function cliDriver(profile: CliProfile): SwitchDriver {
  return {
    type: profile.type,
    ...(profile.read.fallback ? { readsPreMadeLags: true } : {}),
    canonicalPort: (port) => canonicalPort(profile.ports, profile.product, port),
    endpointFaults,
    open: (endpoint, timeouts) => new CliSwitch(profile, endpoint, timeouts),
  }
}

/**
 * Reads configurations whole, running and start-up by one parser. Limits: what a port carries is what is configured on
 * it; a save saves what others have left unsaved, too.
 */
class CliSwitch implements SwitchDevice {
  readonly address: string
  readonly capabilities: SwitchCapabilities
  readonly readPreMadeLag?: (lag: string) => Promise<PreMadeLag | null>
  readonly readAnnouncements?: () => Promise<Announcement[]>
  readonly #profile: CliProfile
  readonly #terminal: Terminal
  readonly #steps = new WeakMap<SwitchChange, readonly Step[]>()
  readonly #reading = new CommonReading(() => this.#terminal.use((session) => this.#read(session)))

  constructor(profile: CliProfile, endpoint: SwitchEndpoint, timeouts: Partial<SwitchTimeouts> = {}) {
    this.#profile = profile
    this.#terminal = new Terminal(sshTarget(endpoint), profile, { ...defaultTimeouts, ...timeouts })
    this.address = endpoint.address
    const { fallback, neighbours, running } = profile.read
    if (neighbours)
      this.readAnnouncements = () =>
        this.#terminal.use(async (session) =>
          announcementsIn(await session.run(neighbours.command, 'exec'), neighbours),
        )
    if (fallback)
      this.readPreMadeLag = async (lag) => {
        const [text = ''] = await this.#terminal.use((session) => ask(session, running))
        return preMadeLagIn(interfaces(text), lag, fallback)
      }
    this.capabilities = {
      transaction: profile.configure.commit ? 'atomic' : 'none',
      saveSeparate: profile.save !== null,
      nativelessTrunk: profile.nativelessTrunk,
      fdb: true,
    }
  }

  canonicalPort(port: string): string {
    return canonicalPort(this.#profile.ports, this.#profile.product, port)
  }

  async readPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    const config = await this.#reading.get()
    return new Map(ports.map((port) => [port, this.#driven(config, port)] as const))
  }

  /** A port that the start-up configuration does not have as ours is in no state that anybody wants. */
  async readSavedPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    const { saved, parse, nothingSaved } = this.#profile.read
    if (saved === null) return this.readPorts(ports)
    const config = await this.#terminal.use(async (session) => {
      const answers = await ask(session, saved)
      return parse(answers.map((answer) => (nothingSaved?.test(answer.slice(0, 500)) ? '' : answer)))
    })
    return new Map(
      ports.map((port) => {
        const seen = config.ports.get(port)
        return [port, seen && seen.undriven === null ? seen.state : unborn] as const
      }),
    )
  }

  async readVlans(): Promise<{ vlan: number; description: string | null }[]> {
    const { vlans } = await this.#reading.get()
    return [...vlans].map(([vlan, description]) => ({ vlan, description }))
  }

  async readFdb(port: string): Promise<{ mac: string; vlan: number }[]> {
    const { fdb } = this.#profile.read
    return this.#terminal.use(async (session) => {
      const config = fdb.byName ? await this.#read(session) : noConfig
      return fdb.parse(await session.run(fdb.command(port), 'exec'), config, port)
    })
  }

  plan(
    current: ReadonlyMap<string, PortState>,
    wanted: ReadonlyMap<string, PortState>,
    vlansPresent: ReadonlySet<number>,
  ): SwitchChange[] {
    const known = new Set(vlansPresent)
    return [...wanted].flatMap(([port, want]) => {
      const now = current.get(port)
      if (!now) throw new Error(`plan without the current state of ${port}`)
      const vlans = want.untagged === null ? want.tagged : [want.untagged, ...want.tagged]
      const missing = vlans.filter((vlan) => !known.has(vlan))
      for (const vlan of missing) known.add(vlan)
      const steps = this.#profile.plan({ port, now, want, missing })
      if (steps.length === 0) return []
      const change: SwitchChange = { port, lines: steps.flatMap(({ lines }) => lines) }
      this.#steps.set(change, steps)
      return [change]
    })
  }

  /** Step by step, all ports together: a step is proven by reading before the next relies on it. */
  async apply(lease: SwitchLease, changes: readonly SwitchChange[]): Promise<void> {
    const plans = changes.map((change) => {
      const steps = this.#steps.get(change)
      if (!steps) throw new Error(`a change of ${change.port} that was not planned here`)
      return { port: change.port, steps }
    })
    const rounds = Math.max(0, ...plans.map(({ steps }) => steps.length))
    for (let round = 0; round < rounds; round += 1) {
      const due = plans.flatMap(({ port, steps }) => {
        const step = steps[round]
        return step ? [{ port, step }] : []
      })
      await this.#write(lease, due, round < rounds - 1)
    }
  }

  async save(lease: SwitchLease): Promise<void> {
    const { save } = this.#profile
    if (save === null) return
    await this.#terminal.use(async (session) => {
      await lease.check()
      await session.run(save, 'exec', lease.signal)
      await this.#succeeded(session, save)
    }, lease.signal)
  }

  async close(): Promise<void> {
    this.#terminal.close()
  }

  async #write(lease: SwitchLease, due: readonly Due[], prove: boolean): Promise<void> {
    try {
      await this.#terminal.use(async (session) => {
        await configure(session, this.#profile, due, lease, this.address)
        if (!prove) return
        const missing = unproven(due, await this.#read(session, lease.signal))
        if (missing.length > 0) throw swallowed(this.address, missing)
      }, lease.signal)
    } finally {
      this.#reading.forget()
    }
  }

  async #succeeded(session: CliSession, command: string): Promise<void> {
    const { status } = this.#profile
    if (!status) return
    const answer = (await session.run(status.command, 'exec')).trim()
    if (!status.good.test(answer)) throw refused(this.address, command, `exit status ${answer.slice(0, 20)}`)
  }

  async #read(session: CliSession, signal?: AbortSignal): Promise<SeenConfig> {
    const { running, parse } = this.#profile.read
    return parse(await ask(session, running, signal))
  }

  #driven(config: SeenConfig, port: string): PortState {
    const seen = config.ports.get(port)
    if (!seen) {
      throw new FerruleError(
        'not-found',
        `Switch ${this.address} has no port ${port}`,
        'Correct the port, or its interface type, in the rack file.',
        { address: this.address, port },
      )
    }
    if (seen.undriven !== null) {
      throw new FerruleError(
        'switch-refused',
        `Port ${port} of switch ${this.address} cannot be driven: ${seen.undriven}`,
        'Prepare the port on the switch once, as the reference of its type says.',
        { address: this.address, port },
      )
    }
    return seen.state
  }
}

const unborn: PortState = { mode: 'access', untagged: null, tagged: [], enabled: false }
const noConfig: SeenConfig = { ports: new Map(), vlans: new Map() }

async function ask(
  session: CliSession,
  commands: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  const answers: string[] = []
  for (const command of commands) answers.push(await session.run(command, 'exec', signal))
  return answers
}
