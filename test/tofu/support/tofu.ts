import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'

/** Where scripts/build-tofu.sh put its programs, as in package.json. */
const built = process.env.FERRULE_TOFU ?? join(homedir(), '.cache/ferrule-tofu')
const example = join(import.meta.dirname, '../../../examples/opentofu/main.tf')

interface Ran {
  code: number | null
  /** What it printed, errors included. */
  text: string
}

/** The example's configuration in a folder of its own, and OpenTofu on it, which finds the provider without a network. */
export class Tofu {
  readonly #folder: string
  readonly #env: Record<string, string>

  private constructor(folder: string, env: Record<string, string>) {
    this.#folder = folder
    this.#env = env
  }

  static async open(folder: string, access: Record<string, string>): Promise<Tofu> {
    if (!existsSync(join(built, 'tofu')))
      throw new Error(`OpenTofu is not in ${built}: run scripts/build-tofu.sh ${built}`)
    await mkdir(folder, { recursive: true })
    await copyFile(example, join(folder, 'main.tf'))
    const settings = join(folder, 'tofu.rc')
    const mirror = JSON.stringify(join(built, 'mirror'))
    await writeFile(
      settings,
      `provider_installation {\n  filesystem_mirror {\n    path = ${mirror}\n  }\n}\n`,
    )
    return new Tofu(folder, { ...access, TF_CLI_CONFIG_FILE: settings, TF_IN_AUTOMATION: '1' })
  }

  /** To its end; what it printed. Fails with that if it fails. */
  async run(...args: string[]): Promise<string> {
    const { code, text } = await this.runs(...args)
    expect(code, `tofu ${args.join(' ')}\n${text}`).toBe(0)
    return text
  }

  /** 0: the world is as the configuration says; 2: it is not. */
  async plan(...vars: string[]): Promise<number | null> {
    const { code, text } = await this.runs('plan', '-detailed-exitcode', ...vars.flatMap(asVar))
    if (code !== 0) expect(code, text).toBe(2)
    return code
  }

  apply(...vars: string[]): Promise<string> {
    return this.run('apply', '-auto-approve', ...vars.flatMap(asVar))
  }

  destroy(...vars: string[]): Promise<Ran> {
    return this.runs('destroy', '-auto-approve', ...vars.flatMap(asVar))
  }

  runs(...args: string[]): Promise<Ran> {
    const env = { PATH: process.env.PATH, HOME: this.#folder, NO_COLOR: '1', ...this.#env }
    const child = spawn(join(built, 'tofu'), args, {
      cwd: this.#folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        text += String(chunk)
      })
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve({ code, text }))
    })
  }
}

function asVar(text: string): string[] {
  return ['-var', text]
}
