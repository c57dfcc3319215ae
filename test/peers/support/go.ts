import { execFileSync } from 'node:child_process'

/** Builds a Go program of a folder; its path. Throws what to install if there is no Go. */
export function buildGo(folder: string, program: string): string {
  try {
    execFileSync('go', ['build', '-buildvcs=false', '-o', program, '.'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      throw new Error(
        'go is not installed: run `apt-get install -y golang-go` (1.24 or newer), or see go.dev/doc/install',
      )
    throw cause
  }
  return program
}
