import { spawn } from 'node:child_process'

/** Runs a program of a Debian package to its end; its stdout. */
export function run(
  packageName: string,
  program: string,
  args: readonly string[],
  { env = {}, stdin = '' }: { env?: Record<string, string>; stdin?: string } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, timeout: 20_000 })
    let [out, err] = ['', '']
    child.stdout.on('data', (data) => {
      out += String(data)
    })
    child.stderr.on('data', (data) => {
      err += String(data)
    })
    child.once('error', (cause) =>
      reject(new Error(`${program} is missing: install ${packageName}`, { cause })),
    )
    child.once('close', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`${program} ended with ${code}: ${out}${err}`)),
    )
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin)
  })
}
