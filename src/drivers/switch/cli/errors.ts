import { FerruleError } from '../../../domain/errors.ts'

/** Every error of the driver names the switch; none has what a switch said beside a refusal: it may be a secret. */
export function unreachable(address: string, seen: string): FerruleError {
  return new FerruleError(
    'switch-unreachable',
    `Switch ${address} cannot be reached: ${seen}`,
    'Check its power, the management network and that SSH is enabled on it.',
    { address },
  )
}

export function unauthorised(
  address: string,
  seen: string,
  more: Record<string, unknown> = {},
): FerruleError {
  return new FerruleError(
    'switch-auth',
    `Switch ${address} and Ferrule do not trust each other: ${seen}`,
    'Compare user, password and fingerprint of the rack file with the switch, and the rights of that user.',
    { address, ...more },
  )
}

export function refused(address: string, what: string, said: string): FerruleError {
  return new FerruleError(
    'switch-refused',
    `Switch ${address} refused "${what}": ${said}`,
    'Read what the switch says; it may need a setting on the port, or the user more rights.',
    { address, line: what, device: said },
  )
}

/** It speaks, but not as its type does. */
export function strange(address: string, product: string, seen: string): FerruleError {
  return new FerruleError(
    'switch-refused',
    `Switch ${address} does not speak as ${product}: ${seen}`,
    'Check the type of the switch in the rack file, and that the user gets its usual command line.',
    { address },
  )
}

export function swallowed(address: string, lines: readonly string[]): FerruleError {
  return new FerruleError(
    'switch-mismatch',
    `Switch ${address} accepted "${lines.map((line) => line.trim()).join(' / ')}", but its running configuration does not show it`,
    'Look at the port on the switch: somebody else may be writing it, or a feature of the port overrides it.',
    { address, lines },
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
