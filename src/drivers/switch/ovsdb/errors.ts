import { FerruleError } from '../../../domain/errors.ts'

/** Every error of the driver names the switch and never shows a credential. */
export function unreachable(address: string, seen: string): FerruleError {
  return new FerruleError(
    'switch-unreachable',
    `Switch ${address} cannot be reached: ${seen}`,
    'Check its power, the management network, and that its ovsdb-server listens there (`ovs-vsctl get-manager`); the call may be repeated.',
    { address },
  )
}

export function unauthorised(address: string, seen: string): FerruleError {
  return new FerruleError(
    'switch-auth',
    `Switch ${address} and Ferrule do not trust each other: ${seen}`,
    'Compare the PEM file of the rack file (key, certificate, authority) with `ovs-vsctl get-ssl` on the switch.',
    { address },
  )
}

export function refused(address: string, what: string, said: string): FerruleError {
  return new FerruleError(
    'switch-refused',
    `Switch ${address} refused "${what}": ${said}`,
    'Read what the switch says; nothing of the change was made.',
    { address, device: said },
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
