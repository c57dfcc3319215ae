import { FerruleError } from '../domain/errors.ts'
import type { BmcProtocol } from '../domain/host.ts'

/** What a caller says about a host's BMC; which of it is needed depends on the protocol. */
export interface BmcInput {
  address?: string | undefined
  username?: string | undefined
  password?: string | undefined
  protocol?: BmcProtocol | undefined
  fingerprint?: string | undefined
  /** Of the SSH host key; null takes it away. */
  sshFingerprint?: string | null | undefined
  /** Redfish's Id of the system; null takes it away. */
  system?: string | null | undefined
  /** K_g in hex; null takes it away. */
  kg?: string | null | undefined
}

/** MAAS or a person switches the host, so that nobody of us needs an address. */
export function isReachedByOthers(protocol: BmcProtocol): boolean {
  return protocol === 'maas' || protocol === 'manual'
}

/** Throws invalid-input that names the field. */
export function checkBmc(protocol: BmcProtocol, bmc: Omit<BmcInput, 'protocol'>): void {
  if (!isReachedByOthers(protocol)) {
    for (const field of ['address', 'username', 'password'] as const) {
      if (!bmc[field]) throw missing(protocol, field)
    }
  }
  if (bmc.sshFingerprint && protocol !== 'auto' && protocol !== 'redfish') {
    throw invalid(
      'bmc.sshFingerprint',
      `protocol ${protocol} has no console by SSH`,
      'Leave the fingerprint out, or use protocol redfish or auto.',
    )
  }
  if (bmc.fingerprint && protocol !== 'auto' && protocol !== 'redfish') {
    throw invalid(
      'bmc.fingerprint',
      `protocol ${protocol} has no certificates`,
      'Leave the fingerprint out, or use protocol redfish or auto.',
    )
  }
}

function missing(protocol: BmcProtocol, field: string): FerruleError {
  return invalid(
    `bmc.${field}`,
    `protocol ${protocol} needs the ${field} of the BMC`,
    `Give the ${field}; or use protocol maas or manual for a host whose BMC cannot be reached from here.`,
  )
}

/** SHA-256 as hex without colons, in lower case, however it was written. */
export function normaliseFingerprint(text: string): string {
  const hex = text.replaceAll(':', '').toLowerCase()
  if (/^[0-9a-f]{64}$/.test(hex)) return hex
  throw invalid(
    'fingerprint',
    'this is no SHA-256 fingerprint',
    'Give its 64 hexadecimal digits, with or without colons.',
  )
}

/** As OpenSSH prints it: SHA256 and base64 without padding. */
export function normaliseSshFingerprint(text: string): string {
  const [, base64] = /^(?:SHA256:)?([A-Za-z0-9+/]{43})=?$/.exec(text) ?? []
  if (base64 !== undefined) return `SHA256:${base64}`
  throw invalid(
    'sshFingerprint',
    'this is no SHA-256 fingerprint of an SSH key',
    'Give it as ssh-keygen -l prints it: SHA256: and 43 characters.',
  )
}

/** One spelling, so that two hosts cannot have one BMC: IPMI's own port goes without saying. */
export function normaliseAddress(address: string | undefined, protocol: BmcProtocol): string | null {
  if (!address) return null
  const plain = address.trim().toLowerCase()
  return protocol === 'redfish' ? plain.replace(/:443$/, '') : plain.replace(/:623$/, '')
}

function invalid(field: string, message: string, remedy: string): FerruleError {
  return new FerruleError('invalid-input', message, remedy, { field })
}
