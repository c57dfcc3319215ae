import ssh2 from 'ssh2'
import { splitAddress } from '../../address.ts'
import type { SwitchEndpoint } from '../../types.ts'

/** IANA's port of NETCONF over SSH (RFC 6242 §3). */
const DEFAULT_PORT = 830

export interface NetconfTarget {
  /** As in the rack file: for messages. */
  address: string
  host: string
  port: number
  username: string
  login: { password: string } | { privateKey: string }
  /** As ssh-keygen prints it; null: any key, because a person said so. */
  fingerprint: string | null
}

export function netconfTarget(endpoint: SwitchEndpoint): NetconfTarget {
  const { address, username, password, fingerprint } = endpoint
  return {
    address,
    ...splitAddress(address, DEFAULT_PORT),
    username,
    login: isKey(password) ? { privateKey: password } : { password },
    fingerprint: fingerprint === undefined ? null : bare(fingerprint),
  }
}

/** For the person who wrote the rack file; empty if it can be opened. */
export function netconfFaults({ address, password, fingerprint, insecure }: SwitchEndpoint): string[] {
  const faults: string[] = []
  if (fingerprint === undefined && insecure !== true) {
    faults.push(
      `Switch ${address} has no fingerprint of its SSH host key. Write what \`ssh-keygen -lf\` shows of it as \`fingerprint\` (SHA256:…), or accept any key with \`insecure: true\`.`,
    )
  }
  if (fingerprint !== undefined && !/^SHA256:[A-Za-z0-9+/]{43}$/.test(bare(fingerprint))) {
    faults.push(
      `The fingerprint of switch ${address} is not that of an SSH host key (SHA256: and 43 characters).`,
    )
  }
  if (isKey(password) && ssh2.utils.parseKey(password) instanceof Error) {
    faults.push(`The private key of switch ${address} cannot be read: it is damaged, or it has a passphrase.`)
  }
  return faults
}

function isKey(password: string): boolean {
  return password.includes('PRIVATE KEY-----')
}

function bare(fingerprint: string): string {
  return fingerprint.trim().replace(/=+$/, '')
}
