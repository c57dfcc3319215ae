import { KERNEL } from './kernel-log.ts'
import type { LiveInterface } from './types.ts'

export interface ShellSystem {
  hostname(): string
  interfaces(): readonly LiveInterface[]
  files(): Readonly<Record<string, string>>
  uptimeSeconds(): number
  power(request: 'poweroff' | 'reboot'): void
}

/** The programs of the toy shell; null: there is none of this name. */
export function runShellCommand(
  system: ShellSystem,
  command: string,
  args: readonly string[],
): string | null {
  switch (command) {
    case 'hostname':
      return `${system.hostname()}\n`
    case 'uname':
      return `Linux ${system.hostname()} ${KERNEL} x86_64 GNU/Linux\n`
    case 'uptime':
      return ` up ${Math.floor(system.uptimeSeconds() / 60)} min\n`
    case 'ip':
      return ip(system, args)
    case 'cat':
      return args.map((path) => system.files()[path] ?? `cat: ${path}: No such file or directory\n`).join('')
    case 'reboot':
    case 'poweroff':
      system.power(command)
      return ''
    default:
      return null
  }
}

/** `ip -br addr` and `ip -br link`, shortened or not. */
function ip(system: ShellSystem, args: readonly string[]): string {
  const [object = 'addr'] = args.filter((word) => !word.startsWith('-'))
  const links = 'link'.startsWith(object)
  if (!links && !'address'.startsWith(object)) return `Object "${object}" is unknown, try "ip help".\n`
  const rows = system.interfaces().map(({ name, mac, activeNic, lease, ip6 = [] }) => {
    const state = activeNic === null ? 'DOWN' : 'UP'
    const addresses = [
      ...(lease === null ? [] : [`${lease.ip}/24`]),
      ...ip6.map((one) => `${one.address}/64`),
    ]
    return [name, state, links ? mac : addresses.join(' ')] as const
  })
  const lo = ['lo', 'UNKNOWN', links ? '00:00:00:00:00:00' : '127.0.0.1/8'] as const
  const lines = [lo, ...rows].map(([name, state, rest]) => `${name.padEnd(16)} ${state.padEnd(14)} ${rest}`)
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}
