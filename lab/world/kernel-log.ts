import type { SerialLine, SerialText } from './serial.ts'
import type { Clock, Machine, Nic } from './types.ts'

export const KERNEL = '5.15.0-91-generic'
/** The serial port that Linux calls ttyS1 is the one that most BMCs listen in on. */
export const TTY = 'ttyS1'

const OK = '[\x1b[0;32m  OK  \x1b[0m]'
const WAITING = '[\x1b[0;31m***   \x1b[0m]'

/** Lines of one Linux that runs, with the seconds since it began to. */
export class KernelLog {
  readonly #serial: SerialLine
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #start: number

  constructor(serial: SerialLine, clock: Clock, signal: AbortSignal) {
    this.#serial = serial
    this.#clock = clock
    this.#signal = signal
    this.#start = clock.now()
  }

  /** Seconds since the kernel began. */
  uptime(): number {
    return (this.#clock.now() - this.#start) / 1000
  }

  kernel(text: string): void {
    this.#serial.print(this.#stamped(text))
  }

  /** systemd's word about a unit. */
  reached(what: string): void {
    this.#serial.print(`${OK} ${what}`)
  }

  waiting(job: string, waitedMs: number, limit: string): void {
    this.#serial.print(
      `${WAITING} A start job is running for ${job} (${Math.round(waitedMs / 1000)}s / ${limit})`,
    )
  }

  /** A program's output, as the journal shows it on the console. */
  program(name: string, text: string): void {
    for (const line of text.replace(/\n$/, '').split('\n')) this.kernel(`${name}: ${line}`)
  }

  /** Kernel and systemd lines (these as they are) over a span of time. */
  narrate(spanMs: number, lines: readonly ({ kernel: string } | { reached: string })[]): void {
    const texts: SerialText[] = lines.map((line) =>
      'kernel' in line ? () => this.#stamped(line.kernel) : `${OK} ${line.reached}`,
    )
    this.#serial.narrate(spanMs, texts, this.#signal)
  }

  #stamped(text: string): string {
    return `[${this.uptime().toFixed(6).padStart(12)}] ${text}`
  }
}

interface KernelBoot {
  machine: Pick<Machine, 'cpuCount' | 'memoryMiB' | 'disks'>
  nics: readonly Nic[]
  hasLink: (nic: Nic) => boolean
  /** What it was loaded with. */
  commandLine: string
  title: string
}

/** From the kernel's first word to systemd's first. */
export function kernelBoot({ machine, nics, hasLink, commandLine, title }: KernelBoot): { kernel: string }[] {
  const lines = [
    `Linux version ${KERNEL} (buildd@lab) (gcc 11.4.0) #101-Ubuntu SMP`,
    `Command line: ${commandLine} console=tty0 console=${TTY},115200n8`,
    `Memory: ${(machine.memoryMiB - 512) * 1024}K/${machine.memoryMiB * 1024}K available`,
    `smp: Brought up 1 node, ${machine.cpuCount} CPUs`,
    `printk: console [${TTY}] enabled`,
    ...machine.disks.map(({ name, size }, port) => {
      const sectors = Math.floor(size / 512)
      return `sd ${port}:0:0:0: [${name}] ${sectors} 512-byte logical blocks: (${Math.round(size / 1e9)} GB)`
    }),
    ...nics.map((nic, index) => `ixgbe 0000:3b:00.${index} ${nic.name}: renamed from eth${index}`),
    ...nics.map((nic) =>
      hasLink(nic)
        ? `ixgbe ${nic.name}: NIC Link is Up 10 Gbps, Flow Control: None`
        : `ixgbe ${nic.name}: NIC Link is Down`,
    ),
    `systemd[1]: systemd 249.11 running in system mode`,
    `systemd[1]: Welcome to ${title}!`,
  ]
  return lines.map((kernel) => ({ kernel }))
}

export function titleOf(image: string): string {
  const known: Record<string, string> = {
    'ubuntu/focal': 'Ubuntu 20.04 LTS',
    'ubuntu/jammy': 'Ubuntu 22.04 LTS',
    'ubuntu/noble': 'Ubuntu 24.04 LTS',
    'centos/centos70': 'CentOS Linux 7 (Core)',
  }
  return known[image] ?? image
}
