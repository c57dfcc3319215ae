import { type Answer, done, refused } from './answer.ts'
import { byteAt, le16 } from './bytes.ts'
import { COMPLETION } from './message.ts'
import { PRIVILEGE } from './sessions.ts'

/** SOL configuration parameters (IPMI 2.0 table 26-5). */
const PARAMETER = {
  setInProgress: 0,
  enable: 1,
  authentication: 2,
  accumulate: 3,
  retry: 4,
  nonVolatileBitRate: 5,
  volatileBitRate: 6,
  channel: 7,
  port: 8,
} as const

const PARAMETER_REVISION = 0x11
const READ_ONLY = 0x82
const RMCP_PORT = 623
const LAN_CHANNEL = 1

export const FORCE_ENCRYPTION = 0x80
const FORCE_AUTHENTICATION = 0x40

/** Bytes of each parameter that can be written. */
const LENGTH = new Map<number, number>([
  [PARAMETER.setInProgress, 1],
  [PARAMETER.enable, 1],
  [PARAMETER.authentication, 1],
  [PARAMETER.accumulate, 2],
  [PARAMETER.retry, 2],
  [PARAMETER.nonVolatileBitRate, 1],
  [PARAMETER.volatileBitRate, 1],
])

/** How serial over LAN behaves: written by Set, heeded by the channel, and kept over a restart of the BMC. */
export class SolSettings {
  private readonly values = new Map<number, Buffer>([
    [PARAMETER.setInProgress, Buffer.from([0])],
    [PARAMETER.enable, Buffer.from([1])],
    [PARAMETER.authentication, Buffer.from([FORCE_ENCRYPTION | FORCE_AUTHENTICATION | PRIVILEGE.operator])],
    // 12 × 5 ms, and as many characters as make a packet worth sending.
    [PARAMETER.accumulate, Buffer.from([12, 96])],
    // Seven times, 50 × 10 ms apart.
    [PARAMETER.retry, Buffer.from([7, 50])],
    // 115.2 kbit/s
    [PARAMETER.nonVolatileBitRate, Buffer.from([10])],
    [PARAMETER.volatileBitRate, Buffer.from([10])],
    [PARAMETER.channel, Buffer.from([LAN_CHANNEL])],
    [PARAMETER.port, le16(RMCP_PORT)],
  ])

  get enabled(): boolean {
    return (this.byte(PARAMETER.enable, 0) & 1) !== 0
  }

  get forcesEncryption(): boolean {
    return (this.byte(PARAMETER.authentication, 0) & FORCE_ENCRYPTION) !== 0
  }

  /** Lowest privilege level that may activate. */
  get privilege(): number {
    return this.byte(PARAMETER.authentication, 0) & 0x0f
  }

  get accumulateMs(): number {
    return this.byte(PARAMETER.accumulate, 0) * 5
  }

  get sendThreshold(): number {
    return this.byte(PARAMETER.accumulate, 1)
  }

  get retries(): number {
    return this.byte(PARAMETER.retry, 0) & 7
  }

  get retryMs(): number {
    return this.byte(PARAMETER.retry, 1) * 10
  }

  /** Set SOL Configuration Parameters: channel, parameter, value. */
  set(data: Buffer): Answer {
    const parameter = byteAt(data, 1)
    const length = LENGTH.get(parameter)
    if (length === undefined)
      return refused(this.values.has(parameter) ? READ_ONLY : COMPLETION.parameterNotSupported)
    const value = data.subarray(2)
    if (value.length !== length) return refused(COMPLETION.lengthInvalid)
    // 2 is "commit write": nothing is held back, so it ends the setting at once.
    const kept =
      parameter === PARAMETER.setInProgress && value[0] === 2 ? Buffer.from([0]) : Buffer.from(value)
    this.values.set(parameter, kept)
    return done()
  }

  /** Get SOL Configuration Parameters: channel (bit 7: revision only), parameter. */
  get(data: Buffer): Answer {
    const value = this.values.get(byteAt(data, 1))
    if (value === undefined) return refused(COMPLETION.parameterNotSupported)
    const revision = Buffer.from([PARAMETER_REVISION])
    return done((byteAt(data, 0) & 0x80) !== 0 ? revision : Buffer.concat([revision, value]))
  }

  private byte(parameter: number, at: number): number {
    return byteAt(this.values.get(parameter) ?? Buffer.alloc(0), at)
  }
}
