import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

/** The one program that this management server has in its folder of extensions, and what is in its own environment. */
export interface ExtensionProgram {
  /** Absolute path. */
  path: string
  env?: Readonly<Record<string, string>>
}

export interface Ran {
  ok: boolean
  /** stdout and stderr in one, as CloudStack hears them. */
  output: string
  /** null: killed, or never started. */
  exit: number | null
}

/** What fits into a pipe that nobody reads: CloudStack waits for the end of the process first. */
const PIPE = 65_536

/** DEFAULT_SCRIPT_TIMEOUT_SECONDS of NetworkExtensionElement. */
const NETWORK_S = 60

/** Runs extensions as CloudStack's ExternalPathPayloadProvisioner does: one process per call, the payload in a file. */
export class ExtensionPrograms {
  readonly #program: ExtensionProgram | undefined
  readonly #dataDir: string | undefined
  readonly #running = new Set<ChildProcess>()
  #folder: Promise<string> | undefined

  constructor(program: ExtensionProgram | undefined, dataDir: string | undefined) {
    this.#program = program
    this.#dataDir = dataDir
  }

  /** Is there a program at this path of an extension, such as ferrule/ferrule.sh? */
  isReady(path: string): boolean {
    return this.#program !== undefined && basename(path) === basename(this.#program.path)
  }

  /** `program ACTION PAYLOAD.json SECONDS`. Never rejects: a program that cannot be started has failed. */
  async run(
    extension: { name: string; path: string },
    action: string,
    payload: unknown,
    seconds: number,
    id: string,
  ): Promise<Ran> {
    if (this.#program === undefined || !this.isReady(extension.path))
      return { ok: false, output: `Extension is not ready: ${extension.path}`, exit: null }
    const folder = join(await this.#payloads(), extension.name)
    await mkdir(folder, { recursive: true })
    const file = join(folder, `${id}.json`)
    await writeFile(file, JSON.stringify(payload, null, 4), { mode: 0o644 })
    const ran = await this.#spawn(this.#program, [action, file, String(seconds)], seconds)
    // Only these are deleted; the others lie there for a day.
    if (action === 'status' && ran.ok) await unlink(file).catch(() => {})
    return ran
  }

  /**
   * NetworkExtensionElement's way: `program COMMAND FILE 60`, the payload in a file that is gone afterwards. The time is
   * told and not enforced: it waits for as long as the program runs.
   */
  async runForNetwork(
    extension: { name: string; path: string },
    command: string,
    payload: unknown,
    id: string,
  ): Promise<Ran> {
    if (this.#program === undefined || !this.isReady(extension.path))
      return { ok: false, output: `Extension ${extension.name} path is not ready`, exit: null }
    const file = join(await this.#payloads(), `cs-extnet-${command}-${id.slice(0, 8)}.payload`)
    await writeFile(file, JSON.stringify(payload), { mode: 0o600 })
    const ran = await this.#spawn(this.#program, [command, file, String(NETWORK_S)], null)
    await unlink(file).catch(() => {})
    return ran
  }

  /** The server was killed. Its children are not: each goes on, and writes into a pipe that has no other end. */
  abandon(): void {
    for (const child of this.#running) {
      child.removeAllListeners()
      child.stdout?.destroy()
      child.stderr?.destroy()
      child.stdin?.destroy()
      child.unref()
    }
    this.#running.clear()
  }

  /** Kills the process of every call that is under way, as an operator would. How many there were. */
  kill(): number {
    for (const child of this.#running) child.kill('SIGKILL')
    return this.#running.size
  }

  async close(): Promise<void> {
    this.kill()
    const folder = await this.#folder
    if (folder !== undefined && this.#dataDir === undefined)
      await rm(folder, { recursive: true, force: true })
  }

  #payloads(): Promise<string> {
    this.#folder ??=
      this.#dataDir === undefined
        ? mkdtemp(join(tmpdir(), 'lab-cloudstack-'))
        : Promise.resolve(join(this.#dataDir, 'extensions'))
    return this.#folder
  }

  /** `seconds`: until it is killed; null: never. */
  #spawn(program: ExtensionProgram, args: string[], seconds: number | null): Promise<Ran> {
    return new Promise((resolve) => {
      const child = spawn(program.path, args, { env: { ...process.env, ...program.env }, stdio: 'pipe' })
      this.#running.add(child)
      const heard: Buffer[] = []
      let length = 0
      const end = (ran: Omit<Ran, 'output'>, output = Buffer.concat(heard).toString()) => {
        clearTimeout(timer)
        this.#running.delete(child)
        resolve({ ...ran, output })
      }
      // destroyForcibly: the process itself and none of its children.
      const onTimeout = () => {
        child.removeAllListeners('close')
        child.kill('SIGKILL')
        for (const stream of [child.stdout, child.stderr]) stream.destroy()
        end({ ok: false, exit: null }, 'Timeout')
      }
      const timer = seconds === null ? undefined : setTimeout(onTimeout, seconds * 1000)
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (part: Buffer) => {
          heard.push(part)
          length += part.length
          // of a network's command it reads as it comes
          if (length <= PIPE || seconds === null) return
          // Nobody reads on, so the program stands still until its time is over.
          child.removeAllListeners('close')
          child.stdout.pause()
          child.stderr.pause()
        })
      child.stdin.on('error', () => {})
      child.once('error', (error) => end({ ok: false, exit: null }, String(error)))
      child.once('close', (code) => end({ ok: code === 0, exit: code }))
    })
  }
}
