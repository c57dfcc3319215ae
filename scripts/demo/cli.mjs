import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../start/places.mjs'

/**
 * Runs the CLI as a person would, with `--output json`.
 *
 * @param {{ url: string, token: string, say?: (line: string) => void }} daemon
 */
export function createCli({ url, token, say = () => {} }) {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('FERRULE_'))
  const env = { ...Object.fromEntries(own), FERRULE_TOKEN: token, FERRULE_URL: url }

  /** @returns {Promise<any>} the answer. Rejects when the exit code is not 0. */
  async function ferrule(words, more = {}) {
    say(`$ ferrule ${words.join(' ')}`)
    const { code, stdout, stderr } = await run(
      process.execPath,
      [join(root, 'bin', 'ferrule'), '--output', 'json', ...words],
      { env: { ...env, ...more } },
    )
    if (code !== 0)
      throw new Error(`ferrule ${words.join(' ')} ended with ${code}:\n${stderr.trim() || stdout.trim()}`)
    return JSON.parse(stdout)
  }

  /** What a person would read; never fails. */
  async function asText(words) {
    const { stdout, stderr } = await run(process.execPath, [join(root, 'bin', 'ferrule'), ...words], { env })
    return `${stdout}${stderr}`.trim()
  }
  return { ferrule, asText }
}

/** @returns {Promise<{ code: number | null, stdout: string, stderr: string }>} */
export function run(command, args, { env, input = '' }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: 'pipe' })
    const output = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'])
      child[stream].setEncoding('utf8').on('data', (text) => {
        output[stream] += text
      })
    // a program that does not read its input may end before it is written
    child.stdin.on('error', () => {}).end(input)
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...output }))
  })
}
