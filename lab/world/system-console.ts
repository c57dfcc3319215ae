import { Getty, type GettyHost } from './getty.ts'
import { KernelLog, TTY } from './kernel-log.ts'
import type { SerialLine, SerialReader } from './serial.ts'
import type { Clock, LiveInterface } from './types.ts'

export interface SystemConsoleHost {
  readonly title: string
  hostname(): string
  isPassword(user: string, password: string): boolean
  run(command: string, args: readonly string[]): string | null
  /** At once, without a shutdown: what the magic SysRq keys do. */
  cut(power: 'poweroff' | 'reboot'): void
}

const SYSRQ_HELP =
  'sysrq: HELP : loglevel(0-9) reboot(b) crash(c) terminate-all-tasks(e) poweroff(o) sync(s) unmount(u)'

/** An installed system's console on its serial port: the kernel's log, systemd's words, cloud-init's, and a login. */
export class SystemConsole implements SerialReader {
  readonly log: KernelLog
  readonly #serial: SerialLine
  readonly #host: SystemConsoleHost
  readonly #clock: Clock
  #getty: Getty | null = null
  /** The key that follows a break is the kernel's. */
  #sysrq = false

  constructor(serial: SerialLine, clock: Clock, signal: AbortSignal, host: SystemConsoleHost) {
    this.#serial = serial
    this.#clock = clock
    this.#host = host
    this.log = new KernelLog(serial, clock, signal)
    serial.readBy(this)
  }

  type(bytes: Buffer): void {
    let rest = bytes
    if (this.#sysrq && bytes.length > 0) {
      this.#sysrq = false
      this.#heed(String.fromCharCode(bytes[0] ?? 0))
      rest = bytes.subarray(1)
    }
    if (rest.length > 0) this.#getty?.type(rest)
  }

  break(): void {
    this.#sysrq = true
  }

  /** `stage` as in cloud-init's own words: init-local, init, modules:config, modules:final. */
  cloudInit(stage: string): void {
    const time = new Date(this.#clock.now()).toUTCString()
    const up = this.log.uptime().toFixed(2)
    this.log.program(
      'cloud-init[812]',
      `Cloud-init v. 23.4.4 running '${stage}' at ${time}. Up ${up} seconds.`,
    )
  }

  /** The table of cloud-init's `init` stage, by which everybody finds a machine's address. */
  netInfo(interfaces: readonly LiveInterface[]): void {
    const rows = interfaces.map(({ name, mac, activeNic, lease }) => {
      const cells = [
        name.padEnd(10),
        (activeNic === null ? 'False' : 'True').padEnd(5),
        (lease?.ip ?? '.').padEnd(15),
        mac,
      ]
      return `ci-info: | ${cells.join(' | ')} |`
    })
    const line = `ci-info: +${'Net device info'.padStart(34, '+').padEnd(54, '+')}+`
    const head = `ci-info: | ${'Device'.padEnd(10)} |   Up  | ${'Address'.padEnd(15)} | ${'Hw-Address'.padEnd(17)} |`
    this.log.program('cloud-init[812]', [line, head, ...rows].join('\n'))
  }

  login(): void {
    const { title, hostname, isPassword, run } = this.#host
    const host: GettyHost = { title, tty: TTY, hostname, isPassword, run }
    this.#getty = new Getty(this.#serial, host)
    this.#getty.greet()
  }

  /** `why`: what began the shutdown. */
  shutDown(power: 'poweroff' | 'reboot', spanMs: number, why: string): void {
    this.#getty?.close()
    this.#getty = null
    this.#serial.print('')
    this.log.program('systemd-logind[640]', why)
    const target = power === 'reboot' ? 'System Reboot' : 'System Power Off'
    this.log.narrate(spanMs, [
      { reached: `Stopped Serial Getty on ${TTY}.` },
      { reached: 'Stopped target Multi-User System.' },
      { reached: 'Stopped target Network.' },
      { reached: 'Unmounted /boot/efi.' },
      { reached: `Reached target ${target}.` },
      { kernel: power === 'reboot' ? 'reboot: Restarting system' : 'reboot: Power down' },
    ])
  }

  #heed(key: string): void {
    const power = key === 'b' ? 'reboot' : key === 'o' ? 'poweroff' : null
    if (power === null) this.log.kernel(SYSRQ_HELP)
    else {
      this.log.kernel(power === 'reboot' ? 'sysrq: Resetting' : 'sysrq: Power Off')
      this.#host.cut(power)
    }
  }
}
