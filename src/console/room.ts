import { type ErrorCode, FerruleError } from '../domain/errors.ts'
import type { ConsoleAccess, ConsoleEnd, SerialConsole } from '../drivers/bmc/types.ts'
import { History } from './history.ts'

/** Somebody who watches; what is sent to it must not block. */
export interface Viewer {
  /** Whose token, for the others to read. */
  readonly name: string
  /** A cloud user types only while the room's tenant may, too. */
  readonly mayWrite: boolean
  /** Set for a cloud user: watches only as long as the host is this instance's. */
  readonly instanceId: string | null
  data(bytes: Buffer): void
  state(state: ConsoleState): void
  /** It may not watch any more; it is not told anything after this. */
  end(reason: string): void
}

/** The instance whose server it is. */
export interface Tenant {
  instanceId: string
  /** False while Ferrule works on the server: what runs there then is not its user's. */
  mayType: boolean
}

/** What a viewer is told, at once and whenever it changes. */
export interface ConsoleState {
  line: Line
  viewers: number
  /** Who types; null: nobody, and the first who may and does is it. */
  writer: string | null
  /** Is it the viewer that is told? */
  writing: boolean
  /** May the viewer that is told? */
  mayWrite: boolean
}

/** The way to the machine's serial port. */
export type Line =
  | { state: 'connecting' }
  /** `reason`: why the machine did not take the last keys. */
  | { state: 'open'; reason?: string; remedy?: string }
  /** Lost with the BMC, or not reached: tried again by itself. */
  | { state: 'retrying'; reason: string }
  /** Somebody else's session has it; a writer may take it over. */
  | { state: 'taken'; reason: string }
  /** Will not come by itself. */
  | { state: 'failed'; reason: string; remedy: string }

export interface RoomOptions {
  /** The BMC as its host's record names it now, with its current password. */
  open(): Promise<ConsoleAccess>
  /** How long the BMC's session is kept after the last viewer has left. Milliseconds. */
  lingerMs: number
  historyBytes: number
  after(ms: number, task: () => void): () => void
  /** The room takes nobody any more; `closed` resolves when the BMC's session has ended, too. */
  onEnd(closed: Promise<void>): void
}

/** What may be over a moment later. */
const passing: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['bmc-unreachable', 'database-unreachable'])

/** Pauses between tries to get the line back. */
const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const

/** Keys that wait for the BMC beyond this are dropped: somebody leans on the keyboard of a machine that hangs. */
const MOST_WAITING = 64 * 1024

/**
 * One host's serial console: one session with its BMC, any number of viewers, one writer. It outlives a reboot of the
 * host, and gets its line back when the BMC was away; a line that another tool took is not fought for.
 */
export class ConsoleRoom {
  readonly #options: RoomOptions
  readonly #history: History
  readonly #viewers = new Set<Viewer>()
  #writer: Viewer | null = null
  #line: Line = { state: 'connecting' }
  #console: SerialConsole | null = null
  #tenant: Tenant | null
  /** Tries in a row that brought no line. */
  #failures = 0
  #trying = false
  #waiting = 0
  #closed: Promise<void> | null = null
  #cancelTimer: () => void = () => undefined

  constructor(options: RoomOptions, tenant: Tenant | null) {
    this.#options = options
    this.#tenant = tenant
    this.#history = new History(options.historyBytes)
    void this.#connect(false)
  }

