import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What one poll of many BMCs cost a program, processes that it started included. */
export interface Cost {
  wallMs: number
  cpuMs: number
}

export interface Rival {
  name: string
  /** Polls the power of each address (address:port) once. Throws if not each of them said on or off. */
  poll(addresses: readonly string[]): Cost
}

/** How many ipmitools run at once: each asks one BMC. */
const AT_ONCE = 16

/** As people run it: one process per BMC; the suite is given, since looking for one costs another round trip. */
export const ipmitool: Rival = {
  name: 'ipmitool',
  poll(addresses) {
    const port = portOf(addresses)
    const login = ['-I', 'lanplus', '-C', '17', '-H', '{}', '-p', port, '-U', 'admin', '-P', 'secret']
    const ask = ['ipmitool', ...login, 'chassis', 'power', 'status']
    const hosts = addresses.map((address) => address.replace(`:${port}`, '')).join('\n')
    return timed(
      addresses,
      ['xargs', '-P', String(AT_ONCE), '-I', '{}', ...ask],
      hosts,
      /Power is (on|off)$/gm,
    )
  },
}

/** A fleet has one port. */
function portOf(addresses: readonly string[]): string {
  return addresses[0]?.split(':')[1] ?? '623'
}

/** FreeIPMI's own program for clusters: one process for all of them. */
export const ipmipower: Rival = {
  name: 'ipmipower',
  poll: (addresses) =>
    timed(
      addresses,
      [
        'ipmipower',
        '-D',
        'LAN_2_0',
        '-I',
        '17',
        '-u',
        'admin',
        '-p',
        'secret',
        '--stat',
        '-h',
        addresses.join(','),
      ],
      '',
      /: (on|off)$/gm,
    ),
}

export const pyghmi: Rival = {
  name: 'pyghmi',
  poll: (addresses) =>
    timed(addresses, ['python3', pythonProgram()], addresses.join('\n'), /\S+ (on|off)$/gm),
}

/** Beside this file, or beside its source when this is the built one. */
function pythonProgram(): string {
  const here = fileURLToPath(new URL('.', import.meta.url))
  const beside = join(here, 'bmc-pyghmi.py')
  return existsSync(beside) ? beside : join(here, '../../bench/bmc-pyghmi.py')
}

/** Throws with the package to install. */
export function requireRivals({ python }: { python: boolean }): void {
  need('ipmitool', ['-V'], 'apt-get install -y ipmitool')
  need('ipmipower', ['--version'], 'apt-get install -y freeipmi-tools')
  need('xargs', ['--version'], 'apt-get install -y findutils')
  if (python) need('python3', ['-c', 'import pyghmi'], 'pip install pyghmi')
}

function need(program: string, args: string[], remedy: string): void {
  const { error, status } = spawnSync(program, args, { stdio: 'ignore' })
  if (error || status !== 0)
    throw new Error(`${[program, ...args].join(' ')} does not run: "${remedy}" installs what is missing`)
}

/**
 * Times by the shell's own `time`: wall, and user and system time of the command and of all that it has waited for
 * (getrusage of children), in milliseconds.
 */
function timed(
  addresses: readonly string[],
  command: readonly string[],
  input: string,
  answer: RegExp,
): Cost {
  const script = 'TIMEFORMAT="%3R %3U %3S"; time "$@" 2>/dev/null'
  const { stdout, stderr, error } = spawnSync('bash', ['-c', script, 'bench', ...command], {
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  })
  if (error) throw error
  const answers = stdout.match(answer)?.length ?? 0
  if (answers !== addresses.length)
    throw new Error(
      `${command[0]}: ${answers} of ${addresses.length} BMCs said on or off: ${stdout.slice(0, 500)}`,
    )
  const [wall = 0, user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000 }
}
