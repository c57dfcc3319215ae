/**
 * unreachable: no answer in time. auth: user, password, privilege or BMC key refused. busy: no free session.
 * suite: the BMC refuses the cipher suite. command: a completion code other than 0.
 */
export type IpmiFailure = 'unreachable' | 'auth' | 'busy' | 'suite' | 'command'

/** What went wrong when the lab's MAAS talked to a BMC. */
export class IpmiError extends Error {
  readonly kind: IpmiFailure
  /** RMCP+ status or IPMI completion code, where the BMC gave one. */
  readonly code: number | null

  constructor(kind: IpmiFailure, message: string, code: number | null = null) {
    super(code === null ? message : `${message} (0x${code.toString(16).padStart(2, '0')})`)
    this.name = 'IpmiError'
    this.kind = kind
    this.code = code
  }
}
