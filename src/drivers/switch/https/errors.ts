import { FerruleError } from '../../../domain/errors.ts'

/** Every error names the switch as the rack file does and never shows a credential. */
export function unreachable(address: string, seen: string): FerruleError {
  return new FerruleError(
    'switch-unreachable',
    `Switch ${address} cannot be reached: ${seen}`,
    'Check its power, the management network and that its HTTP interface is enabled; the call may be repeated.',
    { address },
  )
}

export function untrusted(address: string, seen: string): FerruleError {
  return new FerruleError(
    'switch-auth',
    `Switch ${address} is not the one of the rack file: ${seen}. Nothing was sent to it.`,
    'Compare its certificate on the switch itself; only if it is the right one, correct fingerprint or ca in the rack file.',
    { address },
  )
}

export function unauthorised(address: string, status: number): FerruleError {
  return new FerruleError(
    'switch-auth',
    `Switch ${address} refused the user name or password, or what the user may do (HTTP ${status})`,
    'Correct the credentials in the rack file, or the role of the user on the switch.',
    { address, httpStatus: status },
  )
}

export function refused(
  address: string,
  what: string,
  said: string,
  details: Record<string, unknown> = {},
): FerruleError {
  return new FerruleError(
    'switch-refused',
    `Switch ${address} refused "${what.slice(0, 200)}": ${said.slice(0, 400)}`,
    'Read what the switch says; it may need a setting on the port, or the user more rights.',
    { address, device: said.slice(0, 400), ...details },
  )
}

/** The switch said yes and shows something else. */
export function mismatch(address: string, seen: string): FerruleError {
  return new FerruleError(
    'switch-mismatch',
    `Switch ${address} accepted the change, but ${seen}`,
    'Look at the port on the switch: somebody else may be writing it, or a feature of the port overrides it.',
    { address },
  )
}

export function noSuchPort(address: string, port: string, why: string): FerruleError {
  return new FerruleError(
    'not-found',
    `Switch ${address} has no switch port ${port}${why}`,
    'Correct the port in the rack file, or its setting on the switch.',
    { address, port },
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
