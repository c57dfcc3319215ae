import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** What a step of the program said, as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: JSON of a program that is not ours; a test looks into what it asked for
export type Said = any

/**
 * Runs a program that prints one JSON line per step and then waits for a line on its stdin: at each step the named look
 * is taken at the world. Rejects with what it wrote when it fails, or when it left a look out.
 */
export async function walk(
  command: readonly [string, ...string[]],
  missing: string,
  looks: Readonly<Record<string, (said: Said) => Promise<void> | void>>,
): Promise<void> {
  const [program, ...args] = command
  const child = spawn(program, args, { stdio: 'pipe' })
  const wanted = new Set(Object.keys(looks))
  let errors = ''
  child.stderr.on('data', (text) => {
    errors += String(text)
  })
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      errors += String(error)
      resolve(null)
    })
    child.once('close', resolve)
  })
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const said: Said = JSON.parse(line)
      const look = looks[said.step]
      if (look === undefined) throw new Error(`nobody looks at the step ${said.step}`)
      await look(said)
      wanted.delete(said.step)
      child.stdin.write('\n')
    }
  } finally {
    child.kill('SIGKILL')
  }
  if ((await ended) !== 0)
    throw new Error(/ENOENT|No module named/.test(errors) ? missing : `${program} failed: ${errors}`)
  if (wanted.size > 0) throw new Error(`${program} left out ${[...wanted].join(', ')}`)
}
