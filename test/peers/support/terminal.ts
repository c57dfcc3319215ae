import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'

const PATIENCE_MS = 15_000

/** An interactive program on a terminal of its own, as a person uses it: what it shows, and keys. */
export class Terminal {
  private readonly child: ChildProcessWithoutNullStreams
  private shown = ''
  /** How much of what it shows has been waited for. */
  private read = 0

  /** script(1) gives it the terminal: these programs refuse to run without one. */
  constructor(command: readonly string[]) {
    const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
    // Debian keeps FreeIPMI's tools in sbin, which an ordinary user's PATH lacks.
    const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, TERM: 'xterm' }
    this.child = spawn('script', ['-qefc', quoted, '/dev/null'], { env })
    const take = (chunk: Buffer) => {
      this.shown += chunk.toString()
    }
    this.child.stdout.on('data', take)
    this.child.stderr.on('data', take)
    this.child.on('error', (error) => {
      this.shown += `script is missing: apt-get install bsdutils (${error.message})`
    })
  }

  get screen(): string {
    return this.shown
  }

  /** Waits until this text comes after what was waited for before; gives what stands in between. */
  async sees(text: string): Promise<string> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const at = this.shown.indexOf(text, this.read)
      if (at >= 0) {
        const between = this.shown.slice(this.read, at)
        this.read = at + text.length
        return between
      }
      if (
        performance.now() > deadline ||
        (this.child.exitCode !== null && !this.shown.includes(text, this.read))
      )
        throw new Error(
          `never seen: ${JSON.stringify(text)} after ${JSON.stringify(this.shown.slice(-2000))}`,
        )
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  type(keys: string): void {
    this.child.stdin.write(keys)
  }

  /** Resolves with the exit code when it has ended, by itself or because it is told to. */
  async end(): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode
    const gone = new Promise<number | null>((resolve) => this.child.once('exit', (code) => resolve(code)))
    this.child.stdin.end()
    this.child.kill('SIGTERM')
    return gone
  }
}
