import ssh2 from 'ssh2'
import { FerruleError } from '../../../domain/errors.ts'
import { splitAddress } from '../address.ts'
import type { SwitchEndpoint } from '../types.ts'

/** IANA's port of SSH. */
const DEFAULT_PORT = 22

export interface SshTarget {
  /** As in the rack file: for messages. */
  address: string
  host: string
  port: number
  username: string
  login: { password: string } | { privateKey: string }
  /** Undefined: any key, because a person said so. */
  fingerprint: string | undefined
  /** Algorithms that are broken, for old switches, because a person said so. */
  legacy: boolean
}

/** What is wrong with an endpoint, in words that hold no secret. */
export function endpointFaults(endpoint: SwitchEndpoint): string[] {
  const { address, fingerprint, insecure, password } = endpoint
  const faults: string[] = []
  if (fingerprint === undefined && insecure !== true) {
    faults.push(
      `Switch ${address} is driven by SSH and has no fingerprint: give the SHA-256 of its host key (ssh-keyscan HOST | ssh-keygen -lf -), or insecure: true to accept any key`,
    )
  }
  if (fingerprint !== undefined && !/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(fingerprint)) {
    faults.push(
      `The fingerprint of switch ${address} is not one of an SSH host key: it is "SHA256:" and 43 characters, as ssh-keygen -lf prints it`,
    )
  }
  if (isPem(password)) {
    const key = ssh2.utils.parseKey(password)
    // the library's words may quote the key
    if (key instanceof Error || !key.isPrivateKey()) {
      faults.push(
        `The password of switch ${address} looks like a private key, but none can be read from it: it must be whole and without a passphrase`,
      )
    }
  }
  return faults
}

/** @throws invalid-input, so that a damaged file never becomes a login at a stranger's */
export function sshTarget(endpoint: SwitchEndpoint): SshTarget {
  const [fault] = endpointFaults(endpoint)
  const { address, username, password, fingerprint, insecure } = endpoint
  if (fault !== undefined) {
    throw new FerruleError(
      'invalid-input',
      fault,
      'Correct the switch in the rack file; nothing was sent to it.',
      {
        address,
      },
    )
  }
  return {
    address,
    ...splitAddress(address, DEFAULT_PORT),
    username,
    login: isPem(password) ? { privateKey: password } : { password },
    fingerprint: fingerprint?.replace(/=$/, ''),
    legacy: insecure === true,
  }
}

function isPem(password: string): boolean {
  return /^\s*-----BEGIN [A-Z0-9 ]+-----/.test(password)
}