  /** @returns what ends it. */
  join(viewer: Viewer): () => void {
    if (this.#viewers.size === 0) this.#wake()
    this.#viewers.add(viewer)
    const before = this.#history.read()
    if (before.length > 0) viewer.data(before)
    this.#tell()
    return () => this.#leave(viewer)
  }

  /** Keys of a viewer. Those of one who is not the writer change nothing, and it is told who is. */
  write(viewer: Viewer, data: Buffer): void {
    if (!this.#viewers.has(viewer)) return
    if (this.#writer === null && this.#mayWrite(viewer)) this.#setWriter(viewer)
    const line = this.#console
    if (this.#writer !== viewer || !line || this.#waiting + data.length > MOST_WAITING) {
      viewer.state(this.#stateFor(viewer))
      return
    }
    this.#waiting += data.length
    line
      .write(data)
      .then(
        () => this.#heard(line),
        (error: unknown) => this.#unheard(line, error),
      )
      .finally(() => {
        this.#waiting -= data.length
      })
  }

  /** From now on this viewer types, whoever did before; also takes the line back from another tool's session. */
  take(viewer: Viewer): void {
    if (!this.#viewers.has(viewer)) return
    if (!this.#mayWrite(viewer)) {
      viewer.state(this.#stateFor(viewer))
      return
    }
    this.#setWriter(viewer)
    if (this.#line.state === 'taken' || this.#line.state === 'failed') void this.#connect(true)
  }

  /**
   * Whose the host is now: an instance that may be watched, or nobody's. With a change everything printed before is
   * forgotten, and the cloud users who watched leave: the next tenant must not read what the last one's system said.
   */
  setTenant(tenant: Tenant | null): void {
    const before = this.#tenant
    if (tenant?.instanceId !== before?.instanceId) this.#history.clear()
    this.#tenant = tenant
    this.putOut(({ instanceId }) =>
      instanceId === null || instanceId === tenant?.instanceId
        ? null
        : 'the server does not carry this instance any more',
    )
    if (this.#writer !== null && !this.#mayWrite(this.#writer)) this.#writer = null
    if (tenant?.mayType !== before?.mayType) this.#tell()
  }

  /** Ends it for those of whom `judge` gives a reason. */
  putOut(judge: (viewer: Viewer) => string | null): void {
    for (const viewer of [...this.#viewers]) {
      const reason = judge(viewer)
      if (reason === null) continue
      this.#leave(viewer)
      viewer.end(reason)
    }
  }

  get viewers(): { name: string; writing: boolean }[] {
    return [...this.#viewers].map((viewer) => ({ name: viewer.name, writing: viewer === this.#writer }))
  }

  get line(): Line {
    return this.#line
  }

  /** Ends the session with the BMC, and says why to whoever still watches. */
  close(reason = 'nobody watches'): Promise<void> {
    if (this.#closed) return this.#closed
    this.#cancelTimer()
    for (const viewer of this.#viewers) viewer.end(reason)
    this.#viewers.clear()
    const line = this.#console
    this.#console = null
    this.#closed = line?.close() ?? Promise.resolve()
    this.#options.onEnd(this.#closed)
    return this.#closed
  }

  #leave(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer)) return
    if (this.#writer === viewer) this.#writer = null
    this.#tell()
    if (this.#viewers.size > 0 || this.#closed) return
    this.#cancelTimer()
    this.#cancelTimer = this.#options.after(this.#options.lingerMs, () => void this.close())
  }

  /** Somebody came back before the room was closed. */
  #wake(): void {
    this.#cancelTimer()
    if (this.#console === null) void this.#connect(false)
  }

  #mayWrite({ mayWrite, instanceId }: Viewer): boolean {
    if (!mayWrite) return false
    // A way out of the machine's port leads to the BMC: its commands are not for a cloud user.
    return (
      instanceId === null || (this.#tenant?.mayType === true && this.#console?.besideCommandLine !== true)
    )
  }

  /** The machine takes keys, or has said something. */
  #heard(line: SerialConsole): void {
    if (this.#console !== line || this.#line.state !== 'open' || this.#line.reason === undefined) return
    this.#setLine({ state: 'open' })
  }

  #unheard(line: SerialConsole, error: unknown): void {
    // a line that is lost says so by its end
    if (this.#console !== line || !(error instanceof FerruleError)) return
    this.#setLine({ state: 'open', reason: error.message, remedy: error.remedy })
  }

  #setWriter(viewer: Viewer): void {
    this.#writer = viewer
    this.#tell()
  }

  async #connect(takeOver: boolean): Promise<void> {
    if (this.#trying) return
    this.#trying = true
    this.#cancelTimer()
    // why there is no line is worth more than that it is tried again
    if (this.#failures === 0 || takeOver) this.#setLine({ state: 'connecting' })
    try {
      const access = await this.#options.open()
      const line = await access.openConsole({ takeOver })
      if (this.#closed) return await line.close()
      this.#console = line
      // Who typed before may not be let near this way to the machine.
      if (this.#writer !== null && !this.#mayWrite(this.#writer)) this.#writer = null
      this.#failures = 0
      line.onData((data) => {
        this.#heard(line)
        this.#history.add(data)
        for (const viewer of this.#viewers) viewer.data(data)
      })
      void line.ended.then((end) => this.#ended(line, end))
      this.#setLine({ state: 'open' })
    } catch (error) {
      if (!this.#closed) this.#failed(error)
    } finally {
      this.#trying = false
    }
  }

  #ended(line: SerialConsole, end: ConsoleEnd): void {
    if (this.#console !== line) return
    this.#console = null
    if (end.reason === 'taken') this.#setLine({ state: 'taken', reason: end.detail })
    else this.#retry(end.detail)
  }

  #failed(error: unknown): void {
    if (!(error instanceof FerruleError)) this.#retry(`unexpected: ${String(error)}`)
    else if (passing.has(error.code)) this.#retry(error.message)
    else {
      this.#failures = 0
      if (error.code === 'console-busy') this.#setLine({ state: 'taken', reason: error.message })
      // another try with the same password would only help to lock the account
      else this.#setLine({ state: 'failed', reason: error.message, remedy: error.remedy })
    }
  }

  #retry(reason: string): void {
    const pause = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 0
    this.#failures += 1
    this.#setLine({ state: 'retrying', reason })
    if (this.#viewers.size === 0) return
    this.#cancelTimer()
    this.#cancelTimer = this.#options.after(pause, () => void this.#connect(false))
  }

  #setLine(line: Line): void {
    this.#line = line
    this.#tell()
  }

  #tell(): void {
    for (const viewer of this.#viewers) viewer.state(this.#stateFor(viewer))
  }

  #stateFor(viewer: Viewer): ConsoleState {
    return {
      line: this.#line,
      viewers: this.#viewers.size,
      writer: this.#writer?.name ?? null,
      writing: viewer === this.#writer,
      mayWrite: this.#mayWrite(viewer),
    }
  }
}
