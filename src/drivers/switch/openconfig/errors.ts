import { FerruleError } from '../../../domain/errors.ts'

/** Every error of the driver names the switch and never shows a credential. */
export function unreachable(address: string, seen: string): FerruleError {
  return new FerruleError(
    'switch-unreachable',
    `Switch ${address} cannot be reached: ${seen}`,
    'Check its power, the management network, and that its management service is enabled there; the call may be repeated.',
    { address },
  )
}

export function unauthorised(address: string, seen: string): FerruleError {
  return new FerruleError(
    'switch-auth',
    `Switch ${address} refused the login: ${seen}`,
    'Correct the credentials in the rack file, and the role of the user on the switch.',
    { address },
  )
}

/** What it shows is not what a person has trusted. Nothing of ours was sent. */
export function untrusted(address: string, what: string, seen: string): FerruleError {
  return new FerruleError(
    'switch-auth',
    `Switch ${address} shows ${what} that nobody has trusted: ${seen}. No login was sent to it`,
    'Read the fingerprint on the switch itself; only if it is the same, write it as `fingerprint` into the rack file.',
    { address, fingerprint: seen },
  )
}

export function refused(address: string, what: string, said: string, details = {}): FerruleError {
  return new FerruleError(
    'switch-refused',
    `Switch ${address} refused "${what}": ${said}`,
    'Read what the switch says.',
    { address, device: said, ...details },
  )
}

/** What it answers is not what the protocol or the model allows. */
export function notUnderstood(address: string, what: string): FerruleError {
  return new FerruleError(
    'switch-refused',
    `Switch ${address} does not answer as OpenConfig has it: ${what}`,
    'Check its type in the rack file, and that it serves openconfig-interfaces and openconfig-vlan.',
    { address, device: what },
  )
}

export function mismatch(address: string, said: string, ports: readonly string[]): FerruleError {
  return new FerruleError(
    'switch-mismatch',
    `Switch ${address} accepted the change, but ${said}`,
    'Look at the port on the switch: somebody else may be writing it, or a feature of the port overrides it.',
    { address, ports },
  )
}

export function leaseLost(address: string): FerruleError {
  return new FerruleError(
    'lease-lost',
    `The lease on switch ${address} was lost while it was being written`,
    'The operation that holds it now, or a repeat of this one, brings the ports to their wanted state.',
    { address },
  )
}
