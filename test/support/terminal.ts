import { type ChildProcess, spawn } from 'node:child_process'

/** A shell line in a terminal of its own, which util-linux's script makes: what it shows, and keys for it. */
export class Terminal {
  screen = ''
  /** The exit status, once everything has been shown. */
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess

  constructor(line: string, env: Record<string, string>) {
    this.#child = spawn('script', ['--quiet', '--return', '--flush', '--command', line, '/dev/null'], {
      env: { PATH: process.env.PATH, SHELL: '/bin/sh', TERM: 'xterm', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child.stdout?.on('data', (chunk) => {
      this.screen += String(chunk)
    })
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', (error) =>
        reject(new Error(`util-linux's script is missing: ${error.message}`)),
      )
      this.#child.once('close', (code) => resolve(code))
    })
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  kill(): void {
    this.#child.kill()
  }
}
